#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <numeric>
#include <sstream>

namespace thole::cli {
namespace {

using Words = std::vector<std::string>;

bool has_prefix(const std::string& text, const char* prefix) {
    return text.rfind(prefix, 0) == 0;
}

// The flags that were commands once, as commands.
Words with_command_first(Words words) {
    static const std::map<std::string, std::string> commands = {
        {"--list-sessions", "sessions"},
        {"--delete-session", "delete"},
        {"--resume-session", "resume"},
    };
    for (auto word = words.begin(); word != words.end(); ++word) {
        std::size_t equals = word->find('=');
        auto found = commands.find(word->substr(0, equals));
        if (found == commands.end()) continue;
        Words start = {found->second};
        if (equals != std::string::npos) start.push_back(word->substr(equals + 1));
        words.erase(word);
        words.insert(words.begin(), start.begin(), start.end());
        return words;
    }
    bool has_command = !words.empty() && !has_prefix(words[0], "-");
    if (!has_command) words.insert(words.begin(), "chat");
    return words;
}

void add_model_flags(CLI::App& app, Invocation& out) {
    app.add_option("-m,--model", out.model, "provider/model, an alias, or demo");
    app.add_option("--permission-mode", out.mode,
                   "default, accept-edits, plan, dont-ask, bypass-permissions");
    app.add_option("--allowed-dirs", out.allowed_directories,
                   "further directories that tools may use")
        ->delimiter(',')
        ->check(CLI::ExistingDirectory);
    app.add_option("--config", out.config_file, "configuration file to use")
        ->check(CLI::ExistingFile);
}

void add_limits(CLI::App& app, Invocation& out) {
    out.limits.max_tool_calls = usual_max_tool_calls;
    app.add_option("--max-tool-calls", out.limits.max_tool_calls, "tool calls of this run (200)")
        ->check(CLI::PositiveNumber);
    app.add_option("--max-tokens-total", out.limits.max_tokens_total, "tokens of this run")
        ->check(CLI::PositiveNumber);
    app.add_option("--max-cost", out.limits.max_cost, "US dollars of this run")
        ->check(CLI::PositiveNumber);
    out.limits.max_background_workers = 0;
    app.add_option("--max-background-workers", out.limits.max_background_workers,
                   "parallel sub-agents per tool call (3)")
        ->check(CLI::PositiveNumber);
    app.add_option_function<std::string>(
        "--timeout",
        [&out](const std::string& text) {
            Result<std::chrono::seconds> duration = parse_duration(text);
            if (!duration) throw CLI::ValidationError("--timeout", duration.error().message);
            out.timeout = *duration;
        },
        "stop after this long: 90s, 5m, 2h");
}

void add_plan_flag(CLI::App& app, Invocation& out) {
    app.add_flag("--plan", out.plan, "plan first, change nothing before the plan is approved");
}

void add_run_flags(CLI::App& app, Invocation& out) {
    static const std::map<std::string, Streaming> streamings = {
        {"human", Streaming::human}, {"ndjson", Streaming::ndjson}, {"off", Streaming::off}};
    app.add_option("-p,--prompt", out.prompt, "what to do; - reads it from standard input");
    add_model_flags(app, out);
    add_plan_flag(app, out);
    add_limits(app, out);
    app.add_option("--stream", out.streaming, "human (default), ndjson or off")
        ->transform(CLI::CheckedTransformer(streamings).description(""));
    app.add_flag("--yes", out.yes, "with --plan: approve the plan as it comes");
    app.add_flag("--json", out.json, "print one JSON document at the end, and nothing else");
    app.add_flag("-v,--verbose", out.verbose, "show progress and thoughts, terminal or not");
}

void add_id(CLI::App& app, Invocation& out) {
    app.add_option("id", out.id, "session: its id, a unique start of it, or latest")->required();
}

// Adds commands that set the action of `out`.
struct Commands {
    CLI::App& app;
    Invocation& out;

