#include "cli/command_line.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "cli/look.hpp"

using namespace thole::cli;

TEST_CASE("--stdio and acp serve an editor") {
    CHECK(parse_command_line({"--stdio"}).action == Action::serve);
    CHECK(parse_command_line({"acp"}).action == Action::serve);
}

TEST_CASE("run takes its prompt as a flag or as a word") {
    Invocation flag = parse_command_line({"run", "--prompt", "mend it", "--json"});
    CHECK(flag.action == Action::run);
    CHECK(flag.prompt == "mend it");
    CHECK(flag.json);
    CHECK(parse_command_line({"run", "mend it"}).prompt == "mend it");
    CHECK(parse_command_line({"run", "-p", "-"}).prompt == "-");
}

TEST_CASE("flags without a command are those of run when there is a prompt, else of a chat") {
    CHECK(parse_command_line({"--model", "demo"}).action == Action::chat);
    CHECK(parse_command_line({}).action == Action::chat);
    Invocation parsed = parse_command_line({"--prompt", "mend it", "--max-tool-calls", "7"});
    CHECK(parsed.action == Action::run);
    CHECK(parsed.prompt == "mend it");
    CHECK(parsed.limits.max_tool_calls == 7);
}

TEST_CASE("a run has the limits that were given, and 200 tool calls otherwise") {
    CHECK(parse_command_line({"run", "x"}).limits.max_tool_calls == 200);
    Invocation parsed = parse_command_line({"run", "x", "--max-cost", "0.5", "--max-tokens-total",
                                            "1000", "--timeout", "5m", "--stream", "ndjson"});
    CHECK(parsed.limits.max_cost == 0.5);
    CHECK(parsed.limits.max_tokens_total == 1000);
    CHECK(parsed.timeout == std::chrono::seconds(300));
    CHECK(parsed.streaming == Streaming::ndjson);
}

TEST_CASE("the old spellings mean the same") {
    CHECK(parse_command_line({"--list-sessions"}).action == Action::sessions);
    CHECK(parse_command_line({"--list-sessions", "--limit", "3"}).limit == 3);
    Invocation deleted = parse_command_line({"--delete-session", "2026"});
    CHECK(deleted.action == Action::remove);
    CHECK(deleted.id == "2026");
    Invocation resumed = parse_command_line({"--json", "--resume-session=latest", "--prompt", "x"});
    CHECK(resumed.action == Action::resume);
    CHECK(resumed.id == "latest");
    CHECK(resumed.prompt == "x");
    CHECK(resumed.json);
    for (const char* flag : {"--new-session", "--no-resume"}) {
        CHECK(parse_command_line({flag}).resuming == Invocation::Resuming::never);
    }
    for (const char* flag : {"-r", "--resume"}) {
        Invocation chat = parse_command_line({flag});
        CHECK(chat.action == Action::chat);
        CHECK(chat.resuming == Invocation::Resuming::always);
        Invocation run = parse_command_line({flag, "--prompt", "x"});
        CHECK(run.action == Action::resume);
        CHECK(run.id == "latest");
    }
    CHECK(parse_command_line({"--new-session", "--prompt", "x"}).action == Action::run);
}

TEST_CASE("--plan plans first, and the mode is the one for afterwards") {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"run", "x", "--plan"},
                                               {"--plan"},
                                               {"--plan", "--prompt", "x"},
                                               {"resume", "a", "--plan"},
                                               {"spawn", "x", "--plan"}}) {
        Invocation parsed = parse_command_line(words);
        CHECK(parsed.exit_code == 0);
        CHECK(parsed.plan);
        CHECK(parsed.mode == "");
        CHECK_FALSE(parsed.yes);
    }
    Invocation both =
        parse_command_line({"run", "x", "--plan", "--permission-mode", "accept-edits"});
    CHECK(both.action == Action::run);
    CHECK(both.plan);
    CHECK(both.mode == "accept-edits");
    Invocation mode = parse_command_line({"run", "x", "--permission-mode", "plan"});
    CHECK_FALSE(mode.plan);
    CHECK(mode.mode == "plan");
    CHECK_FALSE(parse_command_line({"run", "x"}).plan);
}

TEST_CASE("--yes approves the plan of a run, and is no flag of what nobody plans with") {
    Invocation run = parse_command_line({"run", "x", "--plan", "--yes"});
    CHECK(run.action == Action::run);
    CHECK(run.plan);
    CHECK(run.yes);
    CHECK(parse_command_line({"resume", "abc", "--prompt", "go on", "--yes"}).yes);
    for (const char* command : {"spawn", "sessions", "worktrees", "doctor"}) {
        CHECK(parse_command_line({command, "--yes"}).exit_code == 2);
    }
}

TEST_CASE("trust asks, unless it is told not to, and can be taken back") {
    Invocation trust = parse_command_line({"trust"});
    CHECK(trust.action == Action::trust);
    CHECK_FALSE(trust.yes);
    CHECK_FALSE(trust.revoke);
    CHECK(parse_command_line({"trust", "--yes"}).yes);
    CHECK(parse_command_line({"trust", "--revoke"}).revoke);
    CHECK(parse_command_line({"trust", "/some/where"}).exit_code == 2);
    CHECK(parse_command_line({"trust", "--plan"}).exit_code == 2);
}

