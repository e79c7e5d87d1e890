#include "session/model_config.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "base/text.hpp"
#include "workspace/files.hpp"

namespace thole {
namespace {

using Variables = std::function<std::string(const char*)>;

constexpr std::size_t key_limit = 16 * 1024;
constexpr std::int64_t most = 1'000'000'000;

void read_model(TomlReader& root, model::ModelsConfig& models) {
    TomlReader section = root.table("model");
    section.text("default", models.default_model);
    section.integer("max_retries", models.max_retries, 0, 20);
    section.text_map("aliases", models.aliases);
    section.texts("fallback", models.fallback);
    section.no_others();
    root.merge(section);
}

// A key may lie in a file of its own that nobody else can read.
Result<std::string> key_of_file(const std::string& file) {
    struct stat facts {};
    if (stat(file.c_str(), &facts) != 0) return system_error(errno, "read", file);
    if ((facts.st_mode & 077) != 0) {
        return fail(Code::denied, "others can read '" + file + "'; chmod 600 it");
    }
    Result<std::string> text = read_file(file, key_limit);
    if (!text) return text.error();
    std::string key(trim(*text));
    if (key.empty()) return fail(Code::invalid_argument, "'" + file + "' is empty");
    return key;
}

void read_key_file(TomlReader& section, model::ProviderConfig& provider) {
    std::string file;
    section.text("api_key_file", file);
    if (file.empty()) return;
    Result<std::string> key = key_of_file(file);
    if (!key) return section.fail_at("api_key_file", key.error().message);
    if (provider.api_key.empty()) provider.api_key = std::move(*key);
    provider.needs_key = true;
}

// Where its API is, and which one.
void read_place(TomlReader& section, model::ProviderConfig& provider) {
    section.one_of("api", provider.api, {"responses", "chat"});
    bool is_openai = provider.kind == "openai";
    if (!provider.api.empty() && !is_openai) section.fail_at("api", "is for kind \"openai\"");
    section.text("base_url", provider.base_url);
    std::string region;
    section.text("region", region);
    if (region.empty()) return;
    if (provider.kind != "bedrock") section.fail_at("region", "is for kind \"bedrock\"");
    bool is_usual_url = provider.base_url == model::bedrock_url(provider.region);
    if (is_usual_url) provider.base_url = model::bedrock_url(region);
    provider.region = region;
}

// A further provider of Bedrock uses the account of the environment, unless it names a key.
void take_account(const model::ModelsConfig& models, model::ProviderConfig& provider) {
    if (provider.kind != "bedrock" || !provider.api_key_env.empty()) return;
    for (const model::ProviderConfig& known : models.providers) {
        if (known.name != "bedrock") continue;
        provider.aws = known.aws;
        provider.api_key = known.api_key;
        provider.needs_key = true;
        provider.api_key_env = known.api_key_env;
        if (provider.region.empty()) provider.region = known.region;
        if (provider.base_url.empty()) provider.base_url = model::bedrock_url(provider.region);
    }
}

void read_provider(TomlReader& section, const std::string& name, const Variables& variables,
                   model::ProviderConfig& provider) {
    provider.name = name;
    section.one_of("kind", provider.kind, {"anthropic", "openai", "gemini", "bedrock"});
    read_place(section, provider);
    section.text("api_key_env", provider.api_key_env);
    section.text_pairs("headers", provider.headers);
    section.flag("needs_key", provider.needs_key);
    if (section.has("api_key")) {
        section.fail_at("api_key",
                        "keys do not belong into this file; put the key into an "
                        "environment variable and name that in api_key_env");
    }
    if (provider.kind.empty()) {
        section.fail_here("kind is missing: \"anthropic\", \"openai\", \"gemini\" or \"bedrock\"");
    }
    while (!provider.base_url.empty() && provider.base_url.back() == '/') {
        provider.base_url.pop_back();
    }
    if (!provider.api_key_env.empty()) {
        provider.api_key = variables(provider.api_key_env.c_str());
    } else if (provider.aws.secret_access_key.empty()) {
        provider.needs_key = false;
    }
    read_key_file(section, provider);
    section.no_others();
}

void read_providers(TomlReader& root, const Variables& variables, model::ModelsConfig& models) {
    TomlReader section = root.table("providers");
    for (const std::string& name : section.keys()) {
        model::ProviderConfig* provider = nullptr;
        for (model::ProviderConfig& known : models.providers) {
            if (known.name == name) provider = &known;
        }
        if (!provider) provider = &models.providers.emplace_back();
        TomlReader one = section.table(name);
        read_provider(one, name, variables, *provider);
        if (!one.has("needs_key")) take_account(models, *provider);
        section.merge(one);
    }
    root.merge(section);
}

// "provider/model": what the table of models does not know, or does not know right.
void read_model_settings(TomlReader& section, model::ModelSettings& settings) {
    section.text("title", settings.title);
    section.integer("context_size", settings.context_size, 1, most);
    section.integer("max_output_tokens", settings.max_output_tokens, 1, most);
    section.number("input_price", settings.input_price);
    section.number("output_price", settings.output_price);
    section.number("cached_read_price", settings.cached_read_price);
    section.number("cached_write_price", settings.cached_write_price);
    bool thinks = false, sees_images = false;
    section.flag("thinks", thinks);
    section.flag("images", sees_images);
    if (section.has("thinks")) settings.thinks = thinks;
    if (section.has("images")) settings.sees_images = sees_images;
    if (settings.input_price >= 0 && settings.cached_read_price < 0) {
        settings.cached_read_price = settings.input_price;
    }
    if (settings.input_price >= 0 && settings.cached_write_price < 0) {
        settings.cached_write_price = settings.input_price;
    }
    section.no_others();
}

void read_settings_of_models(TomlReader& root, model::ModelsConfig& models) {
    TomlReader section = root.table("models");
    for (const std::string& name : section.keys()) {
        if (name.find('/') == std::string::npos) {
            section.fail_at(name, "expected \"provider/model\"");
        }
        TomlReader one = section.table(name);
        read_model_settings(one, models.models[name]);
        section.merge(one);
    }
    root.merge(section);
}

}  // namespace

void read_models(TomlReader& root, const Variables& variables, model::ModelsConfig& models) {
    read_model(root, models);
    read_providers(root, variables, models);
    read_settings_of_models(root, models);
}

}  // namespace thole
