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
    chat,   // bare; without a terminal a run that reads its prompt
    run,
    resume,  // with a prompt or without a terminal a run, else a chat
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
    trust,
    login,
    worktrees,
    models,
    doctor,
    config,
    say,  // `text` is all there is to do: help, version, a usage error
};

// Of a run, when no other number is given.
inline constexpr std::int64_t usual_max_tool_calls = 200;

enum class Streaming { human, ndjson, off };

struct Invocation {
    Action action = Action::say;
    std::string text;   // say
    int exit_code = 0;  // say

    std::string id;  // of a session: a unique prefix or "latest"
    std::string config_file;
    bool json = false;
    bool verbose = false;

    std::string prompt;               // run, resume, spawn; "-": to be read from stdin
    std::string model, mode;          // "" = as configured
    Limits limits;                    // run, resume, chat, spawn
    std::chrono::seconds timeout{0};  // 0: none
    std::vector<std::string> allowed_directories;
    Streaming streaming = Streaming::human;

    enum class Resuming { automatic, always, never };
    Resuming resuming = Resuming::automatic;  // chat without an id

    bool plan = false;      // run, resume, chat, spawn: in plan mode; `mode` comes afterwards
    bool yes = false;       // run, resume: approve the plan; trust: without asking
    bool revoke = false;    // trust, login
    bool worktree = false;  // spawn
    int report_fd = -1;     // spawn, in the background: where its id is waited for

    std::int64_t number = 0;    // task
    std::string format = "md";  // export: md or json
    bool prune = false;         // worktrees

    enum class Wish { none, preview, merge, discard, cancel };
    Wish wish = Wish::none;  // agents
    std::string child;       // whom it is about: the unique start of an id, or its last part
    std::string branch;      // merge: onto this one; "": into the files

    std::string directory;     // demo: where to work, "" = a new one
    ListQuery query;           // sessions
    std::int64_t limit = 20;   // sessions
    bool follow = false;       // logs
    bool show_origin = false;  // config
    std::string provider;      // models: "" = all that can be used; login: "" = asked for
};

// `arguments` without the program's name. Never fails: what is wrong becomes a `say` with exit
// code 2.
Invocation parse_command_line(std::vector<std::string> arguments);

// The page that `thole help` shows.
std::string help_text();

}  // namespace thole::cli
