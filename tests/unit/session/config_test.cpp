#include "session/config.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>

#include "support/scratch.hpp"

using namespace thole;

namespace {

Variables variables(std::map<std::string, std::string> values) {
    return [values](const char* name) {
        auto found = values.find(name);
        return found == values.end() ? std::string() : found->second;
    };
}

std::string error_of(const std::string& toml) {
    test::Scratch scratch;
    scratch.write("config.toml", toml);
    Result<Config> config = load_config(scratch / "config.toml", variables({}));
    if (config) return "no error";
    CHECK(config.error().code == Code::configuration);
    std::string message = config.error().message;
    std::string folder = scratch.path() + "/";
    if (message.starts_with(folder)) message.erase(0, folder.size());
    return message;
}

}  // namespace

TEST_CASE("without a file everything has its default") {
    test::Scratch scratch;
    Result<Config> config = load_config("", variables({{"XDG_CONFIG_HOME", scratch.path()}}));
    REQUIRE(config);
    CHECK(config->source == "");
    CHECK(config->mode == "default");
    CHECK(config->limits.max_turns_per_run == 128);
    CHECK(config->limits.max_tool_calls_per_turn == 200);
    CHECK(config->limits.checkpoint_interval == 5);
    CHECK(config->history_dir == ".thole/sessions");
    CHECK(config->rules == Rules{});
}

TEST_CASE("what is not settled yet is off until it is named") {
    test::Scratch scratch;
    Result<Config> none = load_config("", variables({{"XDG_CONFIG_HOME", scratch.path()}}));
    REQUIRE(none);
    CHECK(none->unstable == UnstableConfig());
    scratch.write("thole/config.toml", "[acp]\nunstable = [\"fork\", \"v2\"]\n");
    Result<Config> some = load_config("", variables({{"XDG_CONFIG_HOME", scratch.path()}}));
    REQUIRE(some);
    CHECK(some->unstable == UnstableConfig{.fork = true, .v2 = true});
    CHECK(error_of("[acp]\nunstable = [\"fork\", \"spoon\"]") ==
          "config.toml:2: [acp] unstable: there is no unstable feature 'spoon'; there are archive, "
          "fork, set_title, status, v2");
    CHECK(error_of("[acp]\nunstable = true") != "no error");
    CHECK(error_of("[acp]\nstable = []") != "no error");
}

TEST_CASE("every key of the file is read") {
    test::Scratch scratch;
    scratch.write("thole/config.toml", R"toml(
[model]
default = "work/big"
max_retries = 2
[model.aliases]
quick = "work/small"
[providers.work]
kind = "openai"
base_url = "https://gateway.example/v1/"
api_key_env = "WORK_KEY"
headers = { x-team = "boats" }
[permissions]
mode = "accept-edits"
allow = ["bash(git status)"]
deny = ["read(.env)"]
[session]
max_turns_per_run = 7
max_tool_calls_per_turn = 8
checkpoint_interval = 9
history_dir = "kept"
last_session_file = "kept/last"
)toml");
    Result<Config> config =
        load_config("", variables({{"XDG_CONFIG_HOME", scratch.path()}, {"WORK_KEY", "k"}}));
    REQUIRE(config);
    CHECK(config->source == scratch / "thole/config.toml");
    CHECK(config->models.default_model == "work/big");
    CHECK(config->models.max_retries == 2);
    CHECK(config->models.aliases.at("quick") == "work/small");
    const model::ProviderConfig& work = config->models.providers.back();
    CHECK(work.name == "work");
    CHECK(work.kind == "openai");
    CHECK(work.base_url == "https://gateway.example/v1");
    CHECK(work.api_key == "k");
    CHECK(work.needs_key);
    CHECK(work.headers == std::vector<std::pair<std::string, std::string>>{{"x-team", "boats"}});
    CHECK(config->mode == "accept-edits");
    CHECK(config->rules.allow.size() == 1);
    CHECK(config->rules.deny.size() == 1);
    CHECK(config->limits.max_turns_per_run == 7);
    CHECK(config->limits.max_tool_calls_per_turn == 8);
    CHECK(config->limits.checkpoint_interval == 9);
    CHECK(config->history_dir == "kept");
    CHECK(config->last_session_file == "kept/last");
}

TEST_CASE("THOLE_MODEL wins over the file") {
    test::Scratch scratch;
    scratch.write("config.toml", "[model]\ndefault = \"a/b\"\n");
    Result<Config> config =
        load_config(scratch / "config.toml", variables({{"THOLE_MODEL", "c/d"}}));
    REQUIRE(config);
    CHECK(config->models.default_model == "c/d");
}

