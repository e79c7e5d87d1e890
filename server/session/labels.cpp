#include "session/labels.hpp"

#include "async/poll.hpp"
#include "async/signal.hpp"
#include "async/worker.hpp"
#include "base/text.hpp"

namespace thole {
namespace {

constexpr std::size_t longest_title = 200;        // bytes
constexpr std::chrono::seconds longest_wait{10};  // for another process

Command command_of(const Label& label) {
    return std::visit([](const auto& one) { return Command(one); }, label);
}

Result<std::optional<Event>> change_of(const State& state, const Label& label) {
    if (const auto* set = std::get_if<SetTitle>(&label)) return thole::change_of(state, *set);
    return thole::change_of(state, std::get<Archive>(label));
}

// Sees the label arrive in the log of a session that somebody has open.
class Arrival final : public Subscriber {
public:
    Arrival(async::Loop& loop, Session& session, const Label& label)
        : session_(session), label_(label), changed_(loop) {
        session_.subscribe(*this);
    }
    ~Arrival() override { session_.unsubscribe(*this); }
    Arrival(const Arrival&) = delete;
    Arrival& operator=(const Arrival&) = delete;

    void on_event(const Envelope& envelope) override {
        bool is_title = std::holds_alternative<SetTitle>(label_);
        has_come_ =
            has_come_ || (is_title ? std::holds_alternative<TitleChanged>(envelope.event)
                                   : std::holds_alternative<ArchiveChanged>(envelope.event));
        changed_.notify();
    }
    void on_delta(const Event&) override {}
    void give_up() {
        is_late_ = true;
        changed_.notify();
    }

    async::Task<Result<void>> wait() {
        while (!has_come_) {
            if (is_late_) {
                co_return fail(Code::busy, "session " + session_.state().id +
                                               " is open in another process that does not answer");
            }
            async::Wake wake = co_await changed_.wait();
            if (wake == async::Wake::stopped) co_return cancelled();
        }
        co_return Result<void>();
    }

private:
    Session& session_;
    const Label& label_;
    async::Signal changed_;
    bool has_come_ = false;
    bool is_late_ = false;
};

async::Task<Result<std::string>> label_open(Sessions& sessions, Session& session, Label label) {
    Result<std::optional<Event>> change = change_of(session.state(), label);
    if (!change) co_return change.error();
    if (!*change) co_return session.state().title;
    Arrival arrival(sessions.loop(), session, label);
    async::Timer patience(sessions.loop(), [&arrival] { arrival.give_up(); });
    Result<std::string> taken = session.submit(command_of(label));
    if (!taken) co_return taken.error();
    patience.start(longest_wait);
    Result<void> arrived = co_await arrival.wait();
    if (!arrived) co_return arrived.error();
    co_return session.state().title;
}

// Nobody has it open: the event is all that happens, no hook runs and no server starts.
async::Task<Result<std::string>> label_saved(Sessions& sessions, SessionFiles files, Label label) {
    Result<Journal::Opened> opened =
        co_await Journal::open(sessions.loop(), sessions.clock(), files, sessions.secrets());
    if (!opened) co_return opened.error();
    Journal& journal = *opened->journal;
    Result<std::optional<Event>> change = change_of(journal.state(), label);
    if (change && *change) journal.append(std::move(**change));
    Result<void> safe = co_await journal.sync();
    std::string title = journal.state().title;
    co_await journal.close();
    auto note = [index = sessions.index_file(), files](std::stop_token) {
        update_index(index, files);
    };
    co_await async::on_worker(sessions.loop(), std::move(note));
    if (!change) co_return change.error();
    if (!safe) co_return safe.error();
    co_return title;
}

}  // namespace

Result<std::optional<Event>> change_of(const State& state, const SetTitle& set) {
    std::string title = one_line(trim(set.title), longest_title);
    if (title.empty()) return fail(Code::invalid_argument, "title: must not be empty");
    bool is_so = state.has_own_title && state.title == title;
    if (is_so) return std::optional<Event>();
    return std::optional<Event>(TitleChanged{std::move(title), "user"});
}

std::optional<Event> change_of(const State& state, const Archive& archive) {
    if (state.is_archived == archive.archived) return std::nullopt;
    return ArchiveChanged{archive.archived, "user"};
}

async::Task<Result<std::string>> label_session(Sessions& sessions, std::string id, std::string cwd,
                                               Label label) {
    Session* open = sessions.find(id);
    if (open) co_return co_await label_open(sessions, *open, std::move(label));
    Result<std::string> done = co_await label_saved(sessions, sessions.files_of(id, cwd), label);
    bool is_elsewhere = !done && done.error().code == Code::busy;
    if (!is_elsewhere) co_return done;
    OpenSession options;
    options.id = id;
    options.cwd = std::move(cwd);
    Result<Session*> attached = co_await sessions.open(std::move(options));
    if (!attached) co_return attached.error();
    done = co_await label_open(sessions, **attached, std::move(label));
    co_await sessions.close(id);
    co_return done;
}

}  // namespace thole
