#include "agent/profile.hpp"

#include <doctest/doctest.h>

using namespace thole;

TEST_CASE("an agent has the tools that its profile names, and all when it names none") {
    Profile reader;
    reader.name = "reader";
    State state;
    CHECK(has_tool({reader}, state, "bash"));
    state.agent = "reader";
    CHECK(has_tool({reader}, state, "bash"));
    CHECK(has_tool({}, state, "bash"));
    reader.tools = {"read_file", "write_session_plan"};
    CHECK(has_tool({reader}, state, "read_file"));
    CHECK(has_tool({reader}, state, "write_session_plan"));
    CHECK_FALSE(has_tool({reader}, state, "bash"));
}

TEST_CASE("the tools of a server can be named together, by an agent and by a command") {
    Profile clerk;
    clerk.name = "clerk";
    clerk.tools = {"read_file", "mcp__ledger__*"};
    State state;
    CHECK(has_foreign_tools({clerk}, state));
    state.agent = "clerk";
    CHECK(has_tool({clerk}, state, "mcp__ledger__add"));
    CHECK_FALSE(has_tool({clerk}, state, "mcp__other__add"));
    CHECK(has_foreign_tools({clerk}, state));
    state.turn_tools = {"read_file"};
    CHECK_FALSE(has_tool({clerk}, state, "mcp__ledger__add"));
    CHECK_FALSE(has_foreign_tools({clerk}, state));
    state.turn_tools = {"mcp__ledger__*"};
    CHECK(has_tool({clerk}, state, "mcp__ledger__add"));
    CHECK(has_foreign_tools({clerk}, state));
}

TEST_CASE("servers are not started for the agent of a turn that has none of their tools") {
    Profile reader;
    reader.name = "reader";
    reader.tools = {"read_file"};
    State state;
    state.turn_agent = "reader";
    CHECK_FALSE(has_foreign_tools({reader}, state));
}

TEST_CASE("the plan is the business of the session at the top") {
    Profile planner;
    planner.name = "planner";
    planner.tools = {"write_session_plan", "read_session_plan", "exit_plan_mode", "grep"};
    for (const char* agent : {"", "planner"}) {
        State state;
        state.agent = agent;
        for (const char* tool : {"write_session_plan", "read_session_plan", "exit_plan_mode"}) {
            state.parent_session_id = "";
            CHECK(has_tool({planner}, state, tool));
            state.parent_session_id = "parent";
            CHECK_FALSE(has_tool({planner}, state, tool));
        }
        CHECK(has_tool({planner}, state, "grep"));
    }
}

TEST_CASE("a profile is found by its name, and the usual agent has none") {
    Profile one, two;
    one.name = "one";
    two.name = "two";
    const Profiles profiles = {one, two};
    CHECK(find_profile(profiles, "two") == &profiles[1]);
    CHECK(find_profile(profiles, "three") == nullptr);
    CHECK(find_profile(profiles, "") == nullptr);
    CHECK(find_profile({}, "one") == nullptr);
}