TEST_CASE("spawn has the flags of a run, and a worktree") {
    Invocation spawn = parse_command_line({"spawn", "--prompt", "x", "--worktree", "--json"});
    CHECK(spawn.action == Action::spawn);
    CHECK(spawn.prompt == "x");
    CHECK(spawn.worktree);
    CHECK(spawn.json);
}

TEST_CASE("an unknown command is named, with the nearest that there is") {
    CHECK(parse_command_line({"bogus"}).text ==
          "thole: there is no command 'bogus'\nTry: thole help\n");
    CHECK(parse_command_line({"stauts", "x"}).text ==
          "thole: there is no command 'stauts'; did you mean 'status'?\nTry: thole help\n");
    CHECK(parse_command_line({"sess"}).text ==
          "thole: there is no command 'sess'; did you mean 'sessions'?\nTry: thole help\n");
}

TEST_CASE("every line of the help fits a terminal of 80 columns") {
    for (std::string_view line : thole::split_lines(help_text())) {
        CAPTURE(line);
        CHECK(columns(line) <= 80);
    }
}

TEST_CASE("commands on sessions take an id and their flags") {
    CHECK(parse_command_line({"status", "abc", "--json"}).id == "abc");
    CHECK(parse_command_line({"logs", "abc", "--follow"}).follow);
    CHECK(parse_command_line({"tasks", "latest"}).action == Action::tasks);
    CHECK(parse_command_line({"config", "--show-origin"}).show_origin);
    CHECK(parse_command_line({"attach", "abc", "--json"}).action == Action::attach);
    CHECK(parse_command_line({"cancel", "abc"}).action == Action::cancel);
    CHECK(parse_command_line({"compact", "abc"}).action == Action::compact);
    CHECK(parse_command_line({"export", "abc"}).format == "md");
    CHECK(parse_command_line({"export", "abc", "--format", "json"}).format == "json");
    CHECK(parse_command_line({"task", "abc", "2"}).number == 2);
    CHECK(parse_command_line({"plan", "abc"}).action == Action::plan);
    CHECK(parse_command_line({"agents", "abc"}).action == Action::agents);
    CHECK(parse_command_line({"agents", "abc"}).wish == Invocation::Wish::none);
    CHECK(parse_command_line({"worktrees", "--prune"}).prune);
    Invocation listing = parse_command_line({"sessions", "--status", "failed", "--since-hours",
                                             "24", "--search", "rower", "--parent", "p"});
    CHECK(listing.query.status == "failed");
    CHECK(listing.query.since_hours == 24);
    CHECK(listing.query.search == "rower");
    CHECK(listing.query.parent == "p");
}

TEST_CASE("what is wrong ends with 2 and says what") {
    const std::vector<std::vector<std::string>> wrong = {
        {"run", "--no-such-flag"},
        {"run", "--prompt"},
        {"run", "x", "--stream", "smoke"},
        {"run", "x", "--max-tool-calls", "many"},
        {"run", "x", "--max-tool-calls", "0"},
        {"run", "x", "--timeout", "soon"},
        {"run", "x", "--timeout", "-5"},
        {"run", "x", "--json", "--stream", "ndjson"},
        {"run", "x", "--allowed-dirs", "/no/such/folder"},
        {"sessions", "--status", "tired"},
        {"status"},
        {"fly"},
        {"task", "abc"},
        {"task", "abc", "0"},
        {"task", "abc", "two"},
        {"export", "abc", "--format", "pdf"},
        {"--new-session", "--bogus"},
    };
    for (const std::vector<std::string>& words : wrong) {
        CAPTURE(words[0]);
        Invocation parsed = parse_command_line(words);
        CHECK(parsed.action == Action::say);
        CHECK(parsed.exit_code == 2);
        CHECK(parsed.text.rfind("thole: ", 0) == 0);
    }
}

TEST_CASE("help and version are said") {
    CHECK(parse_command_line({"--version"}).text == "thole " THOLE_VERSION "\n");
    CHECK(parse_command_line({"help"}).text == help_text());
    CHECK(parse_command_line({"help"}).exit_code == 0);
    Invocation run_help = parse_command_line({"run", "--help"});
    CHECK(run_help.exit_code == 0);
    CHECK(run_help.text.find("--max-cost") != std::string::npos);
}

TEST_CASE("of a sub-agent one thing is asked at a time") {
    using Wish = Invocation::Wish;
    Invocation merge = parse_command_line({"agents", "abc", "--merge", "k3fa", "--as-branch", "b"});
    CHECK(merge.action == Action::agents);
    CHECK(merge.wish == Wish::merge);
    CHECK(merge.child == "k3fa");
    CHECK(merge.branch == "b");
    CHECK(parse_command_line({"agents", "abc", "--preview", "x"}).wish == Wish::preview);
    CHECK(parse_command_line({"agents", "abc", "--discard", "x"}).wish == Wish::discard);
    CHECK(parse_command_line({"agents", "abc", "--cancel", "x"}).wish == Wish::cancel);
    CHECK(parse_command_line({"agents", "abc", "--merge", "x", "--discard", "x"}).exit_code == 2);
    CHECK(parse_command_line({"agents", "abc", "--as-branch", "b"}).exit_code == 2);
}
