// The inside of AcpServer: its state and its handlers, which stand in server.cpp (connection),
// server_sessions.cpp (opening, listing, closing), server_turns.cpp (prompts, options) and
// server_plans.cpp (plans, tasks), server_agents.cpp (sub-agents), server_changes.cpp (reviews),
// server_login.cpp (keys), server_unstable.cpp (what [acp] unstable switches on), server_v2.cpp
// (the v2 draft).
#pragma once
#include <deque>
#include <map>

#include "acp/editor_files.hpp"
#include "acp/editor_terminals.hpp"
#include "acp/params.hpp"
#include "acp/server.hpp"
#include "acp/session_view.hpp"
#include "acp/strand.hpp"
#include "acp/v2/params.hpp"
#include "rpc/connection.hpp"

namespace thole {

// What the connection knows about one session id, also before it is open and after it is closed.
struct Seat {
    explicit Seat(async::Loop& loop) : order(loop), prompts(loop) {}
    acp::Strand order;
    acp::Prompts prompts;
    std::unique_ptr<acp::SessionView> view;  // null: not open here
    bool is_idle() const { return !view && order.is_empty() && prompts.is_empty(); }
};

// What the versions of the protocol say differently, beside their methods. Chosen at initialize.
struct Tongue {
    acp::MakeCodec codec;
    // What a client is told of a session that it has opened.
    std::function<Json(acp::SessionView& view)> opened;
};

struct AcpServer::Impl {
    Impl(async::Loop& loop, Sessions& sessions, rpc::StdioFds fds);

    using Answer = rpc::Answer;
    using Call = rpc::Call;
    async::Task<Answer> initialize(Call& call, acp::InitializeParams params);
    async::Task<Answer> authenticate(Call& call, acp::AuthenticateParams params);
    async::Task<Answer> logout(Call& call, rpc::NoParams params);
    async::Task<Answer> sync(Call& call, rpc::NoParams params);

    async::Task<Answer> session_new(Call& call, acp::NewParams params);
    async::Task<Answer> session_load(Call& call, acp::OpenParams params);
    async::Task<Answer> session_resume(Call& call, acp::OpenParams params);
    async::Task<Answer> session_list(Call& call, acp::ListParams params);
    async::Task<Answer> sessions_search(Call& call, acp::SearchParams params);
    async::Task<Answer> session_close(Call& call, acp::SessionParams params);
    async::Task<Answer> session_delete(Call& call, acp::SessionParams params);

    async::Task<Answer> session_prompt(Call& call, acp::PromptParams params);
    async::Task<Answer> session_set_mode(Call& call, acp::SetModeParams params);
    async::Task<Answer> session_set_option(Call& call, acp::SetOptionParams params);
    void session_cancel(acp::SessionParams params);
    bool cancel_child(const std::string& session_id);

    // Gives a command to an open session. What is not found then is what it names, not the session.
    Answer give(const std::string& session_id, Command command);

    async::Task<Answer> plan_get(Call& call, acp::SessionParams params);
    async::Task<Answer> plan_review(Call& call, acp::PlanReviewParams params);
    async::Task<Answer> tasks_get(Call& call, acp::TasksParams params);

    async::Task<Answer> changes_list(Call& call, acp::SessionParams params);
    async::Task<Answer> changes_review(Call& call, acp::ReviewChangesParams params);

    async::Task<Answer> agents_tree(Call& call, acp::SessionParams params);
    async::Task<Answer> agents_cancel(Call& call, acp::AgentParams params);
    async::Task<Answer> agents_message(Call& call, acp::AgentMessageParams params);
    async::Task<Answer> agents_merge(Call& call, acp::AgentMergeParams params);
    async::Task<Answer> agents_discard(Call& call, acp::AgentParams params);

    async::Task<Answer> session_fork(Call& call, acp::OpenParams params);
    async::Task<Answer> session_archive(Call& call, acp::SessionParams params);
    async::Task<Answer> session_unarchive(Call& call, acp::SessionParams params);
    async::Task<Answer> session_status(Call& call, acp::SessionParams params);
    async::Task<Answer> session_set_title(Call& call, acp::TitleParams params);

