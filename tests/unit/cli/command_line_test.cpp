#include "cli/command_line.hpp"

#include <doctest/doctest.h>

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

TEST_CASE("flags without a command are those of run") {
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
}

TEST_CASE("commands on sessions take an id and their flags") {
    CHECK(parse_command_line({"status", "abc", "--json"}).id == "abc");
    CHECK(parse_command_line({"logs", "abc", "--follow"}).follow);
    CHECK(parse_command_line({"tasks", "latest"}).action == Action::tasks);
    CHECK(parse_command_line({"config", "--show-origin"}).show_origin);
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
    };
    for (const std::vector<std::string>& words : wrong) {
        CAPTURE(words[0]);
        Invocation parsed = parse_command_line(words);
        CHECK(parsed.action == Action::say);
        CHECK(parsed.exit_code == 2);
        CHECK(parsed.text.rfind("thole: ", 0) == 0);
    }
}

TEST_CASE("help and version are said, and nothing at all is answered with help") {
    CHECK(parse_command_line({"--version"}).text == "thole " THOLE_VERSION "\n");
    CHECK(parse_command_line({"help"}).text == help_text());
    CHECK(parse_command_line({"help"}).exit_code == 0);
    CHECK(parse_command_line({}).text == help_text());
    CHECK(parse_command_line({}).exit_code == 2);
    Invocation run_help = parse_command_line({"run", "--help"});
    CHECK(run_help.exit_code == 0);
    CHECK(run_help.text.find("--max-cost") != std::string::npos);
}
