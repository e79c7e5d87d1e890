#include "tools/task_list.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/fields.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace thole {

namespace {

using Tasks = std::vector<TaskItem>;

constexpr std::size_t max_tasks = 500;
constexpr std::size_t max_content = 4000;
constexpr std::size_t max_digits = 9;  // of an id that the model gives: it is counted on from

bool is_open(const TaskItem& task) {
    return task.status != "completed" && task.status != "cancelled";
}

bool is_number(std::string_view id) {
    return id.find_first_not_of("0123456789") == std::string_view::npos;
}

// What new ids count on from; 0 for an id that is no number.
std::uint64_t number_of(const TaskItem& task) {
    std::uint64_t number = 0;
    if (is_number(task.id)) {
        std::from_chars(task.id.data(), task.id.data() + task.id.size(), number);
    }
    return number;
}

std::uint64_t highest_number(const Tasks& tasks) {
    std::uint64_t highest = 0;
    for (const TaskItem& task : tasks) highest = std::max(highest, number_of(task));
    return highest;
}

bool is_good_id(std::string_view id) {
    constexpr std::string_view legal =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return !id.empty() && id.size() <= 64 && id.find_first_not_of(legal) == std::string_view::npos;
}

Tasks::iterator find(Tasks& tasks, std::string_view id) {
    return std::find_if(tasks.begin(), tasks.end(),
                        [&](const TaskItem& task) { return task.id == id; });
}

std::string ids_of(const Tasks& tasks) {
    std::string ids;
    for (const TaskItem& task : tasks) ids += (ids.empty() ? "" : ", ") + task.id;
    return ids.empty() ? "there are no tasks yet: add one" : "the ids are " + ids;
}

// Ids may come as "3" or as 3.
std::optional<std::string> optional_id(Fields& fields, std::string_view key) {
    const Json& given = fields.any(key);
    if (given.is_number_integer()) return given.dump();
    return fields.optional_text(key);
}

// What one entry of the input says about a task.
struct Wish {
    std::optional<std::string> id, content, status, priority;
};

Wish read_wish(Fields& fields) {
    Wish wish;
    wish.id = optional_id(fields, "id");
    wish.content = fields.optional_text("content");
    wish.status =
        fields.optional_one_of("status", {"pending", "in_progress", "completed", "cancelled"});
    wish.priority = fields.optional_one_of("priority", {"high", "medium", "low"});
    if (wish.content && trim(*wish.content).empty()) fields.fail_at("content", "must not be empty");
    if (wish.content && wish.content->size() > max_content) {
        fields.fail_at("content", "is longer than 4000 bytes; a task is one short sentence");
    }
    return wish;
}

void grant(TaskItem& task, const Wish& wish, std::string_view now) {
    const TaskItem before = task;
    if (wish.content) task.content = std::string(trim(*wish.content));
    if (wish.status) task.status = *wish.status;
    if (task.status == "in_progress" && task.started_at.empty()) task.started_at = now;
    task.completed_at = task.status != "completed"  ? ""
                        : task.completed_at.empty() ? std::string(now)
                                                    : task.completed_at;
    if (wish.priority) task.priority = *wish.priority;
    if (is_open(task)) task.reason.clear();
    if (!(task == before)) task.updated_at = now;
}

TaskItem new_task(std::uint64_t number, const Wish& wish, std::string_view now) {
    TaskItem task;
    task.id = std::to_string(number);
    task.created_at = now;
    grant(task, wish, now);
    task.updated_at = now;
    return task;
}

// A list that is too long already (of a long plan) may still be worked on.
Result<void> check(const Tasks& tasks, std::size_t size_before) {
    std::string busy;
    for (const TaskItem& task : tasks) {
        if (task.status != "in_progress") continue;
        if (!busy.empty()) {
            return fail(
                Code::invalid_argument,
                "tasks " + busy + " and " + task.id +
                    " would both be in_progress, at most one may be; in the same call set " + busy +
                    " to pending, completed or cancelled");
        }
        busy = task.id;
    }
    if (tasks.size() > std::max(max_tasks, size_before)) {
        return fail(Code::invalid_argument, "a list holds at most 500 tasks");
    }
    return {};
}

// One patch of a list, op by op.
class Patch {
public:
    Patch(const Tasks& current, std::string_view now)
        : tasks_(current), next_(next_task_number(current)), now_(now) {}

