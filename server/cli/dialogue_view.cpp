// What a Dialogue shows.
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/dialogue.hpp"
#include "session/agent_texts.hpp"

namespace thole::cli {
namespace {

constexpr std::size_t recap_lines = 12;

// The end of a long answer, by lines.
std::string last_lines(std::string_view text) {
    std::vector<std::string_view> lines = split_lines(text);
    std::size_t first = lines.size() > recap_lines ? lines.size() - recap_lines : 0;
    std::string rest = first > 0 ? "…\n" : "";
    for (std::size_t i = first; i < lines.size(); ++i) rest += std::string(lines[i]) + "\n";
    return rest;
}

}  // namespace

void Dialogue::on_event(const Envelope& envelope) {
    show(renderer_.event(envelope));
    if (const auto* busy = std::get_if<BusyStateChanged>(&envelope.event)) {
        if (!busy->busy) is_cancelling_ = false;
        if (!busy->error.empty()) screen_.note("  " + printable(busy->error));
    }
    note_answer("", envelope.event);
    if (agents_) agents_->follow(envelope.event);
    update_prompt();
}

// Somebody else may have been faster.
void Dialogue::note_answer(const std::string& session_id, const Event& event) {
    bool is_ours = true;
    if (const auto* resolved = std::get_if<ApprovalResolved>(&event)) {
        is_ours = resolved->by != "user" || resolved->decision == "cancelled" ||
                  answered_.erase(session_id + "/" + resolved->call_id) > 0;
    } else if (const auto* answered = std::get_if<QuestionResolved>(&event)) {
        is_ours = answered_.erase(session_id + "/" + answered->question_id) > 0 || is_cancelling_;
    }
    if (!is_ours) screen_.note("  (answered in another window)");
}

void Dialogue::on_delta(const Event& piece) {
    show(renderer_.piece(piece));
}

void Dialogue::show(std::vector<Shown> pieces) {
    std::string text;
    for (const Shown& piece : pieces) text += piece.text;
    if (!text.empty()) screen_.print(text);
}

void Dialogue::show_markdown(const std::string& text) {
    const Look& look = parts_.output.out_look();
    std::string shown = printable(text);
    if (look.has_color) {
        Markdown markdown(look.width);
        shown = markdown.take(shown);
        shown += markdown.finish();
    }
    if (!shown.empty() && shown.back() != '\n') shown += '\n';
    screen_.print(shown);
}

bool Dialogue::is_elsewhere() const {
    return session_->state().pid != getpid();
}

// Without a pause between what is shown of the past and the first event that is told.
void Dialogue::enter(Session& session, Past past) {
    session_ = &session;
    session_id_ = session.state().id;
    asked_ = {};
    answered_.clear();
    is_cancelling_ = false;
    if (past == Past::everything) show_backlog();
    introduce(past);
    if (past == Past::recap) show_recap();
    session.add_answerer();
    session.subscribe(*this);
    follow_agents();
    update_prompt();
}

void Dialogue::follow_agents() {
    AgentsView::Parts parts{parts_.sessions, *session_, renderer_options(), true, {}, {}};
    parts.show = [this](const std::vector<Shown>& pieces) { show(renderer_.aside(pieces)); };
    parts.seen = [this](const Family::Member& member, const Event& event) {
        note_answer(member.id, event);
        update_prompt();
    };
    agents_ = std::make_unique<AgentsView>(std::move(parts));
}

async::Task<void> Dialogue::leave_agents() {
    std::unique_ptr<AgentsView> agents = std::move(agents_);
    if (agents) co_await agents->close();
}

// Null: it works no more.
Session* Dialogue::session_of(const Asked& asked) const {
    if (asked.session_id.empty()) return session_;
    const Family::Member* member = agents_ ? agents_->find(asked.session_id) : nullptr;
    return member ? member->session : nullptr;
}

// What is being answered stays; then the session itself comes before its sub-agents.
Asked Dialogue::next_asked() const {
    auto asked_in = [](const Session& session, const std::string& id) {
        Asked asked = asked_of(session.state());
        if (asked.kind != Asked::Kind::nothing) asked.session_id = id;
        return asked;
    };
    const Session* present = session_of(asked_);
    if (present && asked_in(*present, asked_.session_id) == asked_) {
        if (asked_.kind != Asked::Kind::nothing) return asked_;
    }
    Asked next = asked_of(session_->state());
    if (!agents_) return next;
    for (const Family::Member* member : agents_->members()) {
        if (next.kind == Asked::Kind::nothing) next = asked_in(*member->session, member->id);
    }
    return next;
}

void Dialogue::introduce(Past past) {
    const State& state = session_->state();
    std::string model = state.model.empty() ? "no model" : state.model;
    screen_.note((past == Past::nothing ? "session " : "") + session_id_ + " · " + model + " · " +
                 state.mode + " · /help, Ctrl+D leaves");
    if (is_elsewhere()) {
        screen_.note("process " + std::to_string(state.pid) +
                     " runs this session: you watch, answer and steer it; leaving stops nothing");
    }
    if (!session_->damage().is_whole()) screen_.note(session_->damage().text());
    if (past == Past::everything) return;  // it was shown as it was recorded
    ExtensionsNow added = parts_.sessions.extensions(state.workspace);
    for (const std::string& complaint : added->complaints) screen_.note(printable(complaint));
    std::string offer = trust_notice(added->inert, added->inert_servers);
    if (!offer.empty()) screen_.note(printable(offer));
}

// Where the conversation stands: the last prompt and the end of its answer.
void Dialogue::show_recap() {
    const std::vector<ContextItem>& context = session_->state().context;
    auto is_prompt = [](const ContextItem& item) { return item.kind == ContextItem::Kind::user; };
    auto last = std::find_if(context.rbegin(), context.rend(), is_prompt);
    if (last == context.rend()) return;
    Envelope prompt;
    prompt.event = MessageReceived{"user", last->message_id, last->text, {}, {}, {}};
    show(renderer_.event(prompt));
    std::string answer, message_id;
    for (auto item = last.base(); item != context.end(); ++item) {
        if (item->kind != ContextItem::Kind::answer || item->text.empty()) continue;
        answer = item->text;
        message_id = item->message_id;
    }
    if (!answer.empty()) {
        show(renderer_.piece(TokensStreamed{message_id, last_lines(answer)}));
        Envelope end;
        end.event = MessageReceived{"assistant", message_id, {}, {}, {}, {}};
        show(renderer_.event(end));
    }
    screen_.print("\n");
    show_open_questions();
}

// What waits for an answer was asked before we came.
void Dialogue::show_open_questions() {
    const State state = session_->state();
    Envelope envelope;
    for (const ToolCallStarted& call : state.open_calls) {
        envelope.event = call;
        show(renderer_.event(envelope));
    }
    for (const ApprovalRequested& approval : state.pending_approvals) {
        envelope.event = approval;
        show(renderer_.event(envelope));
    }
    for (const QuestionRequested& question : state.pending_questions) {
        envelope.event = question;
        show(renderer_.event(envelope));
    }
    if (state.plan_status == "in_review") show(renderer_.plan(state));
}

void Dialogue::show_backlog() {
    std::uint64_t last = session_->state().last_event_id;
    const SessionFiles& files = session_->files();
    LogRange all;
    Result<LogRead> read =
        read_log(files.log(), files.blobs(), all, [&](const Envelope& envelope, std::string_view) {
            if (envelope.id > last) return false;
            show(renderer_.piece(envelope.event));
            show(renderer_.event(envelope));
            return true;
        });
    if (!read) screen_.note(read.error().message);
}

Prompt Dialogue::prompt_for(const Asked& asked) const {
    const Look& look = parts_.output.out_look();
    Prompt prompt;
    // A colour ends before a character, not at the end: libedit drops the last one.
    prompt.mark = look.has_color ? "\1\x1b[36m\1›\1\x1b[0m\1 " : "› ";
    if (asked.kind == Asked::Kind::nothing) return prompt;
    const Family::Member* member = agents_ ? agents_->find(asked.session_id) : nullptr;
    if (member) {
        std::string who =
            "sub-agent " + short_agent_id(member->id) + " · " + printable(member->task);
        prompt.heading = look.paint(Ink::cyan, fit(one_line(who, 400), look.width - 1)) + "\n";
    }
    const Session* session = member ? member->session : session_;
    std::string wording = printable(wording_of(asked, session->state()));
    for (const std::string& line : wrap(wording, look.width - 1)) {
        prompt.heading += look.paint(Ink::yellow, line) + "\n";
    }
    return prompt;
}

// What is being typed when something is asked is no answer to it: it comes back afterwards.
void Dialogue::update_prompt() {
    Asked asked = next_asked();
    LineEditor& editor = screen_.editor();
    bool was_asking = asked_.kind != Asked::Kind::nothing;
    bool is_asking = asked.kind != Asked::Kind::nothing;
    if (asked != asked_) {
        std::string typed = editor.text();
        if (editor.is_shown()) editor.hide();
        if (!was_asking) draft_ = typed;
        editor.set_text(is_asking ? "" : std::exchange(draft_, {}));
    }
    asked_ = std::move(asked);
    screen_.set_prompt(prompt_for(asked_), is_asking || session_->is_idle());
}

}  // namespace thole::cli
