#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
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
    if (!words.empty() && has_prefix(words[0], "-")) words.insert(words.begin(), "run");
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

void add_run_flags(CLI::App& app, Invocation& out) {
    static const std::map<std::string, Streaming> streamings = {
        {"human", Streaming::human}, {"ndjson", Streaming::ndjson}, {"off", Streaming::off}};
    add_model_flags(app, out);
    out.limits.max_tool_calls = 200;
    app.add_option("-p,--prompt", out.prompt, "what to do; - reads it from standard input");
    app.add_option("--max-tool-calls", out.limits.max_tool_calls, "tool calls of this run (200)")
        ->check(CLI::PositiveNumber);
    app.add_option("--max-tokens-total", out.limits.max_tokens_total, "tokens of this run")
        ->check(CLI::PositiveNumber);
    app.add_option("--max-cost", out.limits.max_cost, "US dollars of this run")
        ->check(CLI::PositiveNumber);
    app.add_option("--max-background-workers", "parallel sub-agents per tool call (3)")
        ->check(CLI::PositiveNumber);
    app.add_option_function<std::string>(
        "--timeout",
        [&out](const std::string& text) {
            Result<std::chrono::seconds> duration = parse_duration(text);
            if (!duration) throw CLI::ValidationError("--timeout", duration.error().message);
            out.timeout = *duration;
        },
        "stop after this long: 90s, 5m, 2h");
    app.add_option("--stream", out.streaming, "human (default), ndjson or off")
        ->transform(CLI::CheckedTransformer(streamings).description(""));
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

void add_session_commands(Commands& commands) {
    Invocation& out = commands.out;
    CLI::App* sessions = commands.add(Action::sessions, "sessions", "list sessions, newest first");
    sessions->add_option("--limit", out.limit, "at most so many (20)")->check(CLI::PositiveNumber);
    sessions->add_option("--status", out.query.status, "running, completed, cancelled or failed")
        ->check(CLI::IsMember({"running", "completed", "cancelled", "failed"}));
    sessions->add_option("--since-hours", out.query.since_hours, "changed within so many hours")
        ->check(CLI::PositiveNumber);
    sessions->add_option("--search", out.query.search, "text in prompts, answers and titles");
    sessions->add_option("--parent", out.query.parent, "sub-agents of this session");
    sessions->add_flag("--json", out.json, "as JSON");

    CLI::App* status = commands.add(Action::status, "status", "how a session stands");
    add_id(*status, out);
    status->add_flag("--json", out.json, "as JSON");

    CLI::App* logs = commands.add(Action::logs, "logs", "everything that happened in a session");
    add_id(*logs, out);
    logs->add_flag("-f,--follow", out.follow, "go on while the session runs");
    logs->add_flag("--json", out.json, "the lines of the log as they are");

    add_id(*commands.add(Action::tasks, "tasks", "a session's task list"), out);
    add_id(*commands.add(Action::remove, "delete", "delete a session's files"), out);
}

void add_commands(Commands& commands) {
    Invocation& out = commands.out;
    CLI::App* run = commands.add(Action::run, "run", "one headless run");
    add_run_flags(*run, out);
    run->add_option("words", out.prompt, "the prompt, instead of --prompt");

    CLI::App* resume = commands.add(Action::resume, "resume", "go on with a session");
    add_id(*resume, out);
    add_run_flags(*resume, out);

    CLI::App* serve = commands.add(Action::serve, "acp", "serve an editor on stdin and stdout");
    serve->add_option("--config", out.config_file, "configuration file")->check(CLI::ExistingFile);

    CLI::App* demo = commands.add(Action::demo, "demo", "watch thole work; no key, no network");
    demo->add_option("directory", out.directory, "an empty or new directory to work in");

    add_session_commands(commands);
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

Invocation parsed(Words words) {
    Invocation out;
    CLI::App app("coding-agent backend for editors", "thole");
    app.require_subcommand(1);
    Commands commands{app, out};
    add_commands(commands);
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
    return out;
}

}  // namespace

Invocation parse_command_line(std::vector<std::string> arguments) {
    if (arguments.empty()) return say(help_text(), 2);
    const std::string& first = arguments[0];
    if (first == "help" || first == "--help" || first == "-h") return say(help_text(), 0);
    if (first == "--version") return say("thole " THOLE_VERSION "\n", 0);
    if (first == "--stdio") arguments[0] = "acp";
    return parsed(with_command_first(std::move(arguments)));
}

std::string help_text() {
    return R"(thole, a coding agent for your editor.

  thole demo                 watch it work: no key, no network, a scratch directory
  thole run --prompt "…"     one task in this directory; --help lists limits and formats
  thole --stdio              for editors: the Agent Client Protocol on stdin and stdout

  thole sessions             what was done here, newest first
  thole status ID            how a session stands        thole tasks ID    its tasks
  thole logs ID [--follow]   everything that happened    thole delete ID   away with it
  thole resume ID --prompt … go on with it               (ID: unique start, or latest)

  thole doctor               check keys, local models, git, directories
  thole config               the configuration that holds here
  thole --version

Editors: point any that speaks ACP (Zed, Neovim, Emacs, JetBrains, VS Code) at `thole --stdio`.
)";
}

}  // namespace thole::cli
