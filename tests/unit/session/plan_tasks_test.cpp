#include "session/plan_tasks.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace thole;
using Tasks = std::vector<TaskItem>;
using Lines = std::vector<std::string>;

namespace {

constexpr const char* before = "2026-11-20T10:00:00Z";
constexpr const char* now = "2026-11-20T12:00:00Z";

PlanUpdated plan(const std::string& content, std::int64_t revision = 2) {
    return {.path = "/p", .content = content, .revision = revision};
}

TaskItem task(const std::string& id, const std::string& content,
              const std::string& status = "pending", std::int64_t step = 0) {
    TaskItem item;
    item.id = id;
    item.content = content;
    item.status = status;
    item.created_at = item.updated_at = before;
    item.plan_step = step;
    return item;
}

// "id status content (step)"
Lines told(const Tasks& tasks) {
    Lines lines;
    for (const TaskItem& item : tasks) {
        lines.push_back(item.id + " " + item.status + " " + item.content + " (" +
                        std::to_string(item.plan_step) + ")");
    }
    return lines;
}

}  // namespace

TEST_CASE("the steps of a plan become tasks in their order, ticked ones are done") {
    Tasks expected = {task("1", "read", "pending", 1), task("2", "write", "completed", 2),
                      task("3", "test", "pending", 3)};
    for (TaskItem& item : expected) item.created_at = item.updated_at = now;
    expected[1].completed_at = now;
    CHECK((tasks_of_plan({}, plan("# Plan\n- [ ] read\n- [x] write\n1. test\n"), now) == expected));
}

TEST_CASE("a plan without steps is one task") {
    for (const char* content : {"Just do it.", "# Plan\n\n- a\n- b\n"}) {
        CHECK(told(tasks_of_plan({}, plan(content), now)) ==
              Lines{"1 pending Carry out the plan (1)"});
    }
}

TEST_CASE("tasks from elsewhere stay as they are, before the steps") {
    const Tasks current = {task("4", "mine", "in_progress"), task("2", "old", "cancelled")};
    const Tasks tasks = tasks_of_plan(current, plan("- [ ] a\n- [ ] mine\n"), now);
    CHECK(told(tasks) == Lines{"4 in_progress mine (0)", "2 cancelled old (0)", "5 pending a (1)",
                               "6 pending mine (2)"});
    CHECK((tasks[0] == current[0]));
    CHECK((tasks[1] == current[1]));
}

TEST_CASE("a step of an earlier revision keeps its id, its status and its times") {
    Tasks current = tasks_of_plan({}, plan("- [ ] a\n- [ ] b\n- [ ] c\n", 1), before);
    current[0].status = "completed";
    current[0].completed_at = before;
    current[1].status = "in_progress";
    current[1].files = {"/w/b"};
    const Tasks tasks = tasks_of_plan(current, plan("- [ ] b\n- [ ] new\n- [ ] a\n- [x] c\n"), now);
    Tasks expected = {current[1], task("4", "new", "pending", 2), current[0], current[2]};
    expected[0].plan_step = 1;
    expected[1].created_at = expected[1].updated_at = now;
    expected[2].plan_step = 3;
    expected[3].plan_step = 4;
    expected[3].status = "completed";  // its box is ticked now
    expected[3].completed_at = expected[3].updated_at = now;
    CHECK((tasks == expected));
}

TEST_CASE(
    "tasks that are no step any more are none, and cancelled with the revision as the reason") {
    Tasks current = tasks_of_plan({}, plan("- [ ] a\n- [ ] b\n- [ ] c\n", 1), before);
    current[0].status = "completed";
    current[1].status = "in_progress";
    const Tasks tasks = tasks_of_plan(current, plan("- [ ] d\n", 7), now);
    CHECK(told(tasks) ==
          Lines{"1 completed a (0)", "2 cancelled b (0)", "3 cancelled c (0)", "4 pending d (1)"});
    CHECK(tasks[0].reason == "");
    CHECK(tasks[0].updated_at == before);
    for (std::size_t i : {1, 2}) {
        CHECK(tasks[i].reason == "not in revision 7 of the plan");
        CHECK(tasks[i].updated_at == now);
    }
}

TEST_CASE("a step that was cancelled and is in the plan again is a new task") {
    const Tasks current = {task("1", "a", "cancelled", 1)};
    CHECK(told(tasks_of_plan(current, plan("- [ ] a\n"), now)) ==
          Lines{"1 cancelled a (0)", "2 pending a (1)"});
}

TEST_CASE("steps of the same text are tasks of their own, now and in the next revision") {
    const Tasks first = tasks_of_plan({}, plan("- [ ] test\n- [ ] mend\n- [ ] test\n", 1), before);
    CHECK(told(first) == Lines{"1 pending test (1)", "2 pending mend (2)", "3 pending test (3)"});
    CHECK((tasks_of_plan(first, plan("- [ ] test\n- [ ] mend\n- [ ] test\n"), now) == first));
    CHECK(told(tasks_of_plan(first, plan("- [ ] test\n"), now)) ==
          Lines{"2 cancelled mend (0)", "3 cancelled test (0)", "1 pending test (1)"});
}

TEST_CASE("what is done of a plan does not count for another one that has the same step") {
    Tasks current = tasks_of_plan({}, plan("- [ ] mend\n- [ ] test\n- [ ] tell\n", 1), before);
    current[0].status = "cancelled";
    current[1].status = "completed";
    const Tasks left = tasks_before_another_plan(current);
    CHECK(told(left) ==
          Lines{"1 cancelled mend (0)", "2 completed test (0)", "3 pending tell (3)"});
    CHECK(told(tasks_of_plan(left, plan("- [ ] test\n- [ ] tell\n"), now)) ==
          Lines{"1 cancelled mend (0)", "2 completed test (0)", "4 pending test (1)",
                "3 pending tell (2)"});
}

TEST_CASE("with a rejected plan go the open steps of the one that was approved before") {
    Tasks current = tasks_of_plan({task("9", "mine")}, plan("- [ ] a\n- [ ] b\n", 1), before);
    current[1].status = "completed";
    const Tasks tasks = tasks_without_plan(current, now);
    CHECK(told(tasks) == Lines{"9 pending mine (0)", "10 completed a (0)", "11 cancelled b (0)"});
    CHECK(tasks[2].reason == "the plan was rejected");
    CHECK(tasks[2].updated_at == now);
    CHECK(tasks[1].updated_at == before);
}

TEST_CASE("new tasks never get an id that is there") {
    const Tasks current = {task("7", "a", "completed", 1), task("x", "b"), task("3", "c")};
    std::set<std::string> ids;
    for (const TaskItem& item : tasks_of_plan(current, plan("- [ ] d\n- [ ] e\n"), now)) {
        CHECK(ids.insert(item.id).second);
    }
    CHECK(ids == std::set<std::string>{"7", "x", "3", "8", "9"});
}

TEST_CASE("a plan of very many steps is cut") {
    std::string content;
    for (int i = 0; i < 1000; ++i) content += "- [ ] step " + std::to_string(i) + "\n";
    CHECK(tasks_of_plan({}, plan(content), now).size() == 400);
}