TEST_CASE("errors of the file name file, line and key") {
    CHECK(error_of("[model]\ndefault = 3\n") ==
          "config.toml:2: [model] default: expected a string");
    CHECK(error_of("[model]\ndefualt = \"x\"\n") ==
          "config.toml:2: [model] defualt: there is no such key");
    CHECK(error_of("\n[modell]\n") == "config.toml:2: modell: there is no such key");
    CHECK(error_of("model = 1\n") == "config.toml:1: model: expected a table");
    CHECK(
        error_of("[session]\nmax_turns_per_run = 0\n") ==
        "config.toml:2: [session] max_turns_per_run: expected a whole number from 1 to 1000000000");
    CHECK(error_of("[permissions]\nallow = [\"read\", 2]\n") ==
          "config.toml:2: [permissions] allow: expected only strings");
    CHECK(error_of("[providers.x]\nbase_url = \"http://h\"\n") ==
          "config.toml:1: [providers.x]: kind is missing: \"anthropic\", \"openai\", "
          "\"gemini\" or \"bedrock\"");
    CHECK(error_of("[providers.x]\nkind = \"soap\"\n") ==
          "config.toml:2: [providers.x] kind: 'soap' is not known; legal values: \"anthropic\", "
          "\"openai\", \"gemini\", \"bedrock\"");
    CHECK(error_of("[providers.x]\nkind = \"gemini\"\napi = \"chat\"\n") ==
          "config.toml:3: [providers.x] api: is for kind \"openai\"");
    CHECK(error_of("[models.big]\ncontext_size = 1\n") ==
          "config.toml:1: [models] big: expected \"provider/model\"");
    CHECK(error_of("[models.\"x/y\"]\ninput_price = -1\n") ==
          "config.toml:2: [models.x/y] input_price: expected a number that is not negative");
}

TEST_CASE("models have settings and stand-ins, and a provider of Bedrock a region") {
    test::Scratch scratch;
    scratch.write("config.toml", R"toml(
[model]
fallback = ["openai/gpt-6-sol", "sonnet"]
[providers.eu]
kind = "bedrock"
region = "eu-west-1"
[providers.openai]
api = "chat"
[models."eu/mine"]
title = "Mine"
context_size = 1000
thinks = true
input_price = 1.5
output_price = 2
)toml");
    Result<Config> config =
        load_config(scratch / "config.toml",
                    variables({{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}}));
    REQUIRE(config);
    CHECK(config->models.fallback == std::vector<std::string>{"openai/gpt-6-sol", "sonnet"});
    const model::ProviderConfig& europe = config->models.providers.back();
    CHECK(europe.base_url == "https://bedrock-runtime.eu-west-1.amazonaws.com");
    CHECK(europe.region == "eu-west-1");
    CHECK(europe.aws.secret_access_key == "S");
    CHECK(europe.has_key());
    const model::ModelSettings& mine = config->models.models.at("eu/mine");
    CHECK(mine.title == "Mine");
    CHECK(mine.context_size == 1000);
    CHECK(mine.thinks == true);
    CHECK_FALSE(mine.sees_images.has_value());
    CHECK(mine.input_price == 1.5);
    CHECK(mine.output_price == 2);
}

namespace {

// "<key id> <region> <url> <fault>" of the last provider of Bedrock.
std::string account(const test::Scratch& scratch, const char* settings,
                    std::map<std::string, std::string> environment) {
    scratch.write("config.toml", settings);
    environment["AWS_SHARED_CREDENTIALS_FILE"] = scratch / "credentials";
    environment["AWS_CONFIG_FILE"] = scratch / "aws_config";
    Result<Config> config = load_config(scratch / "config.toml", variables(environment));
    if (!config) return config.error().message;
    std::string found;
    for (const model::ProviderConfig& provider : config->models.providers) {
        if (provider.kind != "bedrock") continue;
        found = provider.aws.access_key_id + "|" + provider.region + "|" + provider.base_url + "|" +
                provider.key_fault;
    }
    return found;
}

}  // namespace

