// The table of every event's name and fields, and the text form of events. Internal to journal/;
// docs/session-format.md is compared with this table by a test.
#pragma once
#include "journal/codec.hpp"
#include "journal/event.hpp"

namespace thole::codec {

template <>
struct Shape<SessionStarted> {
    using T = SessionStarted;
    static constexpr std::string_view name = "SessionStarted";
    static constexpr std::tuple fields{Field{"session_id", &T::session_id},
                                       Field{"workspace", &T::workspace},
                                       Field{"cwd", &T::cwd},
                                       Field{"model", &T::model},
                                       Field{"mode", &T::mode},
                                       Field{"version", &T::version},
                                       Field{"branch", &T::branch},
                                       Field{"parent_session_id", &T::parent_session_id},
                                       Field{"spawn_reason", &T::spawn_reason},
                                       Field{"inherited_summary", &T::inherited_summary},
                                       Field{"additional_directories", &T::additional_directories},
                                       Field{"pid", &T::pid},
                                       Field{"process_start", &T::process_start},
                                       Field{"thought_level", &T::thought_level},
                                       Field{"socket_path", &T::socket_path},
                                       Field{"resumed", &T::resumed},
                                       Field{"agent", &T::agent},
                                       Field{"forked_from", &T::forked_from}};
};

template <>
struct Shape<MessageReceived> {
    using T = MessageReceived;
    static constexpr std::string_view name = "MessageReceived";
    static constexpr std::tuple fields{Field{"role", &T::role},
                                       Field{"message_id", &T::message_id},
                                       Field{"content", &T::content},
                                       Field{"blocks", &T::blocks},
                                       Field{"stop_reason", &T::stop_reason},
                                       Field{"model", &T::model},
                                       Field{"command", &T::command},
                                       Field{"agent", &T::agent},
                                       Field{"tools", &T::tools}};
};

template <>
struct Shape<TokensStreamed> {
    using T = TokensStreamed;
    static constexpr std::string_view name = "TokensStreamed";
    static constexpr std::tuple fields{Field{"message_id", &T::message_id},
                                       Field{"text", &T::text}};
};

template <>
struct Shape<ThoughtStreamed> {
    using T = ThoughtStreamed;
    static constexpr std::string_view name = "ThoughtStreamed";
    static constexpr std::tuple fields{Field{"message_id", &T::message_id}, Field{"text", &T::text},
                                       Field{"signature", &T::signature},
                                       Field{"redacted", &T::redacted}};
};

template <>
struct Shape<Location> {
    using T = Location;
    static constexpr std::tuple fields{Field{"path", &T::path}, Field{"line", &T::line}};
};

template <>
struct Shape<FileDiff> {
    using T = FileDiff;
    static constexpr std::tuple fields{
        Field{"path", &T::path},         Field{"created", &T::created},
        Field{"deleted", &T::deleted},   Field{"old_text", &T::old_text},
        Field{"new_text", &T::new_text}, Field{"partial", &T::partial}};
};

template <>
struct Shape<ToolCallStarted> {
    using T = ToolCallStarted;
    static constexpr std::string_view name = "ToolCallStarted";
    static constexpr std::tuple fields{Field{"call_id", &T::call_id},
                                       Field{"tool", &T::tool},
                                       Field{"message_id", &T::message_id},
                                       Field{"title", &T::title},
                                       Field{"kind", &T::kind},
                                       Field{"effect", &T::effect},
                                       Field{"input", &T::input},
                                       Field{"locations", &T::locations},
                                       Field{"diffs", &T::diffs}};
};

template <>
struct Shape<ToolOutputChunk> {
    using T = ToolOutputChunk;
    static constexpr std::string_view name = "ToolOutputChunk";
    static constexpr std::tuple fields{Field{"call_id", &T::call_id}, Field{"text", &T::text}};
};

template <>
struct Shape<ToolCallCompleted> {
    using T = ToolCallCompleted;
    static constexpr std::string_view name = "ToolCallCompleted";
    static constexpr std::tuple fields{Field{"call_id", &T::call_id},
                                       Field{"status", &T::status},
                                       Field{"output", &T::output},
                                       Field{"content", &T::content},
                                       Field{"diffs", &T::diffs},
                                       Field{"locations", &T::locations},
                                       Field{"full_output", &T::full_output},
                                       Field{"changed_files", &T::changed_files},
                                       Field{"duration_ms", &T::duration_ms}};
};

template <>
struct Shape<ApprovalRequested> {
    using T = ApprovalRequested;
    static constexpr std::string_view name = "ApprovalRequested";
    static constexpr std::tuple fields{Field{"call_id", &T::call_id},
                                       Field{"tool", &T::tool},
                                       Field{"input", &T::input},
                                       Field{"why", &T::why},
                                       Field{"closest_rule", &T::closest_rule},
                                       Field{"always_rules", &T::always_rules},
                                       Field{"always_says", &T::always_says}};
};

template <>
struct Shape<ApprovalResolved> {
    using T = ApprovalResolved;
    static constexpr std::string_view name = "ApprovalResolved";
    static constexpr std::tuple fields{
        Field{"call_id", &T::call_id}, Field{"decision", &T::decision}, Field{"scope", &T::scope},
        Field{"by", &T::by},           Field{"reason", &T::reason},     Field{"rules", &T::rules}};
};

template <>
struct Shape<EffectRefused> {
    using T = EffectRefused;
    static constexpr std::string_view name = "EffectRefused";
    static constexpr std::tuple fields{Field{"call_id", &T::call_id}, Field{"tool", &T::tool},
                                       Field{"effect", &T::effect},   Field{"what", &T::what},
                                       Field{"by", &T::by},           Field{"reason", &T::reason}};
};

template <>
struct Shape<HooksChanged> {
    using T = HooksChanged;
    static constexpr std::string_view name = "HooksChanged";
    static constexpr std::tuple fields{Field{"hooks", &T::hooks}};
};

template <>
struct Shape<HookRan> {
    using T = HookRan;
    static constexpr std::string_view name = "HookRan";
    static constexpr std::tuple fields{Field{"event", &T::event},
                                       Field{"command", &T::command},
                                       Field{"source", &T::source},
                                       Field{"call_id", &T::call_id},
                                       Field{"tool", &T::tool},
                                       Field{"message_id", &T::message_id},
                                       Field{"outcome", &T::outcome},
                                       Field{"reason", &T::reason},
                                       Field{"context", &T::context},
                                       Field{"blocked", &T::blocked},
                                       Field{"duration_ms", &T::duration_ms}};
};

template <>
struct Shape<QuestionRequested> {
    using T = QuestionRequested;
    static constexpr std::string_view name = "QuestionRequested";
    static constexpr std::tuple fields{
        Field{"question_id", &T::question_id}, Field{"call_id", &T::call_id},
        Field{"question", &T::question}, Field{"options", &T::options}};
};

template <>
struct Shape<QuestionResolved> {
    using T = QuestionResolved;
    static constexpr std::string_view name = "QuestionResolved";
    static constexpr std::tuple fields{Field{"question_id", &T::question_id},
                                       Field{"selection", &T::selection}};
};

template <>
struct Shape<CostUpdated> {
    using T = CostUpdated;
    static constexpr std::string_view name = "CostUpdated";
    static constexpr std::tuple fields{Field{"model", &T::model},
                                       Field{"input_tokens", &T::input_tokens},
                                       Field{"output_tokens", &T::output_tokens},
                                       Field{"cached_read_tokens", &T::cached_read_tokens},
                                       Field{"cached_write_tokens", &T::cached_write_tokens},
                                       Field{"thought_tokens", &T::thought_tokens},
                                       Field{"cost_usd", &T::cost_usd},
                                       Field{"price_known", &T::price_known},
                                       Field{"context_used", &T::context_used},
                                       Field{"context_size", &T::context_size}};
};

template <>
struct Shape<Checkpoint> {
    static constexpr std::string_view name = "Checkpoint";
    static constexpr std::tuple fields{Field{"turn", &Checkpoint::turn}};
};

template <>
struct Shape<TaskItem> {
    using T = TaskItem;
    static constexpr std::tuple fields{Field{"id", &T::id},
                                       Field{"content", &T::content},
                                       Field{"status", &T::status},
                                       Field{"priority", &T::priority},
                                       Field{"reason", &T::reason},
                                       Field{"created_at", &T::created_at},
                                       Field{"updated_at", &T::updated_at},
                                       Field{"started_at", &T::started_at},
                                       Field{"completed_at", &T::completed_at},
                                       Field{"plan_step", &T::plan_step},
                                       Field{"files", &T::files},
                                       Field{"workers", &T::workers},
                                       Field{"from_id", &T::from_id},
                                       Field{"to_id", &T::to_id}};
};

template <>
struct Shape<TodosUpdated> {
    static constexpr std::string_view name = "TodosUpdated";
    static constexpr std::tuple fields{Field{"tasks", &TodosUpdated::tasks}};
};

template <>
struct Shape<PlanUpdated> {
    using T = PlanUpdated;
    static constexpr std::string_view name = "PlanUpdated";
    static constexpr std::tuple fields{
        Field{"path", &T::path},         Field{"content", &T::content},
        Field{"sha256", &T::sha256},     Field{"agent_name", &T::agent_name},
        Field{"revision", &T::revision}, Field{"by", &T::by}};
};

template <>
struct Shape<PlanComment> {
    using T = PlanComment;
    static constexpr std::tuple fields{Field{"start_line", &T::start_line},
                                       Field{"end_line", &T::end_line}, Field{"text", &T::text},
                                       Field{"quote", &T::quote}};
};

template <>
struct Shape<PlanReviewed> {
    using T = PlanReviewed;
    static constexpr std::string_view name = "PlanReviewed";
    static constexpr std::tuple fields{Field{"decision", &T::decision},
                                       Field{"feedback", &T::feedback}, Field{"sha256", &T::sha256},
                                       Field{"revision", &T::revision},
                                       Field{"comments", &T::comments}};
};

template <>
struct Shape<PlanStatusChanged> {
    using T = PlanStatusChanged;
    static constexpr std::string_view name = "PlanStatusChanged";
    static constexpr std::tuple fields{Field{"status", &T::status}, Field{"reason", &T::reason},
                                       Field{"sha256", &T::sha256},
                                       Field{"revision", &T::revision}};
};

template <>
struct Shape<PlanDrifted> {
    using T = PlanDrifted;
    static constexpr std::string_view name = "PlanDrifted";
    static constexpr std::tuple fields{Field{"message_id", &T::message_id},
                                       Field{"files", &T::files}, Field{"revision", &T::revision}};
};

template <>
struct Shape<ModeChanged> {
    static constexpr std::string_view name = "ModeChanged";
    static constexpr std::tuple fields{Field{"mode", &ModeChanged::mode},
                                       Field{"by", &ModeChanged::by}};
};

template <>
struct Shape<ModelChanged> {
    using T = ModelChanged;
    static constexpr std::string_view name = "ModelChanged";
    static constexpr std::tuple fields{
        Field{"model", &T::model}, Field{"thought_level", &T::thought_level}, Field{"by", &T::by}};
};

template <>
struct Shape<McpPrompt> {
    using T = McpPrompt;
    static constexpr std::tuple fields{
        Field{"name", &T::name}, Field{"description", &T::description}, Field{"hint", &T::hint}};
};

template <>
struct Shape<McpServer> {
    using T = McpServer;
    static constexpr std::tuple fields{Field{"name", &T::name},     Field{"source", &T::source},
                                       Field{"target", &T::target}, Field{"status", &T::status},
                                       Field{"error", &T::error},   Field{"protocol", &T::protocol},
                                       Field{"tools", &T::tools},   Field{"prompts", &T::prompts}};
};

template <>
struct Shape<McpServersChanged> {
    using T = McpServersChanged;
    static constexpr std::string_view name = "McpServersChanged";
    static constexpr std::tuple fields{Field{"servers", &T::servers}};
};

template <>
struct Shape<AgentChanged> {
    using T = AgentChanged;
    static constexpr std::string_view name = "AgentChanged";
    static constexpr std::tuple fields{Field{"agent", &T::agent}, Field{"by", &T::by}};
};

template <>
struct Shape<ChildSessionSpawned> {
    using T = ChildSessionSpawned;
    static constexpr std::string_view name = "ChildSessionSpawned";
    static constexpr std::tuple fields{Field{"child_session_id", &T::child_session_id},
                                       Field{"call_id", &T::call_id},
                                       Field{"task", &T::task},
                                       Field{"agent", &T::agent},
                                       Field{"model", &T::model},
                                       Field{"background", &T::background}};
};

template <>
struct Shape<ChildSessionActivity> {
    using T = ChildSessionActivity;
    static constexpr std::string_view name = "ChildSessionActivity";
    static constexpr std::tuple fields{Field{"child_session_id", &T::child_session_id},
                                       Field{"status", &T::status},
                                       Field{"activity", &T::activity}};
};

template <>
struct Shape<ChildSessionCompleted> {
    using T = ChildSessionCompleted;
    static constexpr std::string_view name = "ChildSessionCompleted";
    static constexpr std::tuple fields{Field{"child_session_id", &T::child_session_id},
                                       Field{"call_id", &T::call_id},
                                       Field{"status", &T::status},
                                       Field{"summary", &T::summary},
                                       Field{"branch", &T::branch},
                                       Field{"error", &T::error},
                                       Field{"changed_files", &T::changed_files},
                                       Field{"insertions", &T::insertions},
                                       Field{"deletions", &T::deletions},
                                       Field{"tokens", &T::tokens},
                                       Field{"tool_calls", &T::tool_calls},
                                       Field{"cost_usd", &T::cost_usd}};
};

template <>
struct Shape<WorktreeCreated> {
    using T = WorktreeCreated;
    static constexpr std::string_view name = "WorktreeCreated";
    static constexpr std::tuple fields{
        Field{"path", &T::path}, Field{"branch", &T::branch}, Field{"base_commit", &T::base_commit},
        Field{"repository", &T::repository}, Field{"included", &T::included}};
};

template <>
struct Shape<WorktreeMerged> {
    using T = WorktreeMerged;
    static constexpr std::string_view name = "WorktreeMerged";
    static constexpr std::tuple fields{Field{"child_session_id", &T::child_session_id},
                                       Field{"branch", &T::branch},
                                       Field{"result", &T::result},
                                       Field{"files", &T::files},
                                       Field{"rescue_ref", &T::rescue_ref},
                                       Field{"reason", &T::reason},
                                       Field{"diffs", &T::diffs}};
};

template <>
struct Shape<ChangesReviewed> {
    using T = ChangesReviewed;
    static constexpr std::string_view name = "ChangesReviewed";
    static constexpr std::tuple fields{Field{"path", &T::path},
                                       Field{"baseline", &T::baseline},
                                       Field{"latest", &T::latest},
                                       Field{"baseline_absent", &T::baseline_absent},
                                       Field{"latest_absent", &T::latest_absent},
                                       Field{"settled", &T::settled},
                                       Field{"event_id", &T::event_id}};
};

template <>
struct Shape<TitleChanged> {
    static constexpr std::string_view name = "TitleChanged";
    static constexpr std::tuple fields{Field{"title", &TitleChanged::title},
                                       Field{"by", &TitleChanged::by}};
};

template <>
struct Shape<ArchiveChanged> {
    static constexpr std::string_view name = "ArchiveChanged";
    static constexpr std::tuple fields{Field{"archived", &ArchiveChanged::archived},
                                       Field{"by", &ArchiveChanged::by}};
};

template <>
struct Shape<ContextWarning> {
    static constexpr std::string_view name = "ContextWarning";
    static constexpr std::tuple fields{Field{"used", &ContextWarning::used},
                                       Field{"size", &ContextWarning::size}};
};

template <>
struct Shape<ContextCompaction> {
    using T = ContextCompaction;
    static constexpr std::string_view name = "ContextCompaction";
    static constexpr std::tuple fields{Field{"phase", &T::phase},
                                       Field{"summary", &T::summary},
                                       Field{"message", &T::message},
                                       Field{"before_tokens", &T::before_tokens},
                                       Field{"after_tokens", &T::after_tokens},
                                       Field{"kept_messages", &T::kept_messages}};
};

template <>
struct Shape<BusyStateChanged> {
    using T = BusyStateChanged;
    static constexpr std::string_view name = "BusyStateChanged";
    static constexpr std::tuple fields{Field{"busy", &T::busy}, Field{"message_id", &T::message_id},
                                       Field{"stop_reason", &T::stop_reason},
                                       Field{"error_code", &T::error_code},
                                       Field{"error", &T::error}};
};

template <>
struct Shape<LimitReached> {
    static constexpr std::string_view name = "LimitReached";
    static constexpr std::tuple fields{Field{"limit", &LimitReached::limit},
                                       Field{"value", &LimitReached::value}};
};

template <>
struct Shape<ErrorReported> {
    using T = ErrorReported;
    static constexpr std::string_view name = "Error";
    static constexpr std::tuple fields{Field{"code", &T::code}, Field{"message", &T::message},
                                       Field{"discarded_message_id", &T::discarded_message_id},
                                       Field{"retrying", &T::retrying}};
};

template <>
struct Shape<SessionEnded> {
    static constexpr std::string_view name = "SessionEnded";
    static constexpr std::tuple fields{Field{"reason", &SessionEnded::reason}};
};

// {"type":…, fields}
void write_event(Writer& writer, std::string& out, const Event& event);
// Takes the texts out of `json`.
Result<Event> read_event(Json& json, Reader& reader);

}  // namespace thole::codec
