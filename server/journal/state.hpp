// State: what a session is, as a fold over its events. apply() is a pure function of the state and
// the event (it reads no clock, no file): recovery, resume, snapshot and every view use it, so
// fold(all events) == fold(snapshot, tail).
#pragma once
#include <map>
#include <optional>

#include "journal/event.hpp"

namespace thole {

// One entry of the conversation as the model sees it, in order.
struct ContextItem {
    enum class Kind { user, answer, thought, call, result, summary };
    Kind kind = Kind::user;
    std::string message_id{};       // user, answer, thought; for call: of the answer it belongs to
    std::string text{};             // user, answer, thought, summary; result: what the model reads
    JsonValue blocks{};             // user: content blocks when more than one text; result: images
    std::string signature{};        // thought
    bool redacted = false;          // thought
    std::string call_id{}, tool{};  // call, result
    JsonValue input{};              // call
    bool is_error = false;          // result
    bool is_open = false;  // answer or thought that is still streaming, call without result
    bool operator==(const ContextItem&) const = default;
};

struct Usage {
    std::int64_t input_tokens = 0, output_tokens = 0, cached_read_tokens = 0,
                 cached_write_tokens = 0, thought_tokens = 0;
    std::int64_t model_requests = 0, tool_calls = 0;
    double cost_usd = 0;
    bool price_known = true;
    std::int64_t context_used = 0, context_size = 0;
    bool operator==(const Usage&) const = default;
};

// A sub-agent as its parent knows it.
struct Child {
    ChildSessionSpawned spawned{};
    ChildSessionCompleted completed{};  // while it works only what has come so far
    std::string status = "running";     // queued running waiting completed failed cancelled
    std::string result = "none";        // none changes merged branch discarded
    std::string activity{}, started_at{}, ended_at{};
    bool operator==(const Child&) const = default;
};

// A file that the session has changed and the user has not agreed with yet; what the changes are is
// in the log (journal/changes.hpp).
struct UnreviewedFile {
    std::string path{};          // absolute
    std::uint64_t from_id = 0;   // the event at which its story begins
    std::uint64_t event_id = 0;  // of the session's last change
    bool operator==(const UnreviewedFile&) const = default;
};

struct State {
    std::string id{}, workspace{}, cwd{}, title{}, model{}, mode{}, thought_level{};
    std::string created_at{}, updated_at{};  // RFC 3339
    std::string status = "running";          // running completed cancelled failed
    std::int64_t pid = 0, process_start = 0;
    std::string socket_path{}, branch{};
    std::string parent_session_id{}, inherited_summary{}, spawn_reason{}, session_summary{};
    std::vector<std::string> child_session_ids{}, additional_directories{};
    std::string base_branch{}, worktree_path{}, base_commit{};
    std::string agent{};  // the profile that works; "": the usual one
    std::string forked_from{};
    bool has_own_title = false;  // somebody chose it
    bool is_archived = false;
    std::vector<Child> children{};
    std::vector<McpServer> mcp_servers{};  // as they stood last in the process that runs it
    std::vector<ContextItem> context{};
    std::vector<TaskItem> tasks{};
    // Calls that have no result yet, oldest first.
    std::vector<ToolCallStarted> open_calls{};
    std::vector<ApprovalRequested> pending_approvals{};
    std::vector<QuestionRequested> pending_questions{};
    std::vector<std::string> granted_rules{};  // of "allow always"
    PlanUpdated plan{};                        // revision 0: none
    std::string plan_status = "none";          // PlanStatus
    std::string plan_before{};                 // content that the user has seen before this one
    PlanReviewed plan_review{};                // feedback that the agent has yet to heed
    std::string approved_sha256{};             // of the plan as it was approved last
    std::string plan_reason{};                 // why a review is asked again
    std::uint64_t review_id = 0;               // of the event that made a turn wait for a review
    std::string mode_before_plan{}, agent_before_plan{};
    std::vector<std::string> turn_files{};  // absolute; changed in this turn, or the last one
    std::vector<UnreviewedFile> unreviewed{};
    std::uint64_t calls_from_id = 0;  // of the event that began the first of the calls that run
    // What the prompt of this turn asks for, see MessageReceived.
    std::string turn_agent{}, turn_model{};
    std::vector<std::string> turn_tools{};
    Usage usage{};
    bool is_busy = false;
    std::string busy_message_id{};
    std::uint64_t last_event_id = 0;
    std::int64_t prompts = 0;  // user messages so far; 0: the session is empty
    std::string last_error{};
    bool operator==(const State&) const = default;
};

void apply(State& state, const Envelope& envelope);

// Where the entries begin that a compaction with `kept_messages` leaves as they are: so many from
// the end, and what belongs to them. Never a result without its call, a part of an answer, an
// answer without its thoughts, or without a call that still runs.
std::size_t first_kept(const std::vector<ContextItem>& context, std::int64_t kept_messages);

Json state_to_json(const State& state);
Result<State> state_from_json(const Json& json);

}  // namespace thole
