// What was typed, as a value: the command and its flags. Pure but for the check that folders exist.
// The old spellings (--list-sessions, --delete-session, --resume-session, --prompt without "run")
// mean the same as the new ones. Reads no configuration and starts nothing.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/limits.hpp"
#include "session/sessions.hpp"

namespace thole::cli {

enum class Action {
    serve,  // --stdio
    chat,   // bare, or resume on a terminal without a prompt
    run,
    resume,
    spawn,
    demo,
    sessions,
    status,
    logs,
    attach,
    cancel,
    remove,
    export_,
    compact,
    tasks,
    task,
    plan,
    agents,
    worktrees,
    doctor,
    config,
    say,  // `text` is all there is to do: help, version, a usage error
};

enum class Streaming { human, ndjson, off };

struct Invocation {
    Action action = Action::say;
    std::string text;   // say
    int exit_code = 0;  // say

    std::string id;  // of a session: a unique prefix or "latest"
    std::string config_file;
    bool json = false;
    bool verbose = false;

    std::string prompt;               // run, resume; "-": to be read from stdin
    std::string model, mode;          // "" = as configured
    Limits limits;                    // run, resume
    std::chrono::seconds timeout{0};  // 0: none
    std::vector<std::string> allowed_directories;
    Streaming streaming = Streaming::human;

    enum class Resuming { automatic, always, never };
    Resuming resuming = Resuming::automatic;  // chat without an id

    std::string directory;     // demo: where to work, "" = a new one
    ListQuery query;           // sessions
    std::int64_t limit = 20;   // sessions
    bool follow = false;       // logs
    bool show_origin = false;  // config
};

// `arguments` without the program's name. Never fails: what is wrong becomes a `say` with exit
// code 2.
Invocation parse_command_line(std::vector<std::string> arguments);

// The page that `thole help` shows.
std::string help_text();

}  // namespace thole::cli
