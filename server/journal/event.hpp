// The events of a session: everything that can be seen of it, once, in order. Each is a plain
// struct; `event_type` gives its name in the log (docs/session-format.md has every field). Events
// are made by agent/ and session/, written by Journal, folded by state.hpp and shown by the front
// ends. Adding a field is compatible; readers ignore what they do not know. Every member has an
// initializer, so that makers name only those that they set.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "base/result.hpp"

namespace thole {

// Opaque JSON inside an event. A pointer keeps <nlohmann/json.hpp> out of the headers; copying
// shares, because an event never changes once it exists. Null when absent.
class JsonValue {
public:
    JsonValue() = default;
    JsonValue(Json value);
    const Json& operator*() const;  // a null Json when absent
    const Json* operator->() const { return &**this; }
    bool is_absent() const { return !held_; }
    bool operator==(const JsonValue& other) const;

private:
    std::shared_ptr<const Json> held_;
};

struct SessionStarted {
    std::string session_id{}, workspace{}, cwd{}, model{}, mode{}, version{};
    std::string branch{}, parent_session_id{}, spawn_reason{}, inherited_summary{};
    std::vector<std::string> additional_directories{};
    std::int64_t pid = 0;
    std::int64_t process_start = 0;  // field 22 of /proc/<pid>/stat, so that a reused pid shows
    std::string thought_level{}, socket_path{};
    bool resumed = false;
    std::string agent{};  // the profile that a sub-agent works by
    // The session whose events those before this one are: what is here from now on is a session of
    // its own.
    std::string forked_from{};
    bool operator==(const SessionStarted&) const = default;
};

// A prompt (role "user") or the end of an answer (role "assistant"). `blocks` holds the content
// blocks of a prompt in ACP's shape when it is more than one text, or another one. The text of an
// answer is that of its TokensStreamed events; `content` repeats it when it is at most 32 KiB.
struct MessageReceived {
    std::string role{}, message_id{}, content{};
    JsonValue blocks{};
    std::string stop_reason{};  // assistant: end_turn, tool_use, max_tokens, refusal, …
    std::string model{};  // that answered; user: that this turn is asked of, "": the session's
    // Of a prompt that the command `command` has made: `content` is what was typed, `blocks` what
    // the model reads. For this turn only: who works, and with which tools (none: all).
    std::string command{}, agent{};
    std::vector<std::string> tools{};
    bool operator==(const MessageReceived&) const = default;
};

struct TokensStreamed {
    std::string message_id{}, text{};
    bool operator==(const TokensStreamed&) const = default;
};

// `signature` comes with the last piece of a thought, with empty text: what the provider wants
// back.
struct ThoughtStreamed {
    std::string message_id{}, text{}, signature{};
    bool redacted = false;
    bool operator==(const ThoughtStreamed&) const = default;
};

struct Location {
    std::string path{};     // absolute
    std::int64_t line = 0;  // 1-based, 0 when unknown
    bool operator==(const Location&) const = default;
};

struct FileDiff {
    std::string path{};  // absolute
    bool created = false;
    bool deleted = false;
    std::string old_text{}, new_text{};
    bool partial = false;  // both texts are parts of a file that is too long to be shown
    bool operator==(const FileDiff&) const = default;
};

// The model asked for a tool. Written before any decision; nothing has happened yet.
struct ToolCallStarted {
    std::string call_id{}, tool{}, message_id{};
    std::string title{};   // one line for people
    std::string kind{};    // read edit delete move search execute think fetch switch_mode other
    std::string effect{};  // read edit delete execute network other
    JsonValue input{};
    std::vector<Location> locations{};
    std::vector<FileDiff> diffs{};  // what the call would change, when that is known before it runs
    bool operator==(const ToolCallStarted&) const = default;
};

struct ToolOutputChunk {
    std::string call_id{}, text{};
    bool operator==(const ToolOutputChunk&) const = default;
};

struct ToolCallCompleted {
    std::string call_id{};
    std::string status{};  // completed failed denied cancelled interrupted
    std::string output{};  // what the model reads, truncated
    JsonValue content{};   // further content blocks for the model, images for example
    std::vector<FileDiff> diffs{};
    std::vector<Location> locations{};
    std::string full_output{};  // sha256 of the blob with the whole output, when it was truncated
    std::vector<std::string> changed_files{};  // by a command; found while a plan is carried out
    std::int64_t duration_ms = 0;
    bool operator==(const ToolCallCompleted&) const = default;
};

struct ApprovalRequested {
    std::string call_id{}, tool{};
    JsonValue input{};
    std::string why{}, closest_rule{};
    std::vector<std::string> always_rules{};  // what "allow always" would grant; empty: not offered
    std::string always_says{};                // the same for people
    bool operator==(const ApprovalRequested&) const = default;
};

// The recorded decision on a tool call; every call has one, also those that nobody had to be asked
// for (by = "policy").
struct ApprovalResolved {
    std::string call_id{};
    std::string decision{};  // allow deny cancelled
    std::string scope{};     // once session
    std::string by{};        // policy user hook nobody
    std::string reason{};
    std::vector<std::string> rules{};  // granted for the session
    bool operator==(const ApprovalResolved&) const = default;
};

// Something that a call was to do and that was kept from happening: the call itself (mode plan) or
// a part of what its command tried. May come after the call's end, from what it left running.
struct EffectRefused {
    std::string call_id{}, tool{};
    std::string effect{};  // edit delete execute network other
    std::string what{};    // a path, an address, a command; "unlink /w/a.txt"
    std::string by{};      // "mode plan", "rule", "Landlock ABI 7 and seccomp"
    std::string reason{};
    bool operator==(const EffectRefused&) const = default;
};

// The hooks that run from now on in this session, each as "pre_tool bash(git push:*): ./check (from
// /home/me/.config/thole/config.toml)". Before the first of them starts.
struct HooksChanged {
    std::vector<std::string> hooks{};
    bool operator==(const HooksChanged&) const = default;
};

// A hook has run and changed what happens, or has failed. Hooks that only let things go on have no
// event.
struct HookRan {
    std::string event{}, command{}, source{};  // pre_tool …; the command; the file that has it
    std::string call_id{}, tool{};             // of pre_tool and post_tool
    std::string message_id{};                  // of prompt
    std::string outcome{};                     // context ask deny feedback failed
    std::string reason{};                      // of ask, deny, feedback, failed
    std::string context{};                     // what it adds for the model
    bool blocked = false;  // the call or the prompt did not go on; of failed, too
    std::int64_t duration_ms = 0;
    bool operator==(const HookRan&) const = default;
};

struct QuestionRequested {
    std::string question_id{}, call_id{}, question{};
    std::vector<std::string> options{};
    bool operator==(const QuestionRequested&) const = default;
};

struct QuestionResolved {
    std::string question_id{};
    JsonValue selection{};  // {"kind":"option"|"custom"|"suggested"|"cancelled", "text":…}
    bool operator==(const QuestionResolved&) const = default;
};

// Token counts of one model request, and what the context now holds.
struct CostUpdated {
    std::string model{};
    std::int64_t input_tokens = 0, output_tokens = 0, cached_read_tokens = 0,
                 cached_write_tokens = 0, thought_tokens = 0;
    double cost_usd = 0;  // of this request; 0 when the price is unknown
    bool price_known = false;
    std::int64_t context_used = 0, context_size = 0;
    bool operator==(const CostUpdated&) const = default;
};

struct Checkpoint {
    std::int64_t turn = 0;  // model round trips so far
    bool operator==(const Checkpoint&) const = default;
};

struct TaskItem {
    std::string id{}, content{};
    std::string status = "pending";   // pending in_progress completed cancelled
    std::string priority = "medium";  // high medium low
    std::string reason{};             // why it was dropped
    std::string created_at{}, updated_at{}, started_at{}, completed_at{};
    std::int64_t plan_step = 0;           // which step of the approved plan it is; 0: none
    std::vector<std::string> files{};     // absolute; changed while it was in progress
    std::vector<std::string> workers{};   // sub-agents that were started while it was
    std::int64_t from_id = 0, to_id = 0;  // events between which it was in progress; 0: not yet
    bool operator==(const TaskItem&) const = default;
};

struct TodosUpdated {
    std::vector<TaskItem> tasks{};  // the whole list
    bool operator==(const TodosUpdated&) const = default;
};

struct PlanUpdated {
    std::string path{}, content{}, sha256{}, agent_name{};
    std::int64_t revision = 0;
    std::string by{};  // agent user file
    bool operator==(const PlanUpdated&) const = default;
};

// What the user has to say about some lines of a plan.
struct PlanComment {
    std::int64_t start_line = 0, end_line = 0;  // 1-based, both included
    std::string text{}, quote{};                // quote: those lines
    bool operator==(const PlanComment&) const = default;
};

// The user's answer to a plan in review. Feedback without words or comments: the user will say
// later what is to be different.
struct PlanReviewed {
    std::string decision{};  // approved rejected feedback
    std::string feedback{}, sha256{};
    std::int64_t revision = 0;
    std::vector<PlanComment> comments{};
    bool operator==(const PlanReviewed&) const = default;
};

// The plan stands differently without having been written or reviewed.
struct PlanStatusChanged {
    std::string status{};  // in_review done
    std::string reason{}, sha256{};
    std::int64_t revision = 0;
    bool operator==(const PlanStatusChanged&) const = default;
};

// A turn has changed files that the approved plan does not name.
struct PlanDrifted {
    std::string message_id{};  // of the turn's prompt
    std::vector<std::string> files{};
    std::int64_t revision = 0;
    bool operator==(const PlanDrifted&) const = default;
};

// Another profile works from now on; "": the usual one.
struct AgentChanged {
    std::string agent{}, by{};
    bool operator==(const AgentChanged&) const = default;
};

// A prompt that an MCP server offers, typed as "/server:prompt words".
struct McpPrompt {
    std::string name{}, description{};  // name: "server:prompt"
    std::string hint{};                 // of its arguments
    bool operator==(const McpPrompt&) const = default;
};

struct McpServer {
    std::string name{}, source{};  // source: the editor, or the file that names it
    std::string target{};          // the program or the address, without secrets
    std::string status{};          // idle starting ready down
    std::string error{};           // of one that is down
    std::string protocol{};        // its revision
    std::int64_t tools = 0;
    std::vector<McpPrompt> prompts{};
    bool operator==(const McpServer&) const = default;
};

// MCP servers have come up or gone down, or offer something else.
struct McpServersChanged {
    std::vector<McpServer> servers{};  // all
    bool operator==(const McpServersChanged&) const = default;
};

// A sub-agent was started: a session of its own, whose events are in its own log.
struct ChildSessionSpawned {
    std::string child_session_id{}, call_id{}, task{}, agent{}, model{};
    bool background = false;
    bool operator==(const ChildSessionSpawned&) const = default;
};

// It stands differently: queued running waiting (for the user).
struct ChildSessionActivity {
    std::string child_session_id{}, status{}, activity{};
    bool operator==(const ChildSessionActivity&) const = default;
};

struct ChildSessionCompleted {
    std::string child_session_id{}, call_id{};
    std::string status{};   // completed failed cancelled
    std::string summary{};  // its last answer, for the parent
    std::string branch{}, error{};
    std::vector<std::string> changed_files{};  // relative to its worktree
    std::int64_t insertions = 0, deletions = 0, tokens = 0, tool_calls = 0;
    double cost_usd = 0;
    bool operator==(const ChildSessionCompleted&) const = default;
};

// The session works in a worktree of its own.
struct WorktreeCreated {
    std::string path{}, branch{}, base_commit{}, repository{};
    std::vector<std::string> included{};  // ignored files that were copied
    bool operator==(const WorktreeCreated&) const = default;
};

// What became of a sub-agent's work.
struct WorktreeMerged {
    std::string child_session_id{}, branch{};
    std::string result{};  // changes (into the user's files) branch discarded refused
    std::vector<std::string> files{};
    std::string rescue_ref{};       // what was discarded, reachable
    std::string reason{};           // of "refused": what is in the way; nothing was touched
    std::vector<FileDiff> diffs{};  // of "changes": the text files among them
    bool operator==(const WorktreeMerged&) const = default;
};

// How far the user's review of a changed file has come: what was accepted is in `baseline`, what
// was rejected has left `latest`. Absent: no such file.
struct ChangesReviewed {
    std::string path{};  // absolute
    std::string baseline{}, latest{};
    bool baseline_absent = false, latest_absent = false;
    bool settled = false;       // they are the same: nothing is left to review
    std::int64_t event_id = 0;  // the change that was reviewed
    bool operator==(const ChangesReviewed&) const = default;
};

struct ModeChanged {
    std::string mode{}, by{};
    bool operator==(const ModeChanged&) const = default;
};

struct ModelChanged {
    std::string model{}, thought_level{}, by{};
    bool operator==(const ModelChanged&) const = default;
};

// The title is what somebody chose from now on, and not cut from the first prompt.
struct TitleChanged {
    std::string title{}, by{};
    bool operator==(const TitleChanged&) const = default;
};

// The session is put away from the usual lists, or is back there.
struct ArchiveChanged {
    bool archived = false;
    std::string by{};
    bool operator==(const ArchiveChanged&) const = default;
};

struct ContextWarning {
    std::int64_t used = 0, size = 0;
    bool operator==(const ContextWarning&) const = default;
};

struct ContextCompaction {
    std::string phase{};  // started completed failed
    std::string summary{}, message{};
    std::int64_t before_tokens = 0, after_tokens = 0;
    std::int64_t kept_messages = 0;
    bool operator==(const ContextCompaction&) const = default;
};

// A turn of the user begins (busy) or has ended. `message_id` is that of the prompt. An ended turn
// gives its reason: end_turn max_tokens max_turn_requests refusal cancelled error limit.
struct BusyStateChanged {
    bool busy = false;
    std::string message_id{}, stop_reason{}, error_code{}, error{};
    bool operator==(const BusyStateChanged&) const = default;
};

struct LimitReached {
    std::string limit{};  // max_tool_calls, max_tool_calls_per_turn, max_turns_per_run, …
    std::int64_t value = 0;
    bool operator==(const LimitReached&) const = default;
};

// Something failed and people should know. `discarded_message_id` names a broken-off answer that is
// asked for again and does not count any more.
struct ErrorReported {
    std::string code{}, message{}, discarded_message_id{};
    bool retrying = false;
    bool operator==(const ErrorReported&) const = default;
};

struct SessionEnded {
    std::string reason{};  // completed cancelled failed
    bool operator==(const SessionEnded&) const = default;
};

// An event of a later version: kept as it is.
struct UnknownEvent {
    std::string type{};
    JsonValue fields{};
    bool operator==(const UnknownEvent&) const = default;
};

using Event =
    std::variant<SessionStarted, MessageReceived, TokensStreamed, ThoughtStreamed, ToolCallStarted,
                 ToolOutputChunk, ToolCallCompleted, ApprovalRequested, ApprovalResolved,
                 EffectRefused, HooksChanged, HookRan, QuestionRequested, QuestionResolved,
                 CostUpdated, Checkpoint, TodosUpdated, PlanUpdated, PlanReviewed,
                 PlanStatusChanged, PlanDrifted, ModeChanged, ModelChanged, AgentChanged,
                 McpServersChanged, ChildSessionSpawned, ChildSessionActivity,
                 ChildSessionCompleted, WorktreeCreated, WorktreeMerged, ChangesReviewed,
                 TitleChanged, ArchiveChanged, ContextWarning, ContextCompaction, BusyStateChanged,
                 LimitReached, ErrorReported, SessionEnded, UnknownEvent>;

struct Envelope {
    std::uint64_t id = 0;  // from 1, monotonic over the whole life of the session
    TimePoint time{};
    Event event{};
};

// "MessageReceived", … ; ErrorReported is "Error" in the log.
std::string_view event_type(const Event& event);

// {"type":…, fields}. Empty strings, empty lists, zero numbers and false are left out.
Json event_to_json(const Event& event);
// The inverse. A known type with a field of the wrong kind is `corrupt`, naming the field.
Result<Event> event_from_json(const Json& json);

}  // namespace thole
