#include "session/config.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "base/clock.hpp"
#include "git/size.hpp"
#include "policy/modes.hpp"
#include "session/hook_config.hpp"
#include "session/key_store.hpp"
#include "session/model_config.hpp"
#include "session/profiles.hpp"
#include "session/toml_reader.hpp"
#include "workspace/files.hpp"

namespace thole {
namespace {

constexpr std::size_t config_limit = 1 << 20;
constexpr std::int64_t most = 1'000'000'000;

void read_permissions(TomlReader& root, Config& config) {
    TomlReader section = root.table("permissions");
    RuleTexts texts;
    section.text("mode", config.mode);
    section.texts("allow", texts.allow);
    section.texts("ask", texts.ask);
    section.texts("deny", texts.deny);
    if (Result<Mode> mode = parse_mode(config.mode); !mode) {
        section.fail_at("mode", mode.error().message);
    }
    Result<Rules> rules = parse_rules(texts);
    if (rules) {
        config.rules = std::move(*rules);
    } else {
        section.fail_here(rules.error().message);
    }
    section.no_others();
    root.merge(section);
}

void read_session(TomlReader& root, Config& config) {
    TomlReader section = root.table("session");
    Limits& limits = config.limits;
    section.text("history_dir", config.history_dir);
    section.text("last_session_file", config.last_session_file);
    section.integer("max_turns_per_run", limits.max_turns_per_run, 1, most);
    section.integer("max_tool_calls_per_turn", limits.max_tool_calls_per_turn, 1, most);
    section.integer("checkpoint_interval", limits.checkpoint_interval, 1, most);
    section.flag("auto_compact_on_finish", config.auto_compact_on_finish);
    std::string on_disconnect = "finish";
    section.one_of("on_disconnect", on_disconnect, {"finish", "cancel"});
    config.finishes_alone = on_disconnect == "finish";
    section.no_others();
    if (config.history_dir.empty()) section.fail_at("history_dir", "must not be empty");
    if (config.last_session_file.empty()) section.fail_at("last_session_file", "must not be empty");
    root.merge(section);
}

void read_memory(TomlReader& root, ContextPolicy& context) {
    TomlReader memory = root.table("memory");
    TomlReader section = memory.table("context");
    section.flag("enable_auto_summarize", context.enable_auto_summarize);
    section.integer("auto_summarize_threshold", context.auto_summarize_threshold, 1, 100);
    section.integer("max_retained_messages", context.max_retained_messages, 0, most);
    section.no_others();
    memory.merge(section);
    memory.no_others();
    root.merge(memory);
}

void read_approval(TomlReader& root, Config& config) {
    TomlReader section = root.table("approval");
    std::string timeout;
    section.text("timeout", timeout);
    if (!timeout.empty()) {
        Result<std::chrono::seconds> duration = parse_duration(timeout);
        if (duration) config.approval_timeout = *duration;
        if (!duration) section.fail_at("timeout", duration.error().message);
    }
    section.no_others();
    root.merge(section);
}

void read_subagents(TomlReader& root, Limits& limits) {
    TomlReader section = root.table("subagents");
    section.integer("max_parallel", limits.max_background_workers, 1, 1000);
    section.integer("max_depth", limits.max_depth, 0, 16);
    section.integer("max_total", limits.max_subagents, 0, most);
    section.no_others();
    root.merge(section);
}

void read_agent(TomlReader& section, Profile& profile) {
    section.text("description", profile.description);
    section.text("instruction", profile.instruction);
    section.text("model", profile.model);
    section.texts("tools", profile.tools);
    if (section.has("tools") && profile.tools.empty()) section.fail_at("tools", no_tools);
    section.flag("read_only", profile.is_read_only);
    section.no_others();
    if (Result<void> good = check_profile(profile); !good) {
        section.fail_here(good.error().message);
    }
}

void read_agents(TomlReader& root, Config& config) {
    TomlReader section = root.table("agents");
    for (const std::string& name : section.keys()) {
        Profile profile;
        profile.name = name;
        profile.source = config.source;
        TomlReader one = section.table(name);
        read_agent(one, profile);
        section.merge(one);
        std::erase_if(config.profiles, [&](const Profile& known) { return known.name == name; });
        config.profiles.push_back(std::move(profile));
    }
    root.merge(section);
}

void read_plan(TomlReader& root, PlanConfig& plan) {
    TomlReader section = root.table("plan");
    section.text("dir", plan.directory);
    section.text("export", plan.export_file);
    section.text("agent", plan.agent);
    section.text("executor", plan.executor);
    section.no_others();
    bool is_relative = !plan.directory.empty() && plan.directory.front() != '/';
    if (is_relative) section.fail_at("dir", "must be an absolute path");
    bool leads_out =
        plan.export_file.starts_with('/') || plan.export_file.find("..") != std::string::npos;
    if (leads_out) section.fail_at("export", "must be a path within the workspace");
    root.merge(section);
}

// Names of agents that [plan] speaks of.
Result<void> check_plan_agents(const Config& config) {
    for (const std::string& name : {config.plan.agent, config.plan.executor}) {
        if (name.empty() || find_profile(config.profiles, name)) continue;
        return fail(Code::configuration, config.source + ": [plan] names the agent '" + name +
                                             "', which is neither in [agents] nor a file of the "
                                             "user's folder of agents");
    }
    return {};
}

// "~/trees" is below the home directory; anything else must be absolute, as thole starts anywhere.
std::string expanded(const std::string& directory, const Variables& variables) {
    bool is_of_home = directory.starts_with("~/");
    return is_of_home ? home_directory(variables) + directory.substr(1) : directory;
}

void read_worktrees(TomlReader& root, const Variables& variables, WorktreesConfig& worktrees) {
    TomlReader section = root.table("worktrees");
    std::string directory, max_disk;
    section.text("directory", directory);
    section.text("max_disk", max_disk);
    section.text("include_file", worktrees.include_file);
    if (!directory.empty()) {
        worktrees.directory = expanded(directory, variables);
        bool is_absolute = worktrees.directory.starts_with('/');
        if (!is_absolute) section.fail_at("directory", "must be absolute, or begin with ~/");
    }
    if (!max_disk.empty()) {
        Result<std::uint64_t> size = git::parse_size(max_disk);
        if (size) worktrees.max_disk = *size;
        if (!size) section.fail_at("max_disk", size.error().message);
    }
    if (worktrees.include_file.find('/') != std::string::npos) {
        section.fail_at("include_file", "must be a name without folders");
    }
    section.no_others();
    root.merge(section);
}

struct UnstableName {
    std::string_view name;
    bool UnstableConfig::*flag;
};
constexpr UnstableName unstable_names[] = {{"archive", &UnstableConfig::archive},
                                           {"fork", &UnstableConfig::fork},
                                           {"set_title", &UnstableConfig::set_title},
                                           {"status", &UnstableConfig::status},
                                           {"v2", &UnstableConfig::v2}};

bool switch_on(UnstableConfig& unstable, const std::string& name) {
    for (const UnstableName& known : unstable_names) {
        if (known.name != name) continue;
        unstable.*known.flag = true;
        return true;
    }
    return false;
}

void read_acp(TomlReader& root, UnstableConfig& unstable) {
    TomlReader section = root.table("acp");
    std::vector<std::string> names;
    section.texts("unstable", names);
    section.no_others();
    std::string known;
    for (const UnstableName& one : unstable_names) {
        known.append(known.empty() ? "" : ", ").append(one.name);
    }
    for (const std::string& name : names) {
        if (switch_on(unstable, name)) continue;
        section.fail_at("unstable",
                        "there is no unstable feature '" + name + "'; there are " + known);
    }
    root.merge(section);
}

Result<void> read_file_into(Config& config, const std::string& file, const std::string& text,
                            const Variables& variables) {
    Result<TomlDocument> document = TomlDocument::parse(text, file);
    if (!document) return document.error();
    TomlReader root = document->root();
    read_models(root, variables, config.models);
    read_permissions(root, config);
    read_session(root, config);
    read_memory(root, config.context);
    read_approval(root, config);
    read_plan(root, config.plan);
    read_agents(root, config);
    read_hooks(root, file, "", config.hooks);
    read_subagents(root, config.limits);
    read_worktrees(root, variables, config.worktrees);
    read_mcp(root, file, variables, config.mcp);
    read_acp(root, config.unstable);
    root.no_others();
    return root.finish();
}

// What `thole login` has put away, for providers that have no other key.
Result<void> read_stored_keys(Config& config, const Variables& variables) {
    KeyStore store(config_directory(variables));
    for (model::ProviderConfig& provider : config.models.providers) {
        if (!provider.needs_key || provider.has_key()) continue;
        Result<std::optional<std::string>> key = store.key(provider.name);
        if (!key) return fail(Code::configuration, key.error().message);
        if (*key) provider.api_key = std::move(**key);
    }
    return {};
}

Result<void> read_retry_base(Config& config, const Variables& variables) {
    std::string text = variables("THOLE_RETRY_BASE_MS");
    if (text.empty()) return {};
    char* end = nullptr;
    long value = std::strtol(text.c_str(), &end, 10);
    if (*end != '\0' || value < 1 || value > 60'000) {
        return fail(
            Code::configuration,
            "THOLE_RETRY_BASE_MS: expected milliseconds from 1 to 60000, got '" + text + "'");
    }
    config.models.retry_base = std::chrono::milliseconds(value);
    return {};
}

}  // namespace

std::string environment_variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string home_directory(const Variables& variables) {
    std::string home = variables("HOME");
    if (!home.empty() && home.front() == '/') return home;
    const passwd* entry = getpwuid(getuid());
    return entry && entry->pw_dir ? entry->pw_dir : "/";
}

std::string state_directory(const Variables& variables) {
    std::string base = variables("XDG_STATE_HOME");
    if (base.empty() || base.front() != '/') base = home_directory(variables) + "/.local/state";
    return base + "/thole";
}

std::string config_directory(const Variables& variables) {
    std::string base = variables("XDG_CONFIG_HOME");
    if (base.empty() || base.front() != '/') base = home_directory(variables) + "/.config";
    return base + "/thole";
}

std::string config_file(const Variables& variables) {
    return config_directory(variables) + "/config.toml";
}

std::string agents_directory(const Variables& variables) {
    return config_directory(variables) + "/agents";
}

Result<Config> load_config(const std::string& file, const Variables& variables) {
    Config config;
    config.models.providers = model::builtin_providers(variables);
    config.profiles = builtin_profiles();
    config.worktrees.directory = state_directory(variables) + "/worktrees";
    std::string path = file.empty() ? config_file(variables) : file;
    Result<std::string> text = read_file(path, config_limit);
    if (text) {
        config.source = path;
        Result<void> read = read_file_into(config, path, *text, variables);
        if (!read) return read.error();
    } else if (!file.empty() || text.error().code != Code::not_found) {
        return fail(Code::configuration, text.error().message);
    }
    if (Result<void> read = read_stored_keys(config, variables); !read) return read.error();
    Result<Profiles> profiles =
        with_user_files(std::move(config.profiles), agents_directory(variables));
    if (!profiles) return profiles.error();
    config.profiles = std::move(*profiles);
    if (Result<void> good = check_plan_agents(config); !good) return good.error();
    if (std::string model = variables("THOLE_MODEL"); !model.empty()) {
        config.models.default_model = model;
    }
    if (Result<void> read = read_retry_base(config, variables); !read) return read.error();
    return config;
}

}  // namespace thole
