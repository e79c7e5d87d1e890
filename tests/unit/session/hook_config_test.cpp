#include "session/hook_config.hpp"

#include <doctest/doctest.h>

using namespace thole;

namespace {

std::string fault_of(const std::string& text) {
    Result<WorkspaceConfig> config = read_workspace_config(text, "/w");
    REQUIRE_FALSE(config);
    CHECK(config.error().code == Code::configuration);
    return config.error().message;
}

}  // namespace

TEST_CASE("hooks are read with their match, their patience and what a failure means") {
    Result<WorkspaceConfig> config = read_workspace_config(
        "[[hooks]]\nevent = \"pre_tool\"\nmatch = \"bash(git push:*)\"\ncommand = \"./check\"\n"
        "timeout = 3\n[[hooks]]\nevent = \"post_tool\"\nmatch = \"*\"\ncommand = \"fmt\"\n"
        "[[hooks]]\nevent = \"prompt\"\ncommand = \"ask\"\non_failure = \"block\"\n",
        "/w");
    REQUIRE(config);
    REQUIRE(config->hooks.size() == 3);
    const Hook& first = config->hooks[0];
    CHECK(first.event == HookEvent::pre_tool);
    REQUIRE(first.match);
    CHECK(first.match->text == "bash(git push:*)");
    CHECK(first.timeout == std::chrono::seconds(3));
    CHECK(first.fails_closed);
    CHECK(first.source == "/w/.thole/config.toml");
    CHECK(first.directory == "/w");
    CHECK_FALSE(config->hooks[1].match);
    CHECK_FALSE(config->hooks[1].fails_closed);
    CHECK(config->hooks[2].fails_closed);
}

TEST_CASE("a hook that could not do what it says is an error with its line") {
    std::string start = "[[hooks]]\nevent = \"pre_tool\"\ncommand = \"x\"\n";
    CHECK(fault_of("[[hooks]]\nevent = \"before\"\ncommand = \"x\"\n")
              .find("/w/.thole/config.toml:2: [hooks] event: there is no event 'before'; the "
                    "events are pre_tool, post_tool") == 0);
    CHECK(fault_of("[[hooks]]\nevent = \"prompt\"\n").find("command is missing") !=
          std::string::npos);
    CHECK(fault_of("[[hooks]]\ncommand = \"x\"\n").find("event is missing") != std::string::npos);
    CHECK(fault_of(start + "match = \"fly\"\n").find("there is no tool 'fly'") !=
          std::string::npos);
    CHECK(fault_of(start + "timeout = 0\n").find("from 1 to 600") != std::string::npos);
    CHECK(fault_of(start + "when = \"x\"\n").find("there is no such key") != std::string::npos);
    CHECK(fault_of("[[hooks]]\nevent = \"prompt\"\ncommand = \"x\"\nmatch = \"bash\"\n")
              .find("only pre_tool and post_tool are about calls") != std::string::npos);
    CHECK(fault_of("[[hooks]]\nevent = \"post_tool\"\ncommand = \"x\"\non_failure = \"block\"\n")
              .find("only pre_tool and prompt can be blocked") != std::string::npos);
    CHECK(fault_of("hooks = 3\n").find("each below [[hooks]]") != std::string::npos);
}
