#include <doctest/doctest.h>

#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

TEST_CASE("update_tasks replaces the list of the session and shows it") {
    ToolRig rig;
    const ToolOutcome outcome =
        rig.call("update_tasks",
                 {{"tasks", {{{"content", "a"}}, {{"content", "b"}, {"status", "completed"}}}}});
    CHECK(outcome.output == "[ ] 1. a\n[x] 2. b\n");
    CHECK_FALSE(outcome.failed);
    REQUIRE(rig.host.task_list.size() == 2);
    CHECK(rig.host.task_list[0].created_at == rig.host.now);
}

TEST_CASE("update_tasks says which open tasks it kept") {
    ToolRig rig;
    rig.call("update_tasks", {{"tasks", {{{"content", "a"}}, {{"content", "b"}}}}});
    const ToolOutcome outcome = rig.call("update_tasks", {{"tasks", Json::array()}});
    CHECK(outcome.output ==
          "[ ] 1. a\n[ ] 2. b\n\nKept, because still open and not in the new list: 1, 2. Drop a "
          "task with a reason when it is not needed any more.");
}

TEST_CASE("update_tasks refuses bad input before it runs, and when the list has changed since") {
    ToolRig rig;
    CHECK(rig.call("update_tasks", {{"changes", {{{"op", "drop"}, {"id", "1"}}}}}).failed);
    rig.call("update_tasks", {{"tasks", {{{"content", "a"}}}}});
    Result<Prepared> prepared = rig.prepare(
        "update_tasks", {{"changes", {{{"op", "update"}, {"id", "1"}, {"status", "completed"}}}}});
    REQUIRE(prepared);
    rig.host.task_list.clear();
    CHECK(rig.run("update_tasks", *prepared).failed);
    CHECK(rig.host.task_list.empty());
}
