// The draft of version 2: what its methods do differently. A prompt is answered when it is in the
// conversation; how the turn goes and ends is told by the session's codec (v2/session_codec.hpp).
#include "acp/server_impl.hpp"
#include "acp/v2/session_codec.hpp"
#include "acp/v2/shapes.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"

namespace thole {

namespace {

rpc::Answer inserted(const std::string& message_id) {
    Json result{{"messageId", message_id}};
    return rpc::Answer::result(result);
}

// Gives the answer to a prompt when it is in the conversation, or will never be.
class Insertion final : public Subscriber {
public:
    Insertion(Session& session, std::string message_id, async::OneShot<rpc::Answer>& reply)
        : session_(session), message_id_(std::move(message_id)), reply_(reply) {
        session_.subscribe(*this);
    }
    ~Insertion() override { leave(); }
    Insertion(const Insertion&) = delete;
    Insertion& operator=(const Insertion&) = delete;

    void on_event(const Envelope& envelope) override {
        const auto* message = std::get_if<MessageReceived>(&envelope.event);
        const auto* change = std::get_if<BusyStateChanged>(&envelope.event);
        if (message && message->message_id == message_id_) {
            settle(inserted(message_id_));
        } else if (change && !change->busy && change->message_id == message_id_) {
            bool is_cancelled = change->stop_reason == "cancelled";
            settle(is_cancelled ? rpc::Answer(cancelled()) : failure_answer(*change));
        }
    }
    void on_delta(const Event&) override {}

private:
    void settle(rpc::Answer answer) {
        reply_.set(std::move(answer));
        leave();
    }
    void leave() {
        if (!std::exchange(has_left_, true)) session_.unsubscribe(*this);
    }