    Result<void> apply(const Json& change, const std::string& path) {
        Fields fields(change, path);
        const std::string op = fields.one_of("op", {"add", "update", "reorder", "drop"});
        if (fields.ok()) {
            if (op == "add") add(fields);
            if (op == "update") update(fields);
            if (op == "reorder") reorder(fields);
            if (op == "drop") drop(fields);
        }
        return fields.finish();
    }

    Tasks take() { return std::move(tasks_); }

private:
    void add(Fields& fields) {
        fields.only({"op", "content", "status", "priority", "after"});
        const Wish wish = read_wish(fields);
        if (!wish.content) fields.fail_at("content", "is missing: say what is to be done");
        const std::optional<std::string> after = optional_id(fields, "after");
        auto place = tasks_.end();
        if (after) {
            place = existing(fields, "after", *after);
            if (place != tasks_.end()) ++place;
        }
        if (fields.ok()) tasks_.insert(place, new_task(next_++, wish, now_));
    }

    void update(Fields& fields) {
        fields.only({"op", "id", "content", "status", "priority"});
        const Wish wish = read_wish(fields);
        auto task = required(fields);
        if (!wish.content && !wish.status && !wish.priority) {
            fields.fail_at("id", "says nothing to update: give content, status or priority");
        }
        if (fields.ok()) grant(*task, wish, now_);
    }

    void drop(Fields& fields) {
        fields.only({"op", "id", "reason"});
        const std::string reason(trim(fields.text("reason")));
        auto task = required(fields);
        if (reason.empty()) fields.fail_at("reason", "must say why the task is dropped");
        if (fields.ok() && task->status == "completed") {
            fields.fail_at("id", "task " + task->id + " is completed and cannot be dropped");
        }
        if (!fields.ok()) return;
        task->status = "cancelled";
        task->reason = reason;
        task->updated_at = now_;
    }

    void reorder(Fields& fields) {
        fields.only({"op", "id", "after", "before", "position"});
        auto task = required(fields);
        const std::optional<std::string> after = optional_id(fields, "after");
        const std::optional<std::string> before = optional_id(fields, "before");
        const auto position = fields.optional_integer("position", 1);
        if (int(after.has_value()) + int(before.has_value()) + int(position.has_value()) != 1) {
            fields.fail_at("id", "needs exactly one of after, before and position");
        }
        const std::string_view key = after ? "after" : "before";
        const std::optional<std::string>& anchor = after ? after : before;
        if (anchor) existing(fields, key, *anchor);
        if (!fields.ok() || (anchor && *anchor == task->id)) return;
        TaskItem moved = std::move(*task);
        tasks_.erase(task);
        if (position) {
            const auto at =
                std::min<std::size_t>(static_cast<std::size_t>(*position) - 1, tasks_.size());
            tasks_.insert(tasks_.begin() + static_cast<std::ptrdiff_t>(at), std::move(moved));
        } else {
            tasks_.insert(find(tasks_, *anchor) + (after ? 1 : 0), std::move(moved));
        }
    }

    Tasks::iterator existing(Fields& fields, std::string_view key, const std::string& id) {
        auto task = find(tasks_, id);
        if (task == tasks_.end()) fields.fail_at(key, "no task \"" + id + "\"; " + ids_of(tasks_));
        return task;
    }
    Tasks::iterator required(Fields& fields) {
        const std::optional<std::string> id = optional_id(fields, "id");
        if (!id) fields.fail_at("id", "is missing; " + ids_of(tasks_));
        return id ? existing(fields, "id", *id) : tasks_.end();
    }

    Tasks tasks_;
    std::uint64_t next_;
    std::string now_;
};

// A replacement of the whole list.
class Replacement {
public:
    Replacement(const Tasks& current, std::string_view now)
        : left_(current), next_(next_task_number(current)), now_(now) {}

