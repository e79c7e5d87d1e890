// Prompts and options of an open session.
#include "acp/server_impl.hpp"
#include "base/code.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "session/slash.hpp"

namespace thole {

namespace {

rpc::Answer stop_answer(const std::string& reason) {
    Json result{{"stopReason", reason}};
    return rpc::Answer::result(result);
}

// What the end of a turn is to a client. A cancelled prompt is cancelled whatever else happened.
rpc::Answer turn_answer(const BusyStateChanged& end, bool is_cancelled) {
    const std::string& reason = end.stop_reason;
    if (is_cancelled || reason == "cancelled") return stop_answer("cancelled");
    if (reason == "max_tokens" || reason == "refusal") return stop_answer(reason);
    if (reason == "max_turn_requests" || reason == "limit") {
        return stop_answer("max_turn_requests");
    }
    if (reason != "error") return stop_answer("end_turn");
    return failure_answer(end);
}

// A switch takes true and false, and nothing else does.
Result<Command> option_command(const acp::SetOptionParams& params, const State& state,
                               const acp::Client& client) {
    bool is_switch = params.config_id == "accept_edits" && client.shows_switches;
    if (is_switch != params.on.has_value()) {
        return fail(Code::invalid_argument,
                    "params.value: the option '" + params.config_id + "' takes " +
                        (is_switch ? "true or false, with type \"boolean\"" : "a string"));
    }
    if (params.config_id == "mode") return Command(SetMode{params.value});
    if (!is_switch) return Command(SetOption{params.config_id, params.value});
    std::optional<std::string> mode = acp::mode_of_switch(state, *params.on);
    if (mode) return Command(SetMode{std::move(*mode)});
    return fail(Code::invalid_argument,
                "params.configId: in the mode " + state.mode + " there is no option accept_edits");
}

}  // namespace

// A missing or refused key is what "authentication required" means here.
rpc::Answer failure_answer(const BusyStateChanged& end) {
    std::string message = end.error.empty() ? std::string("the turn failed") : end.error;
    Json about{{"details", message}, {"code", end.error_code}};
    bool lacks_key = end.error_code == code_name(Code::authentication);
    int code = lacks_key ? rpc::authentication_required : rpc::internal_error;
    return rpc::Answer::error(code, message, about);
}

// Also of a turn that no prompt of this client has begun.
void AcpServer::Impl::session_cancel(acp::SessionParams params) {
    auto found = seats.find(params.session_id);
    bool is_open = found != seats.end() && found->second->view;
    if (!is_open && cancel_child(params.session_id)) return;
    if (found == seats.end()) return;
    cancel_turn(*found->second, found->second->prompts.next_number());
    if (!is_open || !found->second->view->session().state().is_busy) return;
    (void)found->second->view->session().submit(Cancel{});
}

// A sub-agent that the client has as a session of its own: what it does ends, nothing else.
bool AcpServer::Impl::cancel_child(const std::string& session_id) {
    if (!client.shows_subagents) return false;
    for (const auto& [id, place] : seats) {
        Session* child = place->view ? place->view->agents().find(session_id) : nullptr;
        if (!child) continue;
        (void)child->submit(Cancel{});  // refused only when its log is broken
        return true;
    }
    return false;
}

async::Task<rpc::Answer> AcpServer::Impl::session_prompt(Call& call, acp::PromptParams params) {
    Seat& place = seat_of(params.session_id);
    acp::Prompts::Entry entry(place.prompts, call.id());
    acp::Strand::Place turn(place.order);
    bool came = co_await turn.comes();
    if (!came) co_return stop_answer("cancelled");
    if (!place.view) co_return unknown_session(params.session_id);
    turn.let_go();
    bool begins = co_await entry.turn_comes();
    if (!begins) co_return stop_answer("cancelled");
    if (!place.view) co_return unknown_session(params.session_id);
    co_return co_await run_prompt(place, entry, std::move(params.prompt));
}

async::Task<rpc::Answer> AcpServer::Impl::run_prompt(Seat& place, acp::Prompts::Entry& entry,
                                                     acp::Prompt prompt) {
    Session& session = place.view->session();
    SendMessage message{std::move(prompt.text), std::move(prompt.blocks), ""};
    if (!prompt.command.empty()) {
        std::string typed = prompt.command;
        entry.runs_as(typed);  // a cancel stops it
        std::optional<Answer> answer = co_await run_command(place, typed, message);
        if (answer && !entry.is_cancelled()) co_return std::move(*answer);
        if (entry.is_cancelled()) co_return stop_answer("cancelled");
    }
    place.view->prompt_begins();
    message.message_id = "u" + random_token(12);
    entry.runs_as(message.message_id);
    Result<std::string> taken = session.submit(std::move(message));
    if (!taken) co_return taken.error();
    Result<BusyStateChanged> end = co_await entry.end();
    if (!end) co_return stop_answer("cancelled");
    co_return turn_answer(*end, entry.is_cancelled());
}

async::Task<Result<std::optional<std::string>>> AcpServer::Impl::run_typed(Seat& place,
                                                                           std::string typed,
                                                                           SendMessage& message) {
    Session& session = place.view->session();
    Error gone = fail(Code::not_found, "the session was closed meanwhile");
    std::optional<std::string> said = co_await run_slash_command(sessions, session, typed);
    if (!place.view) co_return gone;
    if (said) co_return said;
    JsonValue blocks = message.blocks;
    Result<std::optional<SendMessage>> made =
        co_await made_prompt(sessions, session, typed, blocks);
    if (!place.view) co_return gone;
    if (!made) said = "Error: " + made.error().message + ".";
    if (made && *made) message = std::move(**made);
    co_return said;
}

// nullopt: `message` goes to the model.
async::Task<std::optional<rpc::Answer>> AcpServer::Impl::run_command(Seat& place, std::string typed,
                                                                     SendMessage& message) {
    std::string session_id = place.view->session().state().id;
    Result<std::optional<std::string>> said = co_await run_typed(place, typed, message);
    if (!said) co_return unknown_session(session_id);
    if (!*said) co_return std::nullopt;
    place.view->say(**said);
    place.view->note_commands();
    co_return stop_answer("end_turn");
}

void AcpServer::Impl::show_options_later(Call& call, const std::string& session_id) {
    call.after_response([this, session_id] {
        Seat& place = seat_of(session_id);
        if (place.view) place.view->show_options();
    });
}

async::Task<rpc::Answer> AcpServer::Impl::session_set_mode(Call& call, acp::SetModeParams params) {
    Seat& place = seat_of(params.session_id);
    acp::Strand::Place turn(place.order);
    bool came = co_await turn.comes();
    if (!came) co_return cancelled();
    if (!place.view) co_return unknown_session(params.session_id);
    place.view->hold_options();
    Result<std::string> set = place.view->session().submit(SetMode{params.mode_id});
    if (!set) {
        place.view->release_options();
        co_return set.error();
    }
    show_options_later(call, params.session_id);
    co_return Answer::empty();
}

async::Task<rpc::Answer> AcpServer::Impl::session_set_option(Call& call,
                                                             acp::SetOptionParams params) {
    Seat& place = seat_of(params.session_id);
    acp::Strand::Place turn(place.order);
    bool came = co_await turn.comes();
    if (!came) co_return cancelled();
    if (!place.view) co_return unknown_session(params.session_id);
    Result<Command> command = option_command(params, place.view->session().state(), client);
    if (!command) co_return command.error();
    place.view->hold_options();
    Result<std::string> set = place.view->session().submit(std::move(*command));
    if (!set) {
        place.view->release_options();
        co_return Answer::error(rpc::invalid_params, set.error().message);
    }
    show_options_later(call, params.session_id);
    Json result{{"configOptions", tongue.opened(*place.view)["configOptions"]}};
    co_return Answer::result(result);
}

}  // namespace thole
