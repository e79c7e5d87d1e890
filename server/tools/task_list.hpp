// The agent's task list as a pure function: the list that there is and what the model sent give the
// new list, or an error that names the offending id and the legal values. Knows no clock and no
// session; update_tasks and the approval of a plan use it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "journal/event.hpp"

namespace thole {

struct TaskListChange {
    std::vector<TaskItem> tasks;
    std::vector<std::string>
        kept;  // ids of open tasks that a replacement left out; still in `tasks`
};

// `input` is {"tasks":[{id?,content,status?,priority?}]}, a replacement of the whole list, or
// {"changes":[{op:"add",content,status?,priority?,after?} | {op:"update",id,content?,status?,
// priority?} | {op:"reorder",id,after|before|position} | {op:"drop",id,reason}]}, done in order,
// all or none. Ids are "1", "2", …, never given twice. A replacement keeps open tasks that it left
// out, and finds tasks without an id by their text. `now` is RFC 3339. Errors: invalid_argument.
Result<TaskListChange> patch_tasks(const std::vector<TaskItem>& current, const Json& input,
                                   std::string_view now);

// What the id of the next new task is; no task of the list has it.
std::uint64_t next_task_number(const std::vector<TaskItem>& tasks);

// One line a task, as the model and people read it: "[x] 1. Write the parser", "[>]" in progress,
// "[ ]" pending, "[-]" cancelled; a priority other than medium and a reason are added.
std::string tasks_text(const std::vector<TaskItem>& tasks);

}  // namespace thole