    CLI::App* add(Action action, const char* name, const char* what) {
        CLI::App* command = app.add_subcommand(name, what);
        command->callback([this, action] { out.action = action; });
        return command;
    }
};

void add_listing(Commands& commands) {
    Invocation& out = commands.out;
    CLI::App* sessions = commands.add(Action::sessions, "sessions", "list sessions, newest first");
    sessions->add_option("--limit", out.limit, "at most so many (20)")->check(CLI::PositiveNumber);
    sessions->add_option("--status", out.query.status, "running, completed, cancelled or failed")
        ->check(CLI::IsMember({"running", "completed", "cancelled", "failed"}));
    sessions->add_option("--since-hours", out.query.since_hours, "changed within so many hours")
        ->check(CLI::PositiveNumber);
    sessions->add_option("--search", out.query.search,
                         "text in prompts, answers, tools, paths and titles");
    sessions->add_option("--parent", out.query.parent, "sub-agents of this session");
    sessions->add_flag("--json", out.json, "as JSON");
}

void add_agents(CLI::App& agents, Invocation& out) {
    using Wish = Invocation::Wish;
    std::vector<CLI::Option*> wishes;
    auto add = [&](const char* flag, Wish wish, const char* what) {
        auto take = [&out, wish](const std::string& child) {
            out.wish = wish;
            out.child = child;
        };
        CLI::Option* option = agents.add_option_function<std::string>(flag, take, what);
        option->type_name("CHILD");
        for (CLI::Option* other : wishes) option->excludes(other);
        wishes.push_back(option);
        return option;
    };
    add("--preview", Wish::preview, "what merging its work would do");
    CLI::Option* merge = add("--merge", Wish::merge, "put its work into your files, uncommitted");
    add("--discard", Wish::discard, "throw its work away; says where it stays reachable");
    add("--cancel", Wish::cancel, "end what it is doing");
    agents
        .add_option("--as-branch", out.branch, "with --merge: onto a branch of this name instead")
        ->needs(merge);
    agents.add_flag("--json", out.json, "as JSON");
}

void add_session_commands(Commands& commands) {
    Invocation& out = commands.out;
    auto add = [&](Action action, const char* name, const char* what) {
        CLI::App* command = commands.add(action, name, what);
        add_id(*command, out);
        return command;
    };
    add(Action::status, "status", "how a session stands, and what it waits for")
        ->add_flag("--json", out.json, "as JSON");
    CLI::App* logs = add(Action::logs, "logs", "everything that happened in a session");
    logs->add_flag("-f,--follow", out.follow, "go on while the session runs");
    logs->add_flag("--json", out.json, "the lines of the log as they are");
    add(Action::attach, "attach", "watch, steer and answer a running session")
        ->add_flag("--json", out.json, "the events as lines, watching only");
    add(Action::cancel, "cancel", "end what a running session is doing");
    add(Action::compact, "compact", "replace a session's older messages by a summary");
    add(Action::export_, "export", "a session as a document, on standard output")
        ->add_option("--format", out.format, "md (default) or json")
        ->check(CLI::IsMember({"md", "json"}));
    add(Action::tasks, "tasks", "a session's task list");
    add(Action::task, "task", "one task in detail")
        ->add_option("number", out.number, "of the task, from 1")
        ->required()
        ->check(CLI::PositiveNumber);
    add(Action::plan, "plan", "a session's plan with its status");
    add_agents(
        *add(Action::agents, "agents", "a session's sub-agents, and what becomes of their work"),
        out);
    add(Action::remove, "delete", "delete a session's files");
}

void add_conversations(Commands& commands) {
    Invocation& out = commands.out;
    CLI::App* run = commands.add(Action::run, "run", "one headless run");
    add_run_flags(*run, out);
    run->add_option("words", out.prompt, "the prompt, instead of --prompt");

    CLI::App* resume = commands.add(Action::resume, "resume", "go on with a session");
    add_id(*resume, out);
    add_run_flags(*resume, out);

    CLI::App* spawn = commands.add(Action::spawn, "spawn", "a session in the background");
    spawn->add_option("-p,--prompt", out.prompt, "what to do; - reads it from standard input");
    spawn->add_option("words", out.prompt, "the prompt, instead of --prompt");
    add_model_flags(*spawn, out);
    add_plan_flag(*spawn, out);
    add_limits(*spawn, out);
    spawn->add_flag("--worktree", out.worktree, "work in a git worktree, not in your files");
    spawn->add_flag("--json", out.json, "id, pid, log and socket as JSON");

    CLI::App* chat = commands.add(Action::chat, "chat", "talk to it in this terminal");
    add_run_flags(*chat, out);
    auto resuming = [&out](Invocation::Resuming how) {
        return [&out, how] { out.resuming = how; };
    };
    chat->add_flag_callback("--new-session,--no-resume", resuming(Invocation::Resuming::never),
                            "start a new session");
    chat->add_flag_callback("-r,--resume", resuming(Invocation::Resuming::always),
                            "go on with the last session");
}

void add_commands(Commands& commands) {
    Invocation& out = commands.out;
    add_conversations(commands);
    CLI::App* serve = commands.add(Action::serve, "acp", "serve an editor on stdin and stdout");
    serve->add_option("--config", out.config_file, "configuration file")->check(CLI::ExistingFile);

    CLI::App* demo = commands.add(Action::demo, "demo", "watch thole work; no key, no network");
    demo->add_option("directory", out.directory, "an empty or new directory to work in");

    add_listing(commands);
    add_session_commands(commands);
    CLI::App* trust = commands.add(Action::trust, "trust",
                                   "look at this workspace's own settings and let them count");
    trust->add_flag("--yes", out.yes, "without asking");
    trust->add_flag("--revoke", out.revoke, "let none of them count any more");
    CLI::App* login = commands.add(Action::login, "login", "keep a provider's key for thole");
    login->add_option("provider", out.provider, "whose key it is");
    login->add_flag("--remove", out.revoke, "forget its key");
    login->add_option("--config", out.config_file, "configuration file")->check(CLI::ExistingFile);
    CLI::App* trees =
        commands.add(Action::worktrees, "worktrees", "the working trees of sub-agents");
    trees->add_flag("--prune", out.prune, "remove those with nothing to keep");
    trees->add_flag("--json", out.json, "as JSON");
    trees->add_option("--config", out.config_file, "configuration file")->check(CLI::ExistingFile);
    CLI::App* models =
        commands.add(Action::models, "models", "the models that your providers offer");
    models->add_option("provider", out.provider, "of this provider alone");
    models->add_flag("--json", out.json, "as JSON");
    models->add_option("--config", out.config_file, "configuration file")->check(CLI::ExistingFile);
    CLI::App* doctor = commands.add(Action::doctor, "doctor", "check that all is well here");
    doctor->add_option("--config", out.config_file, "configuration file")->check(CLI::ExistingFile);
    CLI::App* config = commands.add(Action::config, "config", "show the configuration");
    config->add_flag("--show-origin", out.show_origin, "and where each value comes from");
    config->add_option("--config", out.config_file, "configuration file")->check(CLI::ExistingFile);
}

Invocation say(std::string text, int exit_code) {
    Invocation result;
    result.text = std::move(text);
    result.exit_code = exit_code;
    return result;
}

Invocation usage_error(const std::string& what) {
    return say("thole: " + what + "\nTry: thole help\n", 2);
}

// What a chat becomes when it was given a prompt.
void settle(Invocation& out) {
    if (out.action != Action::chat || out.prompt.empty()) return;
    bool goes_on = out.resuming == Invocation::Resuming::always;
    out.action = goes_on ? Action::resume : Action::run;
    if (goes_on) out.id = "latest";
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t corner = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t replaced = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

Invocation unknown_command(const CLI::App& app, const std::string& word) {
    std::string text = "there is no command '" + word + "'", nearest;
    std::size_t least = std::max<std::size_t>(word.size() / 3, 1) + 1;
    for (const CLI::App* command : app.get_subcommands({})) {
        const std::string& name = command->get_name();
        bool is_start = word.size() > 1 && has_prefix(name, word.c_str());
        std::size_t far = is_start ? 0 : distance(word, name);
        if (far < least && far < name.size() - 1) {
            least = far;
            nearest = name;
        }
    }
    return usage_error(nearest.empty() ? text : text + "; did you mean '" + nearest + "'?");
}

Invocation parsed(Words words) {
    Invocation out;
    CLI::App app("coding-agent backend for editors", "thole");
    app.require_subcommand(1);
    Commands commands{app, out};
    add_commands(commands);
    auto has_name = [&](const CLI::App* command) { return command->get_name() == words[0]; };
    std::vector<CLI::App*> known = app.get_subcommands({});
    if (std::none_of(known.begin(), known.end(), has_name)) return unknown_command(app, words[0]);
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
    try {
        app.parse(std::move(words));
    } catch (const CLI::Success& wish) {  // --help
        std::ostringstream text;
        app.exit(wish, text, text);
        return say(text.str(), 0);
    } catch (const CLI::ParseError& fault) {
        return usage_error(fault.what());
    }
    if (out.json && out.streaming == Streaming::ndjson) {
        return usage_error("--json and --stream ndjson both want standard output; choose one");
    }
    settle(out);
    return out;
}

}  // namespace

Invocation parse_command_line(std::vector<std::string> arguments) {
    std::string first = arguments.empty() ? "" : arguments[0];
    if (first == "help" || first == "--help" || first == "-h") return say(help_text(), 0);
    if (first == "--version") return say("thole " THOLE_VERSION "\n", 0);
    if (first == "--stdio") arguments[0] = "acp";
    // Editors append the words of a login method to those with which they start their agent.
    bool is_login = arguments.size() > 1 && arguments[0] == "acp" && arguments[1] == "login";
    if (is_login) arguments.erase(arguments.begin());
    return parsed(with_command_first(std::move(arguments)));
}

std::string help_text() {
    return R"(thole, a coding agent for your editor and your terminal.

  thole                      talk to it here; goes on with the last session
  thole --new-session        the same, from the start
  thole run --prompt "…"     one task without questions; run --help lists limits
  thole demo                 watch it work: no key, no network, a scratch folder
  thole --stdio              for editors: Agent Client Protocol on stdin, stdout

Sessions (ID: its unique start, or latest)
  thole sessions             what was done here; --search TEXT finds it again
  thole resume ID            go on with it, here or with --prompt "…"
  thole status ID            how it stands and what it waits for
  thole logs ID              everything that happened; --follow goes on
  thole export ID            as Markdown; --format json
  thole tasks ID             its tasks; also: task ID N, plan ID
  thole compact ID           make room in its context
  thole delete ID            away with it

In the background
  thole spawn --prompt "…"   start it and leave; prints its ID
  thole attach ID            watch it, answer it, steer it
  thole cancel ID            end what it is doing

Sub-agents (CHILD: the unique start of its ID, or the last part)
  thole agents ID            all of them, how they stand, what they changed
  thole agents ID --preview CHILD   what merging its work would do
  thole agents ID --merge CHILD     into your files; --as-branch NAME
  thole agents ID --discard CHILD   also: --cancel CHILD
  thole worktrees            working trees of sub-agents; --prune tidies

  thole login [PROVIDER]     keep a key for thole; --remove forgets it
  thole models [PROVIDER]    ask the providers what models they have
  thole doctor               check keys, local models, git, directories
  thole config               the settings that hold here; --show-origin: whence
  thole trust                look at what this workspace brings; let it count
  thole COMMAND --help       all flags of a command
  thole --version

Exit codes: 0 done, 1 internal, 2 usage, 3 configuration, 4 key, 5 provider,
10 refused, 11 limit, 13 nobody to approve, 14 plan rejected,
15 no such session, 16 runs elsewhere, 130 cancelled.
Editors: point any that speaks ACP (Zed, Neovim, Emacs, JetBrains, VS Code) at
`thole --stdio`.
)";
}

}  // namespace thole::cli
