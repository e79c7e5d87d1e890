#include "session/hook_config.hpp"

#include "base/text.hpp"

namespace thole {
namespace {

constexpr std::int64_t longest_timeout = 600;
constexpr const char* cannot_widen =
    "a workspace can only narrow what may be done; put this into your own config.toml";

void read_hook(TomlReader& section, Hook& hook) {
    std::string event, match, on_failure;
    std::int64_t timeout = hook.timeout.count();
    section.text("event", event);
    section.text("match", match);
    section.text("command", hook.command);
    section.integer("timeout", timeout, 1, longest_timeout);
    Result<HookEvent> known = parse_hook_event(event);
    if (!section.has("event")) section.fail_here("event is missing");
    if (!known) section.fail_at("event", known.error().message);
    if (trim(hook.command).empty()) section.fail_here("command is missing or empty");
    hook.event = known.value_or(HookEvent::pre_tool);
    hook.timeout = std::chrono::seconds(timeout);
    hook.fails_closed = hook.event == HookEvent::pre_tool;
    section.one_of("on_failure", on_failure, {"block", "go-on"});
    if (!on_failure.empty()) hook.fails_closed = on_failure == "block";
    bool blocks = hook.event == HookEvent::pre_tool || hook.event == HookEvent::prompt;
    if (on_failure == "block" && !blocks) {
        section.fail_at("on_failure", "only pre_tool and prompt can be blocked");
    }
    if (match.empty() || match == "*") return;
    bool is_about_calls = hook.event == HookEvent::pre_tool || hook.event == HookEvent::post_tool;
    if (!is_about_calls) section.fail_at("match", "only pre_tool and post_tool are about calls");
    Result<Rule> rule = parse_rule(match);
    if (!rule) return section.fail_at("match", rule.error().message);
    hook.match = std::move(*rule);
}

void read_narrowing(TomlReader& root, Rules& narrowing) {
    TomlReader section = root.table("permissions");
    for (const char* key : {"allow", "mode"}) {
        if (section.has(key)) section.fail_at(key, cannot_widen);
    }
    RuleTexts texts;
    section.texts("ask", texts.ask);
    section.texts("deny", texts.deny);
    Result<Rules> rules = parse_rules(texts);
    if (rules) {
        narrowing = std::move(*rules);
    } else {
        section.fail_here(rules.error().message);
    }
    section.no_others();
    root.merge(section);
}

}  // namespace

void read_hooks(TomlReader& root, const std::string& source, const std::string& directory,
                std::vector<Hook>& hooks) {
    for (TomlReader& section : root.tables("hooks")) {
        Hook hook;
        hook.source = source;
        hook.directory = directory;
        read_hook(section, hook);
        section.no_others();
        root.merge(section);
        hooks.push_back(std::move(hook));
    }
}

Result<WorkspaceConfig> read_workspace_config(const std::string& text,
                                              const std::string& workspace) {
    std::string file = workspace + "/.thole/config.toml";
    Result<TomlDocument> document = TomlDocument::parse(text, file);
    if (!document) return document.error();
    TomlReader root = document->root();
    WorkspaceConfig config;
    read_hooks(root, file, workspace, config.hooks);
    read_narrowing(root, config.narrowing);
    (void)root.table("mcp");  // MCP servers are read elsewhere
    root.no_others();
    Result<void> read = root.finish();
    if (!read) return read.error();
    return config;
}

}  // namespace thole
