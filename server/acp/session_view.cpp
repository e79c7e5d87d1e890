#include "acp/session_view.hpp"

#include <algorithm>

#include "acp/content.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "journal/log_reader.hpp"
#include "rpc/envelope.hpp"
#include "session/slash.hpp"

namespace thole::acp {

namespace {

constexpr std::chrono::milliseconds output_interval{50};
constexpr std::size_t update_limit = 7 * 1024 * 1024;  // clients give up at 10 MiB
constexpr std::size_t replay_ahead = 512 * 1024;       // bytes that may wait for the client

// The update as text; one that no client would read gives up its content.
std::string fitting_text(const Json& update) {
    std::string text = dump_json(update);
    if (text.size() <= update_limit || !update.contains("content")) return text;
    Json smaller = update;
    std::string remark = "[" + std::to_string(text.size()) + " bytes, not shown]";
    smaller["content"] = Json::array({tool_content(text_block(remark))});
    return dump_json(smaller);
}

Json prompt_command(const McpPrompt& prompt) {
    std::string about =
        prompt.description.empty() ? "a prompt of an MCP server" : prompt.description;
    Json entry{{"name", prompt.name}, {"description", about}};
    if (!prompt.hint.empty()) entry["input"] = {{"hint", prompt.hint}};
    return entry;
}

bool is_option_update(const Json& update) {
    std::string kind = text_member(update, "sessionUpdate");
    return kind == "current_mode_update" || kind == "config_option_update";
}

}  // namespace

SessionView::SessionView(Parts parts)
    : parts_(std::move(parts)),
      id_(parts_.session.state().id),
      send_([this](const Json& update) { send(update); }),
      live_(Projector::View::live, parts_.client, parts_.choices(parts_.session.state().model)),
      text_(parts_.connection.outbox(), id_),
      dialogs_(std::make_shared<Dialogs>(Dialogs::Parts{
          parts_.loop, parts_.connection, parts_.session, parts_.client, *parts_.codec,
          parts_.cancel_turn, [this](const std::string& text) { remark(text); }})),
      output_timer_(parts_.loop, [this] { show_output(); }) {
    live_.know_title(parts_.session.state().title);
    know_open_calls();
    live_.know_plan(parts_.session.state());
    lend();
    parts_.session.subscribe(*this);
    parts_.session.add_answerer();
    agents_ = std::make_unique<AgentsView>(AgentsView::Parts{
        parts_.loop, parts_.sessions, parts_.session, parts_.client, parts_.connection, *dialogs_,
        [this](const Json& update) { show(update); },
        [this](const ToolOutputChunk& chunk) { grew(chunk); }});
}

SessionView::~SessionView() {
    dialogs_->close();
    parts_.session.remove_answerer();
    parts_.session.unsubscribe(*this);
    take_back();
}

void SessionView::lend() {
    if (parts_.editor_files) parts_.session.lend_files(parts_.editor_files);
    if (!parts_.terminals) return;
    EditorTerminals::View here;
    here.owns_turn = [this] { return parts_.prompts.is_running(); };
    here.show = [this](const std::string& call_id, const std::string& terminal_id) {
        std::optional<Json> update = live_.open_terminal(call_id, terminal_id);
        if (update && !replays_) show(*update);
    };
    parts_.terminals->join(std::move(here));
    parts_.session.lend_terminals(parts_.terminals);
}

void SessionView::take_back() {
    if (parts_.editor_files) parts_.session.lend_files(nullptr);
    parts_.editor_files = nullptr;
    if (!parts_.terminals) return;
    parts_.session.lend_terminals(nullptr);
    parts_.terminals->leave();
    parts_.terminals = nullptr;
}

// Of a turn that runs already.
void SessionView::know_open_calls() {
    const State& state = parts_.session.state();
    for (const ToolCallStarted& call : state.open_calls) {
        Envelope begun{0, {}, call};
        live_.project(begun, state);
        bool waits = std::any_of(
            state.pending_approvals.begin(), state.pending_approvals.end(),
            [&](const ApprovalRequested& asked) { return asked.call_id == call.call_id; });
        Envelope allowed{0, {}, ApprovalResolved{.call_id = call.call_id, .decision = "allow"}};
        if (!waits) live_.project(allowed, state);
    }
    live_.forget_terminals();
}

void SessionView::leave() {
    dialogs_->close();
    parts_.session.wait_for_answers();
    take_back();
}

void SessionView::prompt_begins() {
    dialogs_->drop_all();
    note_commands();
    ask_pending();
}

void SessionView::ask(const ApprovalRequested& approval) {
    Json call{{"toolCallId", approval.call_id}, {"title", approval.tool}};
    dialogs_->ask(approval, JsonValue(live_.open_call(approval.call_id).value_or(call)));
}

// A client that cannot ask says so for a turn of its own; others may be able to.
void SessionView::ask(const QuestionRequested& question) {
    if (parts_.client.shows_forms || parts_.prompts.is_running()) dialogs_->ask(question);
}

// Our own clients answer by themselves.
void SessionView::ask_review() {
    std::optional<Json> call = live_.open_review();
    if (!call || parts_.client.reviews_plans) return;
    dialogs_->ask_review(live_.open_review_id(), JsonValue(std::move(*call)));
}

void SessionView::tell_plan() {
    if (!parts_.client.reviews_plans || replays_) return;
    Json view = PlanReviews::view(parts_.session.state());
    view["sessionId"] = id_;
    parts_.connection.notify("_thole/plan/changed", dump_json(view));
}

// An event that is about changed files has left its id there, or is a review of one.
void SessionView::tell_changes(const Envelope& envelope) {
    if (!parts_.client.reviews_changes || envelope.id == 0) return;
    Json paths = Json::array();
    for (const UnreviewedFile& file : parts_.session.state().unreviewed) {
        if (file.event_id == envelope.id) paths.push_back(file.path);
    }
    const auto* reviewed = std::get_if<ChangesReviewed>(&envelope.event);
    if (reviewed) paths.push_back(reviewed->path);
    if (paths.empty()) return;
    Json params{{"sessionId", id_}, {"paths", std::move(paths)}};
    parts_.connection.notify("_thole/changes/changed", dump_json(params));
}

void SessionView::ask_pending() {
    ask_review();
    agents_->ask_pending();
    const State& state = parts_.session.state();
    for (const ApprovalRequested& approval : state.pending_approvals) ask(approval);
    for (const QuestionRequested& question : state.pending_questions) ask(question);
}

void SessionView::tell_busy(bool is_busy) {
    if (!parts_.client.shows_busy || replays_) return;
    Json update{{"sessionUpdate", "session_info_update"}};
    update["_meta"] = {{"thole", {{"busy", is_busy}}}};
    show(update);
}

void SessionView::show(const Json& update) {
    parts_.codec->show(update, send_);
}

void SessionView::send(const Json& update) {
    std::string params = update_params(id_, fitting_text(update));
    parts_.connection.notify("session/update", params);
}

void SessionView::on_event(const Envelope& envelope) {
    show_event(envelope);
    bool is_old = envelope.id != 0 && envelope.id <= replayed_through_;
    if (catches_up_ && !replays_ && !is_old) show_text(envelope.event);
    follow(envelope.event);
    tell_changes(envelope);
    bool shows_state = !replays_ && !is_old;
    if (shows_state) parts_.codec->show_state(envelope.event, parts_.session.state(), send_);
}

void SessionView::show_event(const Envelope& envelope) {
    if (std::holds_alternative<ModelChanged>(envelope.event)) {
        live_.set_models(parts_.choices(parts_.session.state().model));
    }
    const auto* change = std::get_if<BusyStateChanged>(&envelope.event);
    if (change && change->busy) {
        for (const Json& update : std::exchange(remarks_, {})) show(update);
    }
    std::string review = live_.open_review_id();
    std::vector<Json> updates = live_.project(envelope, parts_.session.state());
    bool is_over = !review.empty() && review != live_.open_review_id();
    if (is_over) dialogs_->settled(review);
    bool is_old = envelope.id != 0 && envelope.id <= replayed_through_;
    if (replays_ || is_old || is_own_prompt(envelope.event)) return;
    for (const Json& update : updates) {
        if (!holds_options_ || !is_option_update(update)) show(update);
    }
}

// The prompts of this client are on its screen already.
bool SessionView::is_own_prompt(const Event& event) const {
    const auto* message = std::get_if<MessageReceived>(&event);
    if (parts_.client.wants_echo) return false;
    return message && message->role == "user" && parts_.prompts.sent(message->message_id);
}

void SessionView::follow(const Event& event) {
    agents_->follow(event);
    if (const auto* approval = std::get_if<ApprovalRequested>(&event)) {
        ask(*approval);
    } else if (const auto* resolved = std::get_if<ApprovalResolved>(&event)) {
        dialogs_->settled(resolved->call_id);
    } else if (const auto* question = std::get_if<QuestionRequested>(&event)) {
        ask(*question);
    } else if (const auto* answered = std::get_if<QuestionResolved>(&event)) {
        dialogs_->settled(answered->question_id);
    } else if (std::holds_alternative<McpServersChanged>(event)) {
        if (!replays_) note_commands();
    } else if (is_about_plan(event)) {
        tell_plan();
        ask_review();
    } else if (const auto* completed = std::get_if<ToolCallCompleted>(&event)) {
        grown_.erase(completed->call_id);
    } else if (const auto* change = std::get_if<BusyStateChanged>(&event)) {
        tell_busy(change->busy);
        // A turn that was interrupted goes on: what it waits for has been asked before.
        if (change->busy) return ask_pending();
        catches_up_ = false;
        dialogs_->drop_all();
        parts_.prompts.end(*change);
    }
}

void SessionView::on_delta(const Event& piece) {
    if (const auto* chunk = std::get_if<ToolOutputChunk>(&piece)) return grew(*chunk);
    if (!replays_ && !catches_up_) show_text(piece);
}

void SessionView::show_text(const Event& event) {
    if (const auto* tokens = std::get_if<TokensStreamed>(&event)) {
        text_.show("agent_message_chunk", tokens->message_id, tokens->text);
    } else if (const auto* thought = std::get_if<ThoughtStreamed>(&event)) {
        if (!thought->redacted) {
            text_.show("agent_thought_chunk", thought->message_id, thought->text);
        }
    }
}

void SessionView::grew(const ToolOutputChunk& chunk) {
    if (!live_.take_output(chunk)) return;
    if (!replays_ && parts_.codec->show_output(chunk, send_)) return;
    grown_.insert(chunk.call_id);
    if (!output_waits_) show_output();
}

void SessionView::show_output() {
    output_waits_ = !grown_.empty();
    for (const std::string& call_id : grown_) {
        if (std::optional<Json> piece = live_.output_piece(call_id)) show(*piece);
        std::optional<Json> update = live_.output_update(call_id);
        if (!update || replays_) continue;
        std::string params = update_params(id_, dump_json(*update));
        std::string line = rpc::notification_line("session/update", params);
        parts_.connection.outbox().latest(id_ + "/" + call_id, std::move(line));
    }
    grown_.clear();
    if (output_waits_) output_timer_.start(output_interval);
}

async::Task<Result<void>> SessionView::replay() {
    replays_ = true;
    live_.forget_terminals();  // a replay shows text
    parts_.codec->begin_replay();
    Projector past(Projector::View::replay, parts_.client, {});
    rpc::Outbox& outbox = parts_.connection.outbox();
    SessionFiles files = parts_.session.files();
    LogRange range;
    bool has_more = true;
    auto sink = [&](const Envelope& envelope, std::string_view) {
        if (outbox.waiting_bytes() > replay_ahead) {
            has_more = true;
            return false;
        }
        range.after_id = envelope.id;
        parts_.codec->replay(envelope.event);
        for (const Json& update : past.project(envelope, parts_.session.state())) show(update);
        return true;
    };
    Result<void> result;
    while (has_more) {
        has_more = false;
        Result<LogRead> read = read_log(files.log(), files.blobs(), range, sink);
        if (!read) result = read.error();
        if (!has_more || !read) break;
        range.offset = read->end;
        bool has_room = co_await outbox.drained();
        if (!has_room) result = cancelled();
        if (!has_room) break;
    }
    const State& state = parts_.session.state();
    for (const Json& update : past.end_replay(state.is_busy)) show(update);
    parts_.codec->end_replay();
    live_.know_output(past);
    catches_up_ = state.is_busy;
    replays_ = false;
    replayed_through_ = range.after_id;
    co_return result;
}

void SessionView::introduce(const std::vector<std::string>& remarks) {
    note_commands();
    if (replayed_through_ == 0) tell_extensions();
    const State& state = parts_.session.state();
    for (const Json& update : Projector::present(state)) show(update);
    live_.know_title(state.title);
    if (state.is_busy) tell_busy(true);
    if (state.plan.revision > 0) tell_plan();
    agents_->introduce();
    for (const std::string& text : remarks) remark(text);
    ask_pending();
    const Damage& damage = parts_.session.damage();
    if (!damage.is_whole()) remark("The log of this session is damaged: " + damage.text());
}

// Text outside a turn confuses clients that have no notices: it waits for the next one.
void SessionView::remark(const std::string& text) {
    Json update = remark_update(parts_.client, "warning", text, made_id("r"));
    if (parts_.client.shows_notices) {
        show(update);
    } else {
        remarks_.push_back(std::move(update));
    }
}

// A replay shows what was recorded of it.
void SessionView::tell_extensions() {
    ExtensionsNow added = parts_.sessions.extensions(parts_.session.state().workspace);
    for (const std::string& complaint : added->complaints) remark(complaint);
    std::string offer = trust_notice(added->inert, added->inert_servers);
    if (!offer.empty()) remark(offer);
}

Json SessionView::commands() {
    Json commands = Json::array();
    for (const SlashCommand& command : slash_commands(parts_.sessions, parts_.session)) {
        Json entry{{"name", command.name}, {"description", command.description}};
        if (!command.hint.empty()) entry["input"] = {{"hint", command.hint}};
        commands.push_back(std::move(entry));
    }
    for (const McpServer& server : parts_.session.state().mcp_servers) {
        for (const McpPrompt& prompt : server.prompts) commands.push_back(prompt_command(prompt));
    }
    shown_commands_ = dump_json(commands);
    return commands;
}

// Shows the commands when they are others than the client knows.
void SessionView::note_commands() {
    std::string known = shown_commands_;
    Json all = commands();
    if (shown_commands_ == known) return;
    show(Json{{"sessionUpdate", "available_commands_update"}, {"availableCommands", all}});
}

Json SessionView::options() const {
    const State& state = parts_.session.state();
    return session_options(state, parts_.choices(state.model), parts_.client.shows_switches);
}

void SessionView::show_options() {
    holds_options_ = false;
    const State& state = parts_.session.state();
    show(mode_update(state));
    show(options_update(state, parts_.choices(state.model), parts_.client.shows_switches));
}

void SessionView::say(const std::string& text) {
    show(chunk_update("agent_message_chunk", made_id("s"), text_block(text)));
}

std::string SessionView::made_id(const char* prefix) {
    return prefix + random_token(10);
}

}  // namespace thole::acp