    Answer initialize_v2(const Json& params);
    async::Task<Answer> v2_login(Call& call, acp::AuthenticateParams params);
    async::Task<Answer> v2_logout(Call& call, rpc::NoParams params);
    async::Task<Answer> v2_session_new(Call& call, acp::NewParams params);
    async::Task<Answer> v2_session_resume(Call& call, acp::v2::ResumeParams params);
    async::Task<Answer> v2_session_prompt(Call& call, acp::PromptParams params);
    async::Task<Answer> v2_set_option(Call& call, acp::v2::OptionParams params);
    async::Task<Answer> v2_cancel_part(Call& call, acp::SessionParams params);
    using PromptReply = std::shared_ptr<async::OneShot<Answer>>;
    async::Task<void> v2_serve_prompt(std::string request_id, acp::PromptParams params,
                                      PromptReply reply);
    async::Task<void> v2_run_prompt(Seat& place, acp::Prompts::Entry& entry, acp::Prompt prompt,
                                    PromptReply reply);
    void v2_show_command(Seat& place, const acp::Prompt& prompt, const std::string& said,
                         const PromptReply& reply);

    bool is_logged_in() const;
    bool can_log_out() const;
    Json login_methods() const;
    // Errors: authentication, with what to do.
    async::Task<Result<void>> check_login();

    void bind();
    void bind_common(rpc::MethodTable& table);
    void bind_unstable(rpc::MethodTable& table);
    void bind_v2();
    void set_hooks();
    bool withdraw(const std::string& request_id);
    bool client_left();
    void cancel_everything();

    Seat& seat_of(const std::string& session_id);
    void seat(Seat& place, Session& session);
    Files* editor_files(const State& state);
    acp::EditorTerminals* editor_terminals(const State& state);
    void cancel_turn(Seat& place, std::int64_t before);
    // After the response: commands and so on, if the session is still open.
    Answer begun(Call& call, Session& session, std::vector<std::string> remarks);
    void introduce_later(Call& call, const std::string& session_id,
                         std::vector<std::string> remarks);
    void show_options_later(Call& call, const std::string& session_id);
    async::Task<Result<void>> open(Seat& place, acp::OpenParams params);
    async::Task<void> vacate(Seat& place, std::string session_id, std::int64_t before);
    async::Task<void> drop_view(Seat& place);
    async::Task<void> drop_views();
    async::Task<void> drop_views_below(std::string session_id);
    // The workspace of a session, "" when nobody knows it.
    async::Task<std::string> cwd_of(std::string session_id);
    async::Task<Answer> archive(std::string session_id, bool archived);
    async::Task<std::optional<Answer>> run_command(Seat& place, std::string typed,
                                                   SendMessage& message);
    // What a command that was typed says; nullopt: `message` goes to the model, made anew when the
    // command is one that makes prompts. Error: not_found (the session was closed meanwhile).
    async::Task<Result<std::optional<std::string>>> run_typed(Seat& place, std::string typed,
                                                              SendMessage& message);
    async::Task<Answer> run_prompt(Seat& place, acp::Prompts::Entry& entry, acp::Prompt prompt);
    std::vector<acp::ModelChoice> choices(const std::string& current) const;

    async::Loop& loop;
    Sessions& sessions;
    rpc::MethodTable methods, v2_methods;
    rpc::Connection connection;
    acp::Client client;
    Tongue tongue;
    int version = 0;            // 0: not initialized
    bool offers_login = false;  // to a client of version 2
    bool is_logged_out = false;
    // Until the sessions are closed: a call under way keeps the files that it began with.
    std::deque<acp::EditorFiles> lent_files;
    std::deque<acp::EditorTerminals> lent_terminals;  // likewise
    std::map<std::string, std::unique_ptr<Seat>> seats;
};

// -32002 with the id, as the SDKs do it.
rpc::Answer unknown_session(const std::string& session_id);
// The same when that is what is not found.
rpc::Answer open_failure(const std::string& session_id, const Error& error);
Result<void> check_directory(const std::string& path);
// What of a client's wishes cannot be had; no reason to be without the session.
std::vector<std::string> left_out(const acp::NewParams& params);
// A turn that ended with an error.
rpc::Answer failure_answer(const BusyStateChanged& end);
// Of initialize: what our own clients look for.
Json own_capabilities();

}  // namespace thole
