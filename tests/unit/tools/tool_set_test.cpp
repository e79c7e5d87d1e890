#include <doctest/doctest.h>

#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

TEST_CASE("every tool says what it is, in the order in which the model sees them") {
    ToolSet tools = standard_tools();
    std::string listed;
    for (const ToolFacts* facts : tools.facts()) {
        CAPTURE(facts->name);
        listed +=
            facts->name + " " + std::string(effect_name(facts->effect)) + " " + facts->kind + "\n";
        CHECK(facts->description.size() > 90);
        CHECK(facts->description.size() < 2000);
        CHECK(text_member(*facts->schema, "type") == "object");
        bool takes_nothing = facts->name == "read_session_plan" || facts->name == "exit_plan_mode";
        CHECK(member(*facts->schema, "properties").empty() == takes_nothing);
        CHECK(member(*facts->schema, "additionalProperties") == false);
        CHECK(tools.find(facts->name)->facts().name == facts->name);
    }
    CHECK(listed ==
          "read_file read read\nwrite_file edit edit\nedit_file edit edit\nmulti_edit edit edit\n"
          "list_directory read read\nglob read search\ngrep read search\nbash execute execute\n"
          "fetch_url network fetch\nupdate_tasks read think\nask_user read other\n"
          "spawn_subagent read think\nwait_subagent read think\nmessage_subagent read think\n"
          "cancel_subagent read think\nmerge_subagent edit edit\nwrite_session_plan read think\n"
          "read_session_plan read read\nexit_plan_mode read think\n"
          "diagnostics read read\n");
    CHECK(tools.find("no_such_tool") == nullptr);
}