    Session& session_;
    std::string message_id_;
    async::OneShot<rpc::Answer>& reply_;
    bool has_left_ = false;
};

rpc::Answer no_login(const std::string& method) {
    return rpc::Answer::error(rpc::method_not_found, "unknown method '" + method + "'");
}

Json opened(acp::SessionView& view) {
    return Json{{"configOptions", acp::v2::config_options(view.options()["configOptions"])},
                {"availableCommands", acp::v2::commands(view.commands())}};
}

Json agent_capabilities(const UnstableConfig& unstable) {
    Json none = Json::object();
    Json session{{"prompt", {{"image", none}, {"embeddedContext", none}}},
                 {"mcp", {{"stdio", none}, {"http", none}}},
                 {"delete", none},
                 {"additionalDirectories", none}};
    if (unstable.fork) session["fork"] = none;
    if (unstable.archive) session["archive"] = none;
    if (unstable.status) session["status"] = none;
    if (unstable.set_title) session["title"] = none;
    return Json{{"session", std::move(session)}, {"_meta", own_capabilities()}};
}

}  // namespace

void AcpServer::Impl::bind_v2() {
    bind_common(v2_methods);
    v2_methods.request("auth/login", *this, &Impl::v2_login);
    v2_methods.request("auth/logout", *this, &Impl::v2_logout);
    v2_methods.request("session/new", *this, &Impl::v2_session_new);
    v2_methods.request("session/resume", *this, &Impl::v2_session_resume);
    v2_methods.request("session/prompt", *this, &Impl::v2_session_prompt);
    v2_methods.request("session/set_config_option", *this, &Impl::v2_set_option);
    v2_methods.request("tool_call/cancel", *this, &Impl::v2_cancel_part);
    v2_methods.request("terminal/cancel", *this, &Impl::v2_cancel_part);
}

rpc::Answer AcpServer::Impl::initialize_v2(const Json& params) {
    Result<acp::Client> told = acp::v2::read_client(params);
    if (!told) return told.error();
    client = std::move(*told);
    if (std::exchange(version, 2) == 0) {
        connection.use(v2_methods);
        tongue = {[](const State& state) { return std::make_unique<acp::v2::Codec>(state); },
                  opened};
    }
    Json ways = login_methods();
    offers_login = !ways.empty();
    Json info{{"name", "thole"}, {"title", "thole"}, {"version", THOLE_VERSION}};
    Json result{{"protocolVersion", 2},
                {"info", std::move(info)},
                {"capabilities", agent_capabilities(sessions.config().unstable)}};
    if (offers_login) result["authMethods"] = acp::v2::login_methods(ways);
    return Answer::result(result);
}

// Both are there when initialize has named a way to log in.
async::Task<rpc::Answer> AcpServer::Impl::v2_login(Call& call, acp::AuthenticateParams params) {
    if (!offers_login) return rpc::answered(no_login("auth/login"));
    return authenticate(call, std::move(params));
}

async::Task<rpc::Answer> AcpServer::Impl::v2_logout(Call& call, rpc::NoParams params) {
    if (!offers_login) return rpc::answered(no_login("auth/logout"));
    if (!can_log_out()) return rpc::answered(Answer::empty());
    return logout(call, params);
}

async::Task<rpc::Answer> AcpServer::Impl::v2_session_new(Call& call, acp::NewParams params) {
    Result<void> checked = acp::v2::check_servers(params);
    if (!checked) return rpc::answered(checked.error());
    return session_new(call, std::move(params));
}

// What is asked for of the past, then how it stands, then the response.
async::Task<rpc::Answer> AcpServer::Impl::v2_session_resume(Call& call,
                                                            acp::v2::ResumeParams params) {
    std::string id = params.open.session_id;
    Result<void> checked = acp::v2::check_servers(params.open.place);
    if (!checked) co_return checked.error();
    Seat& place = seat_of(id);
    acp::Strand::Place turn(place.order);
    bool came = co_await turn.comes();
    if (!came) co_return cancelled();
    Result<void> ready = co_await open(place, std::move(params.open));
    if (!ready) co_return open_failure(id, ready.error());
    if (params.replays) {
        ready = co_await place.view->replay();
        if (!ready) co_return ready.error();
    }
    place.view->show(acp::v2::present_state(place.view->session().state()));
    introduce_later(call, id, {});
    co_return Answer::result(tongue.opened(*place.view));
}

async::Task<rpc::Answer> AcpServer::Impl::v2_set_option(Call& call, acp::v2::OptionParams params) {
    return session_set_option(call, std::move(params.option));
}

// Calls and terminals are never offered to be cancelled by themselves.
async::Task<rpc::Answer> AcpServer::Impl::v2_cancel_part(Call&, acp::SessionParams params) {
    if (!seat_of(params.session_id).view) co_return unknown_session(params.session_id);
    co_return Answer(fail(Code::invalid_argument,
                          "it cannot be cancelled by itself; session/cancel ends the turn"));
}

// The prompt goes on when its request has been answered.
async::Task<rpc::Answer> AcpServer::Impl::v2_session_prompt(Call& call, acp::PromptParams params) {
    auto reply = std::make_shared<async::OneShot<Answer>>(loop);
    connection.scope().spawn(v2_serve_prompt(call.id(), std::move(params), reply));
    Result<Answer> answer = co_await reply->wait();
    if (!answer) co_return answer.error();
    co_return std::move(*answer);
}

async::Task<void> AcpServer::Impl::v2_serve_prompt(std::string request_id, acp::PromptParams params,
                                                   PromptReply reply) {
    Seat& place = seat_of(params.session_id);
    acp::Prompts::Entry entry(place.prompts, request_id);
    entry.outlives_its_answer();
    acp::Strand::Place turn(place.order);
    bool came = co_await turn.comes();
    turn.let_go();
    bool begins = came && place.view;
    if (begins) begins = co_await entry.turn_comes();
    if (begins && place.view) {
        co_await v2_run_prompt(place, entry, std::move(params.prompt), reply);
    } else if (came && !place.view) {
        reply->set(unknown_session(params.session_id));
    }
    reply->set(Answer(cancelled()));
}

async::Task<void> AcpServer::Impl::v2_run_prompt(Seat& place, acp::Prompts::Entry& entry,
                                                 acp::Prompt prompt, PromptReply reply) {
    Session& session = place.view->session();
    SendMessage message{prompt.text, prompt.blocks, ""};
    if (!prompt.command.empty()) {
        std::string typed = prompt.command;
        entry.runs_as(typed);  // a cancel stops it
        Result<std::optional<std::string>> said = co_await run_typed(place, typed, message);
        if (!said || entry.is_cancelled()) co_return;
        if (*said) co_return v2_show_command(place, prompt, **said, reply);
    }
    place.view->prompt_begins();
    message.message_id = "u" + random_token(12);
    entry.runs_as(message.message_id);
    Insertion insertion(session, message.message_id, *reply);
    Result<std::string> taken = session.submit(std::move(message));
    if (!taken) reply->set(taken.error());
    if (!taken) co_return;
    Result<BusyStateChanged> end = co_await entry.end();
    (void)end;  // the codec tells it
}

// A command that thole answers itself is a turn, too, but none that the session knows of.
void AcpServer::Impl::v2_show_command(Seat& place, const acp::Prompt& prompt,
                                      const std::string& said, const PromptReply& reply) {
    std::string id = "c" + random_token(12);
    acp::SessionView& view = *place.view;
    view.show(acp::chunk_update("user_message_chunk", id, acp::text_block(prompt.command)));
    reply->set(inserted(id));
    bool is_busy = view.session().state().is_busy;
    Json running{{"sessionUpdate", "state_update"}, {"state", "running"}};
    if (!is_busy) view.show(running);
    view.say(said);
    view.note_commands();
    Json idle{{"sessionUpdate", "state_update"}, {"state", "idle"}, {"stopReason", "end_turn"}};
    if (!is_busy) view.show(idle);
}

}  // namespace thole
