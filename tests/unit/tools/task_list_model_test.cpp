// Every task list of up to three tasks that update_tasks can make, from the empty one on, and what
// it makes of each of them. Ids are told apart by their order only, texts follow the ids.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/json.hpp"
#include "tools/task_list.hpp"

using namespace thole;
using Tasks = std::vector<TaskItem>;

namespace {

constexpr std::size_t most = 3;
constexpr const char* now = "2026-11-20T12:00:00Z";
const std::vector<std::string> all_statuses = {"pending", "in_progress", "completed", "cancelled"};

bool is_open(const TaskItem& task) {
    return task.status == "pending" || task.status == "in_progress";
}

const TaskItem* find(const Tasks& tasks, const std::string& id) {
    for (const TaskItem& task : tasks) {
        if (task.id == id) return &task;
    }
    return nullptr;
}

// The same list with the ids 1, 2, … in their order, and without times.
Tasks normal(const Tasks& tasks) {
    std::vector<int> numbers;
    for (const TaskItem& task : tasks) numbers.push_back(std::stoi(task.id));
    std::sort(numbers.begin(), numbers.end());
    Tasks renamed;
    for (const TaskItem& task : tasks) {
        auto place = std::find(numbers.begin(), numbers.end(), std::stoi(task.id));
        TaskItem& item = renamed.emplace_back();
        item.id = std::to_string(place - numbers.begin() + 1);
        item.content = "task " + item.id;
        item.status = task.status;
    }
    return renamed;
}

std::string key_of(const Tasks& tasks) {
    std::string key;
    for (const TaskItem& task : tasks) key += task.id + task.status + " ";
    return key;
}

std::vector<std::string> ids_up_to(std::size_t size) {
    std::vector<std::string> ids;
    for (std::size_t i = 1; i <= size; ++i) ids.push_back(std::to_string(i));
    return ids;
}

Json update(const std::string& id, const std::string& status) {
    return {{"op", "update"}, {"id", id}, {"status", status}};
}

// Single changes of a list of `size` tasks.
std::vector<Json> changes_of(std::size_t size) {
    const std::vector<std::string> ids = ids_up_to(size);
    std::vector<Json> all;
    for (const std::string& status : all_statuses) {
        all.push_back({{"op", "add"}, {"content", "new"}, {"status", status}});
        for (const std::string& id : ids) {
            all.push_back({{"op", "add"}, {"content", "n"}, {"status", status}, {"after", id}});
            all.push_back(update(id, status));
        }
    }
    for (const std::string& id : ids) {
        all.push_back({{"op", "update"}, {"id", id}, {"priority", "high"}});
        all.push_back({{"op", "update"}, {"id", id}, {"content", "reworded"}});
        all.push_back({{"op", "drop"}, {"id", id}, {"reason", "no need"}});
        for (std::size_t to = 1; to <= size; ++to) {
            all.push_back({{"op", "reorder"}, {"id", id}, {"position", to}});
            all.push_back({{"op", "reorder"}, {"id", id}, {"after", ids[to - 1]}});
            all.push_back({{"op", "reorder"}, {"id", id}, {"before", ids[to - 1]}});
        }
    }
    return all;
}

// Replacements: every choice of tasks in every order, with one that is new, each as it is or with
// another status.
void add_replacements(std::size_t size, const Json& begin, std::vector<Json>& all) {
    all.push_back({{"tasks", begin}});
    if (begin.size() == most) return;
    std::vector<std::string> ids = ids_up_to(size);
    ids.push_back("");
    for (const std::string& id : ids) {
        Json entry{{"content", id.empty() ? "new" : "task " + id}};
        if (!id.empty()) entry["id"] = id;
        bool is_used = std::any_of(begin.begin(), begin.end(), [&](const Json& one) {
            return one["content"] == entry["content"];
        });
        if (is_used) continue;
        for (const char* status : {"", "in_progress", "completed"}) {
            Json longer = begin;
            if (*status) entry["status"] = status;
            longer.push_back(entry);
            add_replacements(size, longer, all);
        }
    }
}

// Every input for a list of `size` tasks: single changes, two updates at once, replacements.
std::vector<Json> inputs_of(std::size_t size) {
    std::vector<Json> all;
    for (const Json& change : changes_of(size)) all.push_back({{"changes", Json::array({change})}});
    for (const std::string& first : ids_up_to(size)) {
        for (const std::string& second : ids_up_to(size)) {
            for (const std::string& status : all_statuses) {
                Json both = Json::array({update(first, status), update(second, "in_progress")});
                all.push_back({{"changes", std::move(both)}});
            }
        }
    }
    add_replacements(size, Json::array(), all);
    return all;
}

bool is_mentioned(const Json& input, const std::string& id) {
    const Json& entries = input["tasks"];
    return std::any_of(entries.begin(), entries.end(),
                       [&](const Json& one) { return one.value("id", "") == id; });
}

// What must hold of every accepted update; "" when it does.
std::string broken_rule(const Tasks& before, const Json& input, const TaskListChange& change) {
    std::set<std::string> ids;
    int busy = 0;
    for (const TaskItem& task : change.tasks) {
        if (!ids.insert(task.id).second) return "an id is there twice";
        if (task.id.empty() || task.content.empty()) return "a task has no id or no text";
        busy += task.status == "in_progress";
    }
    if (busy > 1) return "two tasks are in progress";
    bool replaces = input.contains("tasks");
    if (!replaces && !change.kept.empty()) return "changes keep nothing";
    for (const TaskItem& task : before) {
        const TaskItem* after = find(change.tasks, task.id);
        if (!replaces && !after) return "a change removed a task";
        if (!replaces || is_mentioned(input, task.id) || !is_open(task)) continue;
        if (!after || !(*after == task)) return "an open task was left out and did not stay";
        bool is_told =
            std::find(change.kept.begin(), change.kept.end(), task.id) != change.kept.end();
        if (!is_told) return "an open task stayed and nobody is told";
    }
    return {};
}

struct Exploration {
    std::map<std::string, Tasks> reached;
    std::vector<Tasks> open;
    std::map<std::string, int> accepted;  // updates that change something, for each list
    std::size_t tried = 0;

