// Tasks as Markdown.
#include <algorithm>
#include <charconv>
#include <map>

#include "base/text.hpp"
#include "journal/log_reader.hpp"
#include "session/slash.hpp"

namespace thole {
namespace {

constexpr std::size_t bar_cells = 20;
constexpr std::size_t most_calls = 50;

std::string_view box_of(const TaskItem& task) {
    if (task.status == "completed") return "[x]";
    if (task.status == "in_progress") return "[>]";
    return task.status == "cancelled" ? "[-]" : "[ ]";
}

std::string bar_of(std::size_t done, std::size_t counted) {
    std::size_t full = counted == 0 ? 0 : bar_cells * done / counted;
    std::string bar;
    for (std::size_t i = 0; i < bar_cells; ++i) bar += i < full ? "█" : "░";
    return bar;
}

// Work that nobody does at the moment: its turn was cancelled, or its process ended.
bool is_interrupted(const TaskItem& task, const State& state) {
    return task.status == "in_progress" && !state.is_busy;
}

std::string list_of(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "`" : ", `") + text + "`";
    return list;
}

std::string head_of(const TaskItem& task, std::size_t number, const State& state) {
    std::string text = "**Task " + std::to_string(number) + "**: " + task.content + "\n\n";
    auto row = [&](const char* name, const std::string& value) {
        if (!value.empty()) text += std::string("- ") + name + ": " + value + "\n";
    };
    row("status", task.status + (is_interrupted(task, state) ? " (interrupted)" : ""));
    row("priority", task.priority);
    if (task.plan_step > 0) row("step of the plan", std::to_string(task.plan_step));
    row("created", task.created_at);
    row("started", task.started_at);
    row("completed", task.completed_at);
    row("changed", task.updated_at);
    row("reason", task.reason);
    row("files", list_of(task.files));
    return text;
}

// The calls and the last words of the agent itself while it worked on the task.
class Work {
public:
    void take(const Event& event) {
        if (const auto* call = std::get_if<ToolCallStarted>(&event)) {
            titles_[call->call_id] = call->title.empty() ? call->tool : call->title;
        } else if (const auto* done = std::get_if<ToolCallCompleted>(&event)) {
            if (titles_.contains(done->call_id)) lines_.push_back(line_of(*done));
        } else if (const auto* tokens = std::get_if<TokensStreamed>(&event)) {
            if (tokens->message_id != speaker_) words_.clear();
            speaker_ = tokens->message_id;
            words_ += tokens->text;
        }
    }

    std::string text() const {
        std::string text;
        std::size_t first = lines_.size() > most_calls ? lines_.size() - most_calls : 0;
        if (first > 0) text += "- … " + std::to_string(first) + " calls before\n";
        for (std::size_t i = first; i < lines_.size(); ++i) text += lines_[i];
        if (!trim(words_).empty()) text += "\n" + std::string(trim(words_)) + "\n";
        return text;
    }

private:
    std::string line_of(const ToolCallCompleted& done) {
        return "- " + one_line(titles_[done.call_id], 200) +
               (done.status == "completed" ? "" : " (" + done.status + ")") + "\n";
    }

    std::map<std::string, std::string> titles_;
    std::vector<std::string> lines_;
    std::string speaker_, words_;
};

std::string work_of(const TaskItem& task, const SessionFiles& files) {
    if (task.from_id <= 0) return {};
    auto from = static_cast<std::uint64_t>(task.from_id);
    auto to = static_cast<std::uint64_t>(task.to_id);
    Result<LogRange> range = range_after(files.log(), from);
    if (!range) return {};
    Work work;
    auto sink = [&](const Envelope& envelope, std::string_view) {
        if (to > 0 && envelope.id > to) return false;
        work.take(envelope.event);
        return true;
    };
    Result<LogRead> read = read_log(files.log(), files.blobs(), *range, sink);
    return read ? work.text() : "Its events cannot be read: " + read.error().message + "\n";
}

// The sub-agents that work on it or have, in brief.
std::string workers_text(const TaskItem& task, const State& state) {
    std::string text;
    for (const Child& child : state.children) {
        const std::string& id = child.spawned.child_session_id;
        bool is_its = std::find(task.workers.begin(), task.workers.end(), id) != task.workers.end();
        if (!is_its) continue;
        text += "  - sub-agent `" + id + "` " + child.status;
        if (child.result != "none") text += ", " + child.result;
        text += ": " + one_line(child.spawned.task, 80) + "\n";
    }
    return text;
}

std::string worker_text(const std::string& id, const State& state) {
    for (const Child& child : state.children) {
        if (child.spawned.child_session_id != id) continue;
        std::string text = "\n**Sub-agent** `" + id + "`, " + child.status;
        if (!child.completed.branch.empty()) text += ", branch `" + child.completed.branch + "`";
        text += ": " + one_line(child.spawned.task, 200) + "\n";
        if (!child.completed.error.empty()) text += "\n" + child.completed.error + "\n";
        return text +
               (child.completed.summary.empty() ? "" : "\n" + child.completed.summary + "\n");
    }
    return {};
}

}  // namespace

Result<std::string> task_as_text(const SessionFiles& files, const State& state,
                                 std::string_view digits) {
    std::size_t number = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    bool is_number = error == std::errc() && end == digits.data() + digits.size();
    if (!is_number || number < 1 || number > state.tasks.size()) {
        return fail(Code::invalid_argument, state.tasks.empty()
                                                ? "there are no tasks"
                                                : "give the number of a task, from 1 to " +
                                                      std::to_string(state.tasks.size()));
    }
    const TaskItem& task = state.tasks[number - 1];
    std::string text = head_of(task, number, state);
    std::string work = work_of(task, files);
    if (!work.empty()) text += "\n" + work;
    for (const std::string& worker : task.workers) text += worker_text(worker, state);
    return text;
}

std::string tasks_as_text(const State& state) {
    if (state.tasks.empty()) return "There are no tasks.";
    std::size_t done = 0, counted = 0, number = 0;
    std::string lines;
    for (const TaskItem& task : state.tasks) {
        if (task.status != "cancelled") ++counted;
        if (task.status == "completed") ++done;
        lines +=
            "- " + std::string(box_of(task)) + " " + std::to_string(++number) + ". " + task.content;
        if (task.priority != "medium") lines += " (" + task.priority + ")";
        if (is_interrupted(task, state)) lines += " (interrupted)";
        if (!task.reason.empty()) lines += " (dropped: " + task.reason + ")";
        lines += "\n" + workers_text(task, state);
    }
    return bar_of(done, counted) + " " + std::to_string(done) + " of " + std::to_string(counted) +
           " tasks done\n\n" + lines;
}

}  // namespace thole
