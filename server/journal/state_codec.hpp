// The table of the fields of State, for the snapshot. Internal to journal/.
#pragma once
#include <array>

#include "journal/event_codec.hpp"
#include "journal/state.hpp"

namespace thole::codec {

template <>
struct Names<ContextItem::Kind> {
    static constexpr std::array<std::string_view, 6> names{"user", "answer", "thought",
                                                           "call", "result", "summary"};
};

template <>
struct Shape<ContextItem> {
    using T = ContextItem;
    static constexpr std::tuple fields{
        Field{"kind", &T::kind},           Field{"message_id", &T::message_id},
        Field{"text", &T::text},           Field{"blocks", &T::blocks},
        Field{"signature", &T::signature}, Field{"redacted", &T::redacted},
        Field{"call_id", &T::call_id},     Field{"tool", &T::tool},
        Field{"input", &T::input},         Field{"is_error", &T::is_error},
        Field{"is_open", &T::is_open}};
};

template <>
struct Shape<Usage> {
    using T = Usage;
    static constexpr std::tuple fields{Field{"input_tokens", &T::input_tokens},
                                       Field{"output_tokens", &T::output_tokens},
                                       Field{"cached_read_tokens", &T::cached_read_tokens},
                                       Field{"cached_write_tokens", &T::cached_write_tokens},
                                       Field{"thought_tokens", &T::thought_tokens},
                                       Field{"model_requests", &T::model_requests},
                                       Field{"tool_calls", &T::tool_calls},
                                       Field{"cost_usd", &T::cost_usd},
                                       Field{"price_known", &T::price_known},
                                       Field{"context_used", &T::context_used},
                                       Field{"context_size", &T::context_size}};
};

template <>
struct Shape<Child> {
    using T = Child;
    static constexpr std::tuple fields{
        Field{"spawned", &T::spawned},   Field{"completed", &T::completed},
        Field{"status", &T::status},     Field{"result", &T::result},
        Field{"activity", &T::activity}, Field{"started_at", &T::started_at},
        Field{"ended_at", &T::ended_at}};
};

template <>
struct Shape<UnreviewedFile> {
    using T = UnreviewedFile;
    static constexpr std::tuple fields{Field{"path", &T::path}, Field{"from_id", &T::from_id},
                                       Field{"event_id", &T::event_id}};
};

template <>
struct Shape<State> {
    using T = State;
    static constexpr std::tuple fields{Field{"id", &T::id},
                                       Field{"created_at", &T::created_at},
                                       Field{"updated_at", &T::updated_at},
                                       Field{"workspace", &T::workspace},
                                       Field{"cwd", &T::cwd},
                                       Field{"additional_directories", &T::additional_directories},
                                       Field{"title", &T::title},
                                       Field{"model", &T::model},
                                       Field{"mode", &T::mode},
                                       Field{"thought_level", &T::thought_level},
                                       Field{"status", &T::status},
                                       Field{"pid", &T::pid},
                                       Field{"process_start", &T::process_start},
                                       Field{"socket_path", &T::socket_path},
                                       Field{"parent_session_id", &T::parent_session_id},
                                       Field{"child_session_ids", &T::child_session_ids},
                                       Field{"inherited_summary", &T::inherited_summary},
                                       Field{"spawn_reason", &T::spawn_reason},
                                       Field{"session_summary", &T::session_summary},
                                       Field{"branch", &T::branch},
                                       Field{"base_branch", &T::base_branch},
                                       Field{"worktree_path", &T::worktree_path},
                                       Field{"base_commit", &T::base_commit},
                                       Field{"agent", &T::agent},
                                       Field{"forked_from", &T::forked_from},
                                       Field{"has_own_title", &T::has_own_title},
                                       Field{"is_archived", &T::is_archived},
                                       Field{"children", &T::children},
                                       Field{"mcp_servers", &T::mcp_servers},
                                       Field{"context", &T::context},
                                       Field{"tasks", &T::tasks},
                                       Field{"open_calls", &T::open_calls},
                                       Field{"pending_approvals", &T::pending_approvals},
                                       Field{"pending_questions", &T::pending_questions},
                                       Field{"granted_rules", &T::granted_rules},
                                       Field{"plan", &T::plan},
                                       Field{"plan_status", &T::plan_status},
                                       Field{"plan_before", &T::plan_before},
                                       Field{"plan_review", &T::plan_review},
                                       Field{"approved_sha256", &T::approved_sha256},
                                       Field{"plan_reason", &T::plan_reason},
                                       Field{"review_id", &T::review_id},
                                       Field{"mode_before_plan", &T::mode_before_plan},
                                       Field{"agent_before_plan", &T::agent_before_plan},
                                       Field{"turn_files", &T::turn_files},
                                       Field{"unreviewed", &T::unreviewed},
                                       Field{"calls_from_id", &T::calls_from_id},
                                       Field{"turn_agent", &T::turn_agent},
                                       Field{"turn_model", &T::turn_model},
                                       Field{"turn_tools", &T::turn_tools},
                                       Field{"usage", &T::usage},
                                       Field{"is_busy", &T::is_busy},
                                       Field{"busy_message_id", &T::busy_message_id},
                                       Field{"last_event_id", &T::last_event_id},
                                       Field{"prompts", &T::prompts},
                                       Field{"last_error", &T::last_error}};
};

}  // namespace thole::codec