    void reach(const Tasks& tasks) {
        if (tasks.size() > most) return;
        Tasks same = normal(tasks);
        if (reached.emplace(key_of(same), same).second) open.push_back(std::move(same));
    }

    void expand(const Tasks& tasks, const std::vector<Json>& inputs) {
        int& changing = accepted[key_of(tasks)];
        for (const Json& input : inputs) {
            ++tried;
            Result<TaskListChange> change = patch_tasks(tasks, input, now);
            if (!change) continue;
            std::string broken = broken_rule(tasks, input, *change);
            if (!broken.empty()) FAIL_CHECK(key_of(tasks) << dump_json(input) << ": " << broken);
            changing += key_of(normal(change->tasks)) != key_of(tasks);
            reach(change->tasks);
        }
    }

    void run() {
        std::vector<std::vector<Json>> inputs;
        for (std::size_t size = 0; size <= most; ++size) inputs.push_back(inputs_of(size));
        reach({});
        while (!open.empty()) {
            Tasks tasks = std::move(open.back());
            open.pop_back();
            expand(tasks, inputs[tasks.size()]);
        }
    }
};

// The task's status after the shortest legal call that gives it one.
bool can_become(const Tasks& tasks, const std::string& id, const std::string& status) {
    Json changes = Json::array();
    for (const TaskItem& task : tasks) {
        bool gives_way = status == "in_progress" && task.status == "in_progress" && task.id != id;
        if (gives_way) changes.push_back(update(task.id, "pending"));
    }
    changes.push_back(update(id, status));
    Result<TaskListChange> change = patch_tasks(tasks, {{"changes", changes}}, now);
    return change && find(change->tasks, id)->status == status;
}

}  // namespace

TEST_CASE("no list of tasks is a dead end, none breaks a rule, and every list can be made") {
    Exploration exploration;
    exploration.run();
    // Orders of the ids times statuses with at most one in progress: 1 + 4 + 2 * 15 + 6 * 54.
    CHECK(exploration.reached.size() == 359);
    CHECK(exploration.tried > 200'000);
    for (const auto& [key, tasks] : exploration.reached) {
        CAPTURE(key);
        CHECK(exploration.accepted[key] > 0);
        for (const TaskItem& task : tasks) {
            for (const std::string& status : all_statuses) {
                CHECK(can_become(tasks, task.id, status));
            }
        }
    }
}

TEST_CASE("a list that is too long can still be worked on, but not grow") {
    Tasks tasks;
    for (int i = 1; i <= 600; ++i) {
        tasks.emplace_back().id = std::to_string(i);
        tasks.back().content = "step";
    }
    CHECK(can_become(tasks, "600", "completed"));
    CHECK(patch_tasks(tasks, {{"tasks", Json::array()}}, now));
    Json add = Json::array({{{"op", "add"}, {"content", "more"}}});
    Result<TaskListChange> longer = patch_tasks(tasks, {{"changes", add}}, now);
    REQUIRE_FALSE(longer);
    CHECK(longer.error().message == "a list holds at most 500 tasks");
}

TEST_CASE("ids that a list brings never become those of new tasks") {
    for (const char* id : {"999999999", "0", "-1", "1.5", "007", "1a", "18446744073709551615a"}) {
        CAPTURE(id);
        Json given = Json::array({{{"id", id}, {"content", "a"}}});
        Result<TaskListChange> change = patch_tasks({}, {{"tasks", given}}, now);
        REQUIRE(change);
        std::set<std::string> ids{id};
        for (int i = 0; i < 3; ++i) {
            Json add = Json::array({{{"op", "add"}, {"content", "more"}}});
            change = patch_tasks(change->tasks, {{"changes", add}}, now);
            REQUIRE(change);
            CHECK(ids.insert(change->tasks.back().id).second);
        }
    }
}

TEST_CASE("an id that is a number too large to count on from is refused") {
    for (const char* id : {"1000000000", "9223372036854775807", "18446744073709551615"}) {
        Json given = Json::array({{{"id", id}, {"content", "a"}}});
        Result<TaskListChange> change = patch_tasks({}, {{"tasks", given}}, now);
        REQUIRE_FALSE(change);
        CHECK(change.error() ==
              fail(Code::invalid_argument,
                   "tasks[0].id: is too large a number; leave it out to have one given"));
    }
}
