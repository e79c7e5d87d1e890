#include "tools/task_list.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;
using Tasks = std::vector<TaskItem>;

namespace {

constexpr const char* before = "2026-11-20T10:00:00Z";
constexpr const char* now = "2026-11-20T12:00:00Z";

TaskItem task(std::string id, std::string content, std::string status = "pending") {
    TaskItem item;
    item.id = std::move(id);
    item.content = std::move(content);
    item.status = std::move(status);
    item.created_at = item.updated_at = before;
    return item;
}

Tasks three() {
    return {task("1", "read", "completed"), task("2", "write", "in_progress"), task("3", "test")};
}

Json changes(std::initializer_list<Json> list) {
    return Json{{"changes", Json::array_t(list.begin(), list.end())}};
}
Json whole(std::initializer_list<Json> list) {
    return Json{{"tasks", Json::array_t(list.begin(), list.end())}};
}

std::string order(const Tasks& tasks) {
    std::string ids;
    for (const TaskItem& item : tasks) ids += item.id;
    return ids;
}

Tasks patched(const Tasks& current, const Json& input) {
    Result<TaskListChange> change = patch_tasks(current, input, now);
    REQUIRE_MESSAGE(change, (change ? "" : change.error().message));
    return change->tasks;
}

std::string refused(const Tasks& current, const Json& input) {
    Result<TaskListChange> change = patch_tasks(current, input, now);
    REQUIRE_FALSE(change);
    CHECK(change.error().code == Code::invalid_argument);
    return change.error().message;
}

}  // namespace

TEST_CASE("added tasks get the next ids and their times") {
    TaskItem high = task("2", "b");
    high.priority = "high";
    TaskItem first = task("1", "a", "in_progress");
    first.created_at = first.updated_at = high.created_at = high.updated_at = now;
    first.started_at = now;
    CHECK(patched({}, changes({{{"op", "add"}, {"content", " a "}, {"status", "in_progress"}},
                               {{"op", "add"}, {"content", "b"}, {"priority", "high"}}})) ==
          Tasks{first, high});
}

TEST_CASE("a task is added after another one, also after one of the same call") {
    CHECK(order(patched(three(), changes({{{"op", "add"}, {"content", "x"}, {"after", "1"}},
                                          {{"op", "add"}, {"content", "y"}, {"after", 4}}}))) ==
          "14523");
}

TEST_CASE("one call completes a task and begins the next") {
    Tasks expected = three();
    expected[1].status = "completed";
    expected[2].status = "in_progress";
    expected[1].updated_at = expected[2].updated_at = now;
    expected[1].completed_at = expected[2].started_at = now;
    CHECK(patched(three(), changes({{{"op", "update"}, {"id", "2"}, {"status", "completed"}},
                                    {{"op", "update"}, {"id", 3}, {"status", "in_progress"}}})) ==
          expected);
}

TEST_CASE("an update that changes nothing keeps the time") {
    CHECK(patched(three(), changes({{{"op", "update"}, {"id", "3"}, {"content", "test"}}})) ==
          three());
}

TEST_CASE("tasks are moved after, before and to a position") {
    auto moved = [](Json where) {
        where["op"] = "reorder";
        return order(patched(three(), changes({where})));
    };
    CHECK(moved({{"id", "1"}, {"after", "3"}}) == "231");
    CHECK(moved({{"id", "3"}, {"before", "1"}}) == "312");
    CHECK(moved({{"id", "3"}, {"position", 2}}) == "132");
    CHECK(moved({{"id", "1"}, {"position", 99}}) == "231");
    CHECK(moved({{"id", "2"}, {"after", "2"}}) == "123");
}

TEST_CASE("a dropped task stays in the list, cancelled and with its reason, until it is reopened") {
    Tasks expected = three();
    expected[2].status = "cancelled";
    expected[2].reason = "not needed";
    expected[2].updated_at = now;
    const Tasks dropped =
        patched(three(), changes({{{"op", "drop"}, {"id", "3"}, {"reason", "not needed"}}}));
    CHECK(dropped == expected);
    expected[2].status = "pending";
    expected[2].reason = "";
    CHECK(patched(dropped, changes({{{"op", "update"}, {"id", "3"}, {"status", "pending"}}})) ==
          expected);
}

TEST_CASE("a replacement keeps ids by id and by text, and loses no open task") {
    Result<TaskListChange> change = patch_tasks(
        three(), whole({{{"content", "plan"}}, {{"content", "test"}, {"status", "completed"}}}),
        now);
    REQUIRE(change);
    CHECK(order(change->tasks) == "432");
    CHECK(change->tasks[1].status == "completed");
    CHECK(change->tasks[1].created_at == before);
    CHECK(change->kept == std::vector<std::string>{"2"});
}

TEST_CASE("a replacement may reword a task by its id") {
    const Tasks tasks = patched(three(), whole({{{"id", "2"}, {"content", "write it"}},
                                                {{"id", "3"}, {"content", "test"}}}));
    CHECK(order(tasks) == "23");
    CHECK(tasks[0].content == "write it");
    CHECK(tasks[0].status == "in_progress");
}

TEST_CASE("an id is never given twice, even when its task has left the list") {
    const Tasks done = {task("1", "a", "completed"), task("2", "b", "completed")};
    const Tasks emptied = patched(done, whole({}));
    CHECK(order(emptied) == "2");
    CHECK(order(patched(emptied, changes({{{"op", "add"}, {"content", "c"}}}))) == "23");
    CHECK(order(patched(done, whole({{{"content", "c"}}}))) == "3");
}

