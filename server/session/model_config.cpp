#include "session/model_config.hpp"

#include <set>

#include "base/text.hpp"
#include "model/aws_profile.hpp"
#include "session/key_store.hpp"
#include "workspace/files.hpp"

namespace thole {
namespace {

using Variables = std::function<std::string(const char*)>;

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
void read_key_file(TomlReader& section, model::ProviderConfig& provider) {
    std::string file;
    section.text("api_key_file", file);
    if (file.empty()) return;
    Result<std::string> key = read_key(file);
    if (!key) return section.fail_at("api_key_file", key.error().message);
    if (provider.api_key.empty()) provider.api_key = std::move(*key);
    provider.needs_key = true;
}

void move_to(const std::string& region, model::ProviderConfig& provider) {
    bool is_usual_url = provider.base_url == model::bedrock_url(provider.region);
    if (is_usual_url) provider.base_url = model::bedrock_url(region);
    provider.region = region;
}

// Where its API is, and which one.
void read_place(TomlReader& section, model::ProviderConfig& provider) {
    section.one_of("api", provider.api, {"responses", "chat"});
    bool is_openai = provider.kind == "openai";
    if (!provider.api.empty() && !is_openai) section.fail_at("api", "is for kind \"openai\"");
    section.text("base_url", provider.base_url);
    std::string region;
    section.text("region", region);
    section.text("profile", provider.profile);
    for (const char* key : {"region", "profile"}) {
        bool is_misplaced = section.has(key) && provider.kind != "bedrock";
        if (is_misplaced) section.fail_at(key, "is for kind \"bedrock\"");
    }
    if (!region.empty()) move_to(region, provider);
}

constexpr std::size_t aws_file_limit = 1024 * 1024;

std::string aws_file(const Variables& variables, const char* variable, const char* name) {
    std::string path = variables(variable);
    if (path.empty()) path = variables("HOME") + "/.aws/" + name;
    return read_file(path, aws_file_limit).value_or("");
}

// A profile that the configuration names goes before the keys of the environment, one that the
// environment names (AWS_PROFILE) comes after them. `may_move`: nobody has said where the models
// are.
void take_profile(const Variables& variables, bool may_move, model::ProviderConfig& provider) {
    bool is_named_here = !provider.profile.empty();
    if (!is_named_here) provider.profile = variables("AWS_PROFILE");
    bool is_needed = is_named_here || (provider.needs_key && !provider.has_key());
    if (provider.profile.empty() || !is_needed) return provider.profile.clear();
    std::string credentials = aws_file(variables, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    std::string config = aws_file(variables, "AWS_CONFIG_FILE", "config");
    model::AwsProfile found = model::read_aws_profile(provider.profile, credentials, config);
    provider.api_key.clear();
    provider.needs_key = true;
    provider.aws = std::move(found.keys);
    provider.key_fault = std::move(found.fault);
    bool is_placed = !variables("AWS_REGION").empty() || !variables("AWS_DEFAULT_REGION").empty();
    bool moves = may_move && !is_placed && !found.region.empty();
    if (moves) move_to(found.region, provider);
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
    std::set<std::string> placed;
    for (const std::string& name : section.keys()) {
        model::ProviderConfig* provider = nullptr;
        for (model::ProviderConfig& known : models.providers) {
            if (known.name == name) provider = &known;
        }
        if (!provider) provider = &models.providers.emplace_back();
        TomlReader one = section.table(name);
        read_provider(one, name, variables, *provider);
        if (!one.has("needs_key")) take_account(models, *provider);
        if (one.has("region")) placed.insert(name);
        section.merge(one);
    }
    for (model::ProviderConfig& provider : models.providers) {
        bool may_move = !placed.contains(provider.name);
        if (provider.kind == "bedrock") take_profile(variables, may_move, provider);
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
