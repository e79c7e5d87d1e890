#include "cli/dialogue.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "async/signals.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/inspect.hpp"
#include "cli/opening.hpp"
#include "policy/modes.hpp"
#include "session/slash.hpp"

namespace thole::cli {
namespace {

async::Task<void> pass_on_signals(async::Loop& loop, std::function<void(int)> arrived) {
    async::Signals signals(loop, {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP});
    std::optional<int> number = co_await signals.next();
    while (number) {
        arrived(*number);
        number = co_await signals.next();
    }
}

}  // namespace

Dialogue::Dialogue(Parts& parts, const Invocation& invocation)
    : parts_(parts),
      invocation_(invocation),
      history_(parts.state_directory + "/history"),
      entries_(parts.loop),
      screen_(parts.loop, parts.output),
      renderer_(renderer_options()) {}

Renderer::Options Dialogue::renderer_options() const {
    Renderer::Options options;
    options.look = parts_.output.out_look();
    options.thoughts = invocation_.verbose;
    options.waits = false;  // what they wait for is asked
    return options;
}

Dialogue::~Dialogue() = default;

Result<void> Dialogue::open_screen() {
    LineEditor::Hooks hooks;
    hooks.entered = [this](std::string text) {
        screen_.editor().hide();
        screen_.editor().set_text("");
        entries_.push({Entry::Kind::line, std::move(text), 0});
    };
    hooks.ended = [this] { entries_.push({Entry::Kind::end, {}, 0}); };
    hooks.complete = [this](std::string_view before) { return completions(before); };
    if (Result<void> opened = screen_.open(std::move(hooks)); !opened) return opened;
    for (const std::string& entry : history_.entries()) screen_.editor().add_history(entry);
    return {};
}

async::Task<int> Dialogue::run(Session& session, Past past) {
    Result<void> opened = open_screen();
    if (!opened) co_return complain(parts_, opened.error());
    co_await note_vocabulary();
    enter(session, past);
    if (invocation_.plan) (void)session.submit(SetMode{"plan"});
    std::stop_token stop = co_await async::current_stop();
    async::Scope scope(stop);
    std::function<void(int)> arrived = [this](int number) {
        entries_.push({Entry::Kind::signal, {}, number});
    };
    scope.spawn(pass_on_signals(parts_.loop, std::move(arrived)));
    while (leaving_ == Leaving::no) {
        std::optional<Entry> entry = co_await entries_.receive();
        if (!entry) break;
        Entry next = std::move(*entry);
        co_await take(std::move(next));
    }
    co_await end();
    scope.request_stop();
    co_await scope.join();
    co_return exit_code_;
}

async::Task<void> Dialogue::take(Entry entry) {
    switch (entry.kind) {
        case Entry::Kind::line:
            co_await take_line(std::move(entry.text));
            break;
        case Entry::Kind::end:
            leaving_ = is_elsewhere() ? Leaving::detach : Leaving::save;
            break;
        case Entry::Kind::signal:
            take_signal(entry.number);
            break;
    }
    if (leaving_ == Leaving::no) update_prompt();
}

async::Task<void> Dialogue::take_line(std::string text) {
    if (asked_.kind != Asked::Kind::nothing) {
        answer(text);
        co_return;
    }
    if (trim(text).empty()) co_return;
    screen_.editor().add_history(text);
    Result<void> kept = history_.add(parts_.secrets.redact(text));
    (void)kept;  // a convenience; the session itself has the prompt
    Word word = word_of(text);
    if (is_added_command(text)) word = {Word::Kind::slash, text};
    if (word.kind == Word::Kind::message) {
        send_text(std::move(word.argument));
    } else {
        screen_.note("› " + one_line(text, 200));
        co_await take_word(std::move(word));
    }
}

// One that the user or the workspace has added; those of thole come first.
bool Dialogue::is_added_command(std::string_view text) const {
    std::string_view typed = trim(text);
    if (!typed.starts_with('/')) return false;
    std::string_view name = typed.substr(1, typed.find_first_of(" \t\n", 1) - 1);
    ExtensionsNow added = parts_.sessions.extensions(session_->state().workspace);
    std::vector<std::string> names = command_names(*added);
    return std::find(names.begin(), names.end(), name) != names.end();
}

async::Task<void> Dialogue::take_word(Word word) {
    std::string argument = std::move(word.argument);
    switch (word.kind) {
        case Word::Kind::fresh:
            co_await start_fresh();
            break;
        case Word::Kind::resume:
            co_await resume(std::move(argument));
            break;
        case Word::Kind::sessions:
            co_await list_sessions();
            break;
        case Word::Kind::save:
            save();
            break;
        case Word::Kind::leave:
            leaving_ = is_elsewhere() ? Leaving::detach : Leaving::save;
            break;
        case Word::Kind::leave_nosave:
            leaving_ = is_elsewhere() ? Leaving::detach : Leaving::nosave;
            break;
        case Word::Kind::slash:
            co_await run_slash(std::move(argument));
            break;
        case Word::Kind::unknown:
            screen_.note("there is no command /" + argument + "; /help lists them");
            break;
        case Word::Kind::message:
            break;
    }
}

void Dialogue::take_signal(int number) {
    if (number == SIGINT) return interrupt();
    if (number == SIGWINCH) return screen_.resize();
    if (number == SIGTSTP) return screen_.suspend();
    leaving_ = number == SIGHUP ? Leaving::hung_up : Leaving::nosave;
    if (number == SIGTERM) exit_code_ = exit_cancelled;
}

// Ctrl+C: what is typed goes first, then what runs, then we.
void Dialogue::interrupt() {
    LineEditor& editor = screen_.editor();
    bool is_busy = !session_->is_idle();
    bool clears = !is_busy && !editor.text().empty();
    if (clears) {
        editor.hide();
        editor.set_text("");
        return;
    }
    if (!is_busy || is_cancelling_) {
        leaving_ = is_elsewhere() ? Leaving::detach : Leaving::nosave;
        if (is_busy) exit_code_ = exit_cancelled;
        return;
    }
    is_cancelling_ = true;
    screen_.note("cancelling; Ctrl+C again leaves");
    Result<std::string> taken = session_->submit(Cancel{});
    if (!taken) screen_.note(taken.error().message);
}

void Dialogue::answer(const std::string& text) {
    Session* session = session_of(asked_);
    std::optional<Command> command;
    if (session) command = answer_to(asked_, session->state(), text);
    if (!command) return;
    answered_.insert(asked_.session_id + "/" + asked_.id);
    Result<std::string> taken = session->submit(std::move(*command));
    if (!taken) screen_.note(taken.error().message);
}

void Dialogue::send_text(std::string text) {
    SendMessage message;
    message.content = std::move(text);
    send(std::move(message));
}

void Dialogue::send(SendMessage message) {
    bool waits = !session_->is_idle();
    std::string shown = one_line(message.content, 200);
    Result<std::string> sent = session_->submit(std::move(message));
    if (!sent) {
        screen_.note(sent.error().message);
    } else if (waits) {
        screen_.note("› " + shown + "  (queued: it is sent when this turn has ended)");
    }
}

void Dialogue::save() {
    Result<std::string> saved = session_->submit(Save{});
    screen_.note(saved ? "saved as " + session_id_ : saved.error().message);
}

Completion Dialogue::completions(std::string_view before) const {
    return complete(before, vocabulary_);
}

// What Tab offers; asked for again when a session begins.
async::Task<void> Dialogue::note_vocabulary() {
    Vocabulary known;
    known.cwd = parts_.cwd;
    for (const SlashCommand& one : slash_commands()) known.commands.push_back(one.name);
    ExtensionsNow added = parts_.sessions.extensions(workspace_of(parts_.cwd));
    for (const std::string& name : command_names(*added)) known.commands.push_back(name);
    for (const char* ours : {"save", "exit", "exit-nosave"}) known.commands.emplace_back(ours);
    for (Mode mode : all_modes) known.modes.emplace_back(mode_name(mode));
    for (const model::ModelFacts& one : parts_.sessions.models().available()) {
        known.models.push_back(one.name);
    }
    ListQuery query;
    query.cwd = parts_.cwd;
    query.limit = 200;
    std::vector<SessionRow> rows = co_await parts_.sessions.list(std::move(query));
    known.session_ids.emplace_back("latest");
    for (const SessionRow& row : rows) known.session_ids.push_back(row.id);
    vocabulary_ = std::move(known);
}

async::Task<void> Dialogue::list_sessions() {
    ListQuery query;
    query.cwd = parts_.cwd;
    query.limit = 20;
    std::vector<SessionRow> rows = co_await parts_.sessions.list(std::move(query));
    screen_.print(rows_text(rows, parts_.output.out_look()));
    screen_.note("resume <id> goes on with one of them");
}

async::Task<void> Dialogue::run_slash(std::string text) {
    std::string typed = text;
    std::optional<std::string> said =
        co_await run_slash_command(parts_.sessions, *session_, std::move(text));
    if (said) {
        show_markdown(*said);
        co_return;
    }
    JsonValue nothing_else;
    Result<std::optional<SendMessage>> made =
        co_await made_prompt(parts_.sessions, *session_, typed, nothing_else);
    if (!made) {
        screen_.note(made.error().message);
    } else if (*made) {
        send(std::move(**made));
    } else {
        send_text(std::move(typed));
    }
}

async::Task<void> Dialogue::start_fresh() {
    if (!session_->is_idle() && !is_elsewhere()) {
        screen_.note("a turn is running; Ctrl+C ends it, then: new");
        co_return;
    }
    NewSession fresh = new_session(parts_, invocation_);
    Result<Session*> created = co_await parts_.sessions.create(std::move(fresh));
    if (!created) {
        screen_.note(created.error().message);
        co_return;
    }
    co_await switch_to(**created, Past::nothing);
}

async::Task<void> Dialogue::resume(std::string name) {
    if (!session_->is_idle() && !is_elsewhere()) {
        screen_.note("a turn is running; Ctrl+C ends it, then: resume");
        co_return;
    }
    if (name.empty()) name = "latest";
    Result<std::string> id = resolve_session(parts_.config(), parts_.cwd, name);
    if (id && *id == session_id_) {
        screen_.note(session_id_ + " is this session");
        co_return;
    }
    Result<Session*> opened = fail(Code::not_found, id ? "" : id.error().message);
    if (id) {
        OpenSession known = known_session(parts_, invocation_, *id);
        known.continues = true;
        opened = co_await parts_.sessions.open(std::move(known));
    }
    if (!opened) {
        screen_.note(opened.error().message);
        co_return;
    }
    co_await switch_to(**opened, Past::recap);
}

async::Task<void> Dialogue::switch_to(Session& session, Past past) {
    co_await leave_session();
    enter(session, past);
}

// Closes the session; one that was never used leaves nothing behind.
async::Task<void> Dialogue::leave_session() {
    co_await leave_agents();
    session_->unsubscribe(*this);
    session_->remove_answerer();
    was_elsewhere_ = is_elsewhere();
    bool is_unused = !was_elsewhere_ && session_->state().prompts == 0;
    session_ = nullptr;
    std::string id = session_id_;
    if (is_unused) {
        Result<void> removed = co_await parts_.sessions.remove(std::move(id), parts_.cwd);
        (void)removed;  // an empty session in the way of nobody: it is not listed
        session_id_.clear();
    } else {
        co_await parts_.sessions.close(std::move(id));
    }
}

async::Task<void> Dialogue::end() {
    screen_.close();
    if (leaving_ == Leaving::save) {
        Result<std::string> saved = session_->submit(Save{});
        if (!saved) parts_.output.complain(saved.error().message);
    }
    bool goes_on = leaving_ == Leaving::hung_up && parts_.config().finishes_alone;
    if (goes_on) {
        co_await leave_agents();
        session_->unsubscribe(*this);
        session_->remove_answerer();
        co_await parts_.sessions.finish_all();
        co_return;
    }
    co_await leave_session();
    say_goodbye();
}

void Dialogue::say_goodbye() {
    if (session_id_.empty()) return;
    std::string how = "thole resume " + session_id_;
    if (was_elsewhere_) {
        parts_.output.complain("left " + session_id_ +
                               " to the process that runs it; back with: thole attach " +
                               session_id_);
    } else if (leaving_ == Leaving::save) {
        parts_.output.complain("saved; go on with: " + how);
    } else {
        parts_.output.complain("left without a further save; go on with: " + how);
    }
}

}  // namespace thole::cli