    Result<void> add(const Json& entry, const std::string& path) {
        Fields fields(entry, path);
        fields.only({"id", "content", "status", "priority"});
        const Wish wish = read_wish(fields);
        auto known = wish.id ? find(left_, *wish.id) : same_text(wish.content.value_or(""));
        const bool is_new = known == left_.end();
        if (wish.id && is_new && find(tasks_, *wish.id) != tasks_.end()) {
            fields.fail_at("id", "task \"" + *wish.id + "\" is there twice");
        }
        if (wish.id && is_new && !is_good_id(*wish.id)) {
            fields.fail_at("id", "must be 1 to 64 letters, digits, '-', '_' or '.'");
        }
        if (wish.id && is_new && is_number(*wish.id) && wish.id->size() > max_digits) {
            fields.fail_at("id", "is too large a number; leave it out to have one given");
        }
        if (!wish.content && is_new) fields.fail_at("content", "is missing");
        if (!fields.ok()) return fields.finish();
        if (is_new) {
            add_new(wish);
        } else {
            grant(*known, wish, now_);
            tasks_.push_back(std::move(*known));
            left_.erase(known);
        }
        return {};
    }

    // What was left out: open tasks stay, and so does the one whose id would be given again.
    TaskListChange finish() {
        TaskListChange change;
        const std::uint64_t highest = highest_number(left_);
        const bool is_last_id = highest > highest_number(tasks_);
        for (TaskItem& task : left_) {
            const bool stays = is_open(task) || (is_last_id && number_of(task) == highest);
            if (is_open(task)) change.kept.push_back(task.id);
            if (stays) tasks_.push_back(std::move(task));
        }
        change.tasks = std::move(tasks_);
        return change;
    }

private:
    // A model that begins a list likes to number it itself.
    void add_new(const Wish& wish) {
        TaskItem task = new_task(next_, wish, now_);
        if (wish.id) task.id = *wish.id;
        next_ = std::max(next_, number_of(task) + 1);
        tasks_.push_back(std::move(task));
    }

    Tasks::iterator same_text(std::string_view content) {
        return std::find_if(left_.begin(), left_.end(),
                            [&](const TaskItem& task) { return task.content == trim(content); });
    }

    Tasks left_, tasks_;
    std::uint64_t next_;
    std::string now_;
};

Result<TaskListChange> replace(const Tasks& current, const Json& entries, std::string_view now) {
    Replacement replacement(current, now);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        Result<void> added = replacement.add(entries[i], "tasks[" + std::to_string(i) + "]");
        if (!added) return added.error();
    }
    return replacement.finish();
}

Result<TaskListChange> change(const Tasks& current, const Json& changes, std::string_view now) {
    Patch patch(current, now);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        Result<void> applied = patch.apply(changes[i], "changes[" + std::to_string(i) + "]");
        if (!applied) return applied.error();
    }
    return TaskListChange{patch.take(), {}};
}

std::string_view mark(const TaskItem& task) {
    if (task.status == "completed") return "[x] ";
    if (task.status == "in_progress") return "[>] ";
    return task.status == "cancelled" ? "[-] " : "[ ] ";
}

}  // namespace

std::uint64_t next_task_number(const Tasks& tasks) {
    return highest_number(tasks) + 1;
}

Result<TaskListChange> patch_tasks(const Tasks& current, const Json& input, std::string_view now) {
    Fields fields(input, "update_tasks");
    fields.only({"tasks", "changes"});
    const bool replaces = fields.has("tasks");
    const Json& entries = fields.optional_array("tasks");
    const Json& changes = fields.optional_array("changes");
    if (replaces == fields.has("changes")) {
        fields.fail_at(replaces ? "changes" : "tasks",
                       replaces ? "goes without tasks: give one of the two"
                                : "is missing: give tasks (the whole list) or changes");
    }
    if (Result<void> read = fields.finish(); !read) return read.error();
    Result<TaskListChange> result =
        replaces ? replace(current, entries, now) : change(current, changes, now);
    if (!result) return result;
    if (Result<void> legal = check(result->tasks, current.size()); !legal) return legal.error();
    return result;
}

std::string tasks_text(const Tasks& tasks) {
    std::string text;
    for (const TaskItem& task : tasks) {
        text += std::string(mark(task)) + task.id + ". " + task.content;
        if (task.priority != "medium") text += " (" + task.priority + ")";
        if (!task.reason.empty()) text += " (dropped: " + task.reason + ")";
        text += '\n';
    }
    return text;
}

}  // namespace thole