TEST_CASE("Bedrock takes its keys and its region from a profile that is named") {
    test::Scratch scratch;
    scratch.write("credentials", "[work]\naws_access_key_id = W\naws_secret_access_key = S\n");
    scratch.write("aws_config",
                  "[profile work]\nregion = eu-west-3\n[profile sso]\nsso_session=x\n");
    const char* const named = "[providers.bedrock]\nprofile = \"work\"\n";
    std::string paris = "W|eu-west-3|https://bedrock-runtime.eu-west-3.amazonaws.com|";
    CHECK(account(scratch, "", {{"AWS_PROFILE", "work"}}) == paris);
    CHECK(account(scratch, named, {{"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", "S"}}) ==
          paris);
    CHECK(account(scratch, named, {{"AWS_BEARER_TOKEN_BEDROCK", "B"}}) == paris);
    CHECK(account(
              scratch, "",
              {{"AWS_PROFILE", "work"}, {"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", "S"}})
              .starts_with("E|us-east-1|"));
    CHECK(account(scratch, named, {{"AWS_REGION", "us-west-2"}}).starts_with("W|us-west-2|"));
    CHECK(account(scratch, "[providers.bedrock]\nprofile = \"work\"\nregion = \"us-east-1\"\n", {})
              .starts_with("W|us-east-1|"));
    CHECK(account(scratch, "[providers.asia]\nkind = \"bedrock\"\nprofile = \"work\"\n", {}) ==
          paris);
    CHECK(account(scratch, "", {{"AWS_PROFILE", "sso"}})
              .starts_with("|us-east-1|https://bedrock-runtime.us-east-1.amazonaws.com|the AWS "
                           "profile 'sso' signs in for its keys, "));
    CHECK(account(scratch, "[providers.openai]\nprofile = \"work\"\n", {})
              .ends_with("/config.toml:2: [providers.openai] profile: is for kind \"bedrock\""));
}

TEST_CASE("a file that is no TOML says where") {
    CHECK(error_of("[model]\ndefault = \n").starts_with("config.toml:2: "));
    for (const char* cut :
         {"[=",    "[",      "[[",     "[[=",     "[ ",     "[a.",          "[a.=",
          "[.",    "a",      "a.",     "a.=",     "=",      "= 1",          "a = [",
          "a = {", "a = {=", "a = {b", "a = {b.", "a = \"", "a = \"\"\"",   "\"",
          "'",     "[\"",    "[\"a\"", "[\"a\".", "#\r",    "\xef\xbb\xa8", "a = \xef\xbb\xa8"}) {
        CAPTURE(cut);
        CHECK(error_of(cut).starts_with("config.toml:1: "));
    }
}

TEST_CASE("a key in the file is refused and not repeated in the error") {
    std::string error = error_of("[providers.anthropic]\napi_key = \"sk-secret\"\n");
    CHECK(error.starts_with("config.toml:2: [providers.anthropic] api_key: keys do not belong"));
    CHECK(error.find("sk-secret") == std::string::npos);
}

TEST_CASE("a mode or a rule that cannot hold is an error") {
    CHECK(error_of("[permissions]\nmode = \"yolo\"\n")
              .starts_with("config.toml:2: [permissions] mode: "));
    CHECK(error_of("[permissions]\nallow = [\"bash(\"]\n")
              .starts_with("config.toml:1: [permissions]: "));
}

TEST_CASE("a named file that is not there is an error") {
    Result<Config> config = load_config("/no/such/config.toml", variables({}));
    REQUIRE(!config);
    CHECK(config.error().code == Code::configuration);
    CHECK(config.error().message.find("/no/such/config.toml") != std::string::npos);
}

TEST_CASE("state lives under XDG_STATE_HOME, else under the home directory") {
    CHECK(state_directory(variables({{"XDG_STATE_HOME", "/s"}})) == "/s/thole");
    CHECK(state_directory(variables({{"HOME", "/h"}})) == "/h/.local/state/thole");
    CHECK(state_directory(variables({{"HOME", "/h"}, {"XDG_STATE_HOME", "relative"}})) ==
          "/h/.local/state/thole");
}

TEST_CASE("a key may come from a file that nobody else can read") {
    test::Scratch scratch;
    scratch.write("key", "sk-from-file\n");
    scratch.write("config.toml",
                  "[providers.anthropic]\napi_key_file = \"" + (scratch / "key") + "\"\n");
    std::filesystem::permissions(scratch / "key", std::filesystem::perms(0600));
    auto key = [&](std::map<std::string, std::string> environment) -> std::string {
        Result<Config> config = load_config(scratch / "config.toml", variables(environment));
        if (!config) return config.error().message;
        for (const model::ProviderConfig& provider : config->models.providers) {
            if (provider.name == "anthropic") return provider.api_key;
        }
        return "no such provider";
    };
    CHECK(key({}) == "sk-from-file");
    CHECK(key({{"ANTHROPIC_API_KEY", "sk-environment"}}) == "sk-environment");
    std::filesystem::permissions(scratch / "key", std::filesystem::perms(0644));
    CHECK(key({}) == (scratch / "config.toml") +
                         ":2: [providers.anthropic] api_key_file: others can "
                         "read '" +
                         (scratch / "key") + "'; chmod 600 it");
    scratch.write("key", "");
    std::filesystem::permissions(scratch / "key", std::filesystem::perms(0600));
    CHECK(key({}).ends_with("is empty"));
}
