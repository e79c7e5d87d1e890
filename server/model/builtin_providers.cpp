#include <functional>

#include "model/models.hpp"

namespace thole::model {

namespace {

std::string without_slash(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

std::string or_else(std::string value, std::string_view fallback) {
    return value.empty() ? std::string(fallback) : without_slash(std::move(value));
}

// OLLAMA_HOST as Ollama reads it: a host, host:port or URL; 0.0.0.0 is where it listens, not where
// it is.
std::string ollama_url(std::string host) {
    host = or_else(std::move(host), "127.0.0.1:11434");
    if (host.find("://") == std::string::npos) host.insert(0, "http://");
    std::size_t start = host.find("://") + 3;
    if (host.compare(start, 7, "0.0.0.0") == 0) host.replace(start, 7, "127.0.0.1");
    bool has_port =
        host.find(':', host.rfind(']') == std::string::npos ? start : host.rfind(']')) !=
        std::string::npos;
    if (!has_port && host.starts_with("http://")) host += ":11434";
    return host + "/v1";
}

ProviderConfig gemini(const std::function<std::string(const char*)>& variable) {
    return {
        "gemini",
        "gemini",
        or_else(variable("GOOGLE_GEMINI_BASE_URL"), "https://generativelanguage.googleapis.com"),
        variable("GEMINI_API_KEY"),
        "GEMINI_API_KEY",
        true,
        {}};
}

ProviderConfig bedrock(const std::function<std::string(const char*)>& variable) {
    std::string region =
        or_else(variable("AWS_REGION"), or_else(variable("AWS_DEFAULT_REGION"), "us-east-1"));
    std::string url = or_else(variable("AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
                              or_else(variable("AWS_ENDPOINT_URL"), bedrock_url(region)));
    ProviderConfig made{"bedrock",
                        "bedrock",
                        std::move(url),
                        variable("AWS_BEARER_TOKEN_BEDROCK"),
                        "AWS_BEARER_TOKEN_BEDROCK",
                        true,
                        {}};
    made.aws = {variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"),
                variable("AWS_SESSION_TOKEN")};
    made.region = std::move(region);
    return made;
}

}  // namespace

std::string bedrock_url(const std::string& region) {
    return "https://bedrock-runtime." + region + ".amazonaws.com" +
           (region.starts_with("cn-") ? ".cn" : "");
}

std::vector<ProviderConfig> builtin_providers(
    const std::function<std::string(const char*)>& variable) {
    ProviderConfig anthropic{"anthropic",
                             "anthropic",
                             or_else(variable("ANTHROPIC_BASE_URL"), "https://api.anthropic.com"),
                             variable("ANTHROPIC_API_KEY"),
                             "ANTHROPIC_API_KEY",
                             true,
                             {}};
    ProviderConfig openai{"openai",
                          "openai",
                          or_else(variable("OPENAI_BASE_URL"), "https://api.openai.com/v1"),
                          variable("OPENAI_API_KEY"),
                          "OPENAI_API_KEY",
                          true,
                          {}};
    ProviderConfig openrouter{"openrouter",
                              "openai",
                              "https://openrouter.ai/api/v1",
                              variable("OPENROUTER_API_KEY"),
                              "OPENROUTER_API_KEY",
                              true,
                              {}};
    ProviderConfig ollama{"ollama", "openai", ollama_url(variable("OLLAMA_HOST")), "", "",
                          false,    {}};
    ProviderConfig llamacpp{"llamacpp", "openai", "http://127.0.0.1:8080/v1", "", "", false, {}};
    ProviderConfig demo{"demo", "demo", "", "", "", false, {}};
    return {anthropic,         openai, openrouter, gemini(variable),
            bedrock(variable), ollama, llamacpp,   demo};
}

}  // namespace thole::model