TEST_CASE("two tasks in progress are refused by name, and the way out is accepted") {
    const std::string why =
        refused(three(), changes({{{"op", "update"}, {"id", "3"}, {"status", "in_progress"}}}));
    CHECK(why ==
          "tasks 2 and 3 would both be in_progress, at most one may be; in the same call set 2 to "
          "pending, completed or cancelled");
    Tasks broken = three();
    broken[2].status = "in_progress";
    CHECK(order(patched(
              broken, changes({{{"op", "update"}, {"id", "2"}, {"status", "pending"}}}))) == "123");
}

TEST_CASE("errors name the place, the offending id and what is legal") {
    CHECK(refused(three(), changes({{{"op", "update"}, {"id", "9"}, {"status", "completed"}}})) ==
          "changes[0].id: no task \"9\"; the ids are 1, 2, 3");
    CHECK(refused({}, changes({{{"op", "drop"}, {"id", "1"}, {"reason", "x"}}})) ==
          "changes[0].id: no task \"1\"; there are no tasks yet: add one");
    const std::string status =
        refused(three(), changes({{{"op", "update"}, {"id", "2"}, {"status", "done"}}}));
    for (const char* legal :
         {"changes[0].status", "pending", "in_progress", "completed", "cancelled", "done"}) {
        CHECK_MESSAGE(status.find(legal) != std::string::npos, status);
    }
    const std::string priority =
        refused(three(), whole({{{"content", "x"}, {"priority", "urgent"}}}));
    for (const char* legal : {"tasks[0].priority", "high", "medium", "low", "urgent"}) {
        CHECK_MESSAGE(priority.find(legal) != std::string::npos, priority);
    }
    CHECK(refused(three(), whole({{{"id", "a b"}, {"content", "x"}}})) ==
          "tasks[0].id: must be 1 to 64 letters, digits, '-', '_' or '.'");
    CHECK(refused(three(), whole({{{"id", "7"}, {"status", "pending"}}})) ==
          "tasks[0].content: is missing");
    CHECK(refused(three(),
                  whole({{{"id", "2"}, {"content", "x"}}, {{"id", "2"}, {"content", "y"}}})) ==
          "tasks[1].id: task \"2\" is there twice");
}

TEST_CASE("incomplete and contradictory changes are refused") {
    for (const Json& change :
         std::vector<Json>{{{"op", "add"}},
                           {{"op", "add"}, {"content", "  "}},
                           {{"op", "add"}, {"content", std::string(4001, 'x')}},
                           {{"op", "add"}, {"content", "x"}, {"after", "9"}},
                           {{"op", "add"}, {"content", "x"}, {"id", "9"}},
                           {{"op", "update"}, {"id", "2"}},
                           {{"op", "update"}, {"status", "pending"}},
                           {{"op", "update"}, {"id", true}, {"status", "pending"}},
                           {{"op", "reorder"}, {"id", "2"}},
                           {{"op", "reorder"}, {"id", "2"}, {"after", "1"}, {"position", 1}},
                           {{"op", "reorder"}, {"id", "2"}, {"position", 0}},
                           {{"op", "reorder"}, {"id", "2"}, {"before", "9"}},
                           {{"op", "drop"}, {"id", "2"}},
                           {{"op", "drop"}, {"id", "2"}, {"reason", " "}},
                           {{"op", "drop"}, {"id", "1"}, {"reason", "done anyway"}},
                           {{"op", "finish"}, {"id", "1"}},
                           {{"id", "1"}},
                           "text",
                           {{"op", "add"}, {"content", "x"}, {"owner", "me"}}}) {
        CAPTURE(change.dump());
        CHECK(refused(three(), changes({change})).find("changes[0]") == 0);
    }
    for (const Json& input :
         std::vector<Json>{{},
                           Json::object(),
                           {{"tasks", "x"}},
                           {{"changes", 3}},
                           {{"todo", {}}},
                           {{"tasks", Json::array()}, {"changes", Json::array()}},
                           "x",
                           whole({Json::object()})}) {
        CAPTURE(input.dump());
        refused(three(), input);
    }
}

TEST_CASE("a call with one bad change changes nothing") {
    refused(three(), changes({{{"op", "update"}, {"id", "3"}, {"status", "completed"}},
                              {{"op", "update"}, {"id", "9"}, {"status", "completed"}}}));
}

TEST_CASE("a list is bounded") {
    Json list = Json::array();
    for (int i = 0; i < 501; ++i) list.push_back({{"content", "task " + std::to_string(i)}});
    CHECK(refused({}, Json{{"tasks", list}}) == "a list holds at most 500 tasks");
}

TEST_CASE("the list reads as check boxes") {
    Tasks tasks = three();
    tasks[2].priority = "high";
    tasks.push_back(task("4", "ship", "cancelled"));
    tasks[3].reason = "too early";
    CHECK(tasks_text(tasks) ==
          "[x] 1. read\n[>] 2. write\n[ ] 3. test (high)\n[-] 4. ship (dropped: too early)\n");
    CHECK(tasks_text({}) == "");
}

TEST_CASE("a new list may bring its own ids, and later ones do not collide with them") {
    auto first = patch_tasks(
        {}, whole({{{"id", "a"}, {"content", "x"}}, {{"id", 7}, {"content", "y"}}}), "t1");
    REQUIRE(first);
    auto second = patch_tasks(first->tasks, changes({{{"op", "add"}, {"content", "z"}}}), "t2");
    REQUIRE(second);
    std::string ids;
    for (const TaskItem& task : second->tasks) ids += task.id + " ";
    CHECK(ids == "a 7 8 ");
}
