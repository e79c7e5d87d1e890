#include "journal/journal.hpp"

#include <unistd.h>

#include <cerrno>

#include "async/signal.hpp"
#include "async/sleep.hpp"
#include "async/worker.hpp"
#include "base/ids.hpp"
#include "journal/blobs.hpp"
#include "journal/line.hpp"
#include "journal/log_file.hpp"
#include "journal/pending_text.hpp"
#include "journal/snapshot.hpp"
#include "journal/subscribers.hpp"

namespace thole {

namespace {

constexpr std::size_t longest_pending = 4096;
constexpr std::chrono::milliseconds longest_delay{250};
constexpr std::size_t kept_capacity = 64 * 1024;

// Waiters whom a stop does not send away: what they wait for is short and must be known.
class Waiters {
public:
    explicit Waiters(async::Loop& loop) : loop_(loop) {}

    async::Task<void> wait() {
        async::Signal woken(loop_);
        waiting_.push_back(&woken);
        co_await woken.wait_despite_stop();
    }
    void wake_all() {
        for (async::Signal* waiter : std::exchange(waiting_, {})) waiter->notify();
    }

private:
    async::Loop& loop_;
    std::vector<async::Signal*> waiting_;
};

Result<void> sync_files(int log, const std::vector<std::string>& others) {
    for (const std::string& path : others) {
        if (auto synced = sync_path(path); !synced) return synced;
    }
    if (::fdatasync(log) != 0) return file_error("sync", "the log", errno);
    return {};
}

struct OpenedLog {
    LogFile log;
    Folded folded;
};

Result<OpenedLog> open_log(const SessionFiles& files) {
    auto log = LogFile::open(files.log());
    if (!log) return log.error();
    auto folded = fold_files(files);
    if (!folded) return folded.error();
    if (folded->state.last_event_id == 0) {
        return fail(Code::corrupt, "cannot open session " + files.id + ": " + files.log() +
                                       " holds no readable event");
    }
    if (auto healed = log->heal(folded->end); !healed) return healed.error();
    return OpenedLog{std::move(*log), std::move(*folded)};
}

Result<void> check_id(const SessionFiles& files) {
    if (is_valid_session_id(files.id)) return {};
    return fail(Code::invalid_argument, "not a session id: " + files.id.substr(0, 128));
}

}  // namespace

struct Journal::Impl {
    Impl(async::Loop& event_loop, const Clock& wall_clock, SessionFiles where, LogFile file,
         const Secrets& hidden)
        : loop(event_loop),
          clock(wall_clock),
          files(std::move(where)),
          log(std::move(file)),
          secrets(hidden),
          synced(event_loop),
          saved(event_loop) {
        store = [this](std::string_view text) { return stored_text(text); };
        load = [this](std::string_view sha256, std::int64_t) {
            return load_blob(files.blobs(), sha256).value_or("");
        };
        unsynced_paths.push_back(files.directory);
    }

    std::uint64_t record(Event event);
    codec::Written write(const Envelope& envelope);
    Envelope readable(Envelope envelope) const;
    std::string title_on_disk() const;
    void record_all(std::vector<Event> events);
    void flush();
    void flush_all();
    void flush_before(const Event& next);
    void stream(Event piece);
    async::Task<void> flush_later();
    async::Task<Result<void>> sync();
    async::Task<void> sync_once();
    async::Task<Result<void>> save_snapshot();
    async::Task<void> close();
    Result<std::string> store_blob(std::string_view content);
    Result<std::string> store_exactly(std::string_view content);
    std::string stored_text(std::string_view text);

    async::Loop& loop;
    const Clock& clock;
    SessionFiles files;
    LogFile log;
    const Secrets& secrets;
    State state;
    Damage damage;
    Result<void> health;
    Subscribers subscribers;

    codec::StoreBlob store;
    codec::LoadBlob load;
    std::string line;  // kept for its memory

    PendingText pending;
    std::size_t held = 0;         // bytes of it that wait for what comes next
    std::string changed_thought;  // the message of a thought that lost a secret
    bool is_flush_due = false;
    async::Scope scope;

    std::int64_t synced_end = 0;
    std::vector<std::string> unsynced_paths;  // blobs and directories that lines depend on
    bool is_syncing = false;
    bool has_sync_failed = false;
    Waiters synced;
    bool is_saving = false;
    Waiters saved;
};

std::uint64_t Journal::Impl::record(Event event) {
    if (!health) return 0;
    const auto now = std::chrono::floor<std::chrono::milliseconds>(clock.now());
    Envelope envelope{state.last_event_id + 1, now, std::move(event)};
    const codec::Written written = write(envelope);
    if (!health) return 0;
    if (!written.is_exact) envelope = readable(std::move(envelope));
    line += '\n';
    health = log.append(line);
    line.pop_back();
    if (!health) return 0;
    const bool is_title = std::holds_alternative<TitleChanged>(envelope.event);
    const bool may_name = is_title || (state.prompts == 0 && !state.has_own_title);
    apply(state, envelope);
    if (may_name && written.has_hidden) state.title = title_on_disk();
    if (line.capacity() > kept_capacity) line = {};
    const std::uint64_t id = envelope.id;
    subscribers.show(std::move(envelope));
    return id;
}

// Into `line`. A thought whose text was changed goes without its signature, which would not fit.
codec::Written Journal::Impl::write(const Envelope& envelope) {
    line.clear();
    const auto* thought = std::get_if<ThoughtStreamed>(&envelope.event);
    const bool was_changed = thought && thought->message_id == changed_thought;
    if (!was_changed || thought->signature.empty()) {
        const codec::Written written = codec::write_line(line, envelope, &store, &secrets);
        const bool goes_on = thought && thought->signature.empty();
        if (goes_on && written.has_hidden) changed_thought = thought->message_id;
        return written;
    }
    changed_thought.clear();
    ThoughtStreamed unsigned_thought = *thought;
    unsigned_thought.signature.clear();
    const Envelope kept{envelope.id, envelope.time, std::move(unsigned_thought)};
    return codec::write_line(line, kept, &store, &secrets);
}

// All see what will be read, but for the secrets, not what could not be written.
Envelope Journal::Impl::readable(Envelope envelope) const {
    std::string text;
    codec::write_line(text, envelope, nullptr);
    auto read = codec::read_line(text, nullptr);
    return read ? std::move(*read) : std::move(envelope);
}

// A title is cut from a prompt: from the one without secrets, so that no half of one is left.
std::string Journal::Impl::title_on_disk() const {
    State fresh;
    if (auto read = codec::read_line(line, &load)) apply(fresh, *read);
    return fresh.title;
}

void Journal::Impl::record_all(std::vector<Event> events) {
    for (Event& event : events) record(std::move(event));
}

// The end of a text may be the beginning of a secret: it waits for what comes next.
void Journal::Impl::flush() {
    record_all(pending.take_whole(secrets));
    held = pending.bytes();
}

void Journal::Impl::flush_all() {
    record_all(pending.take());
    held = 0;
}

void Journal::Impl::flush_before(const Event& next) {
    if (pending.is_empty()) return;
    record_all(pending.take_before(next, secrets));
    held = pending.bytes();
}

void Journal::Impl::stream(Event piece) {
    if (!health) return;
    pending.add(piece);
    subscribers.show(Envelope{0, {}, std::move(piece)});
    if (pending.bytes() >= held + longest_pending) flush();
    if (pending.bytes() <= held || is_flush_due) return;
    is_flush_due = true;
    scope.spawn(flush_later());
}

async::Task<void> Journal::Impl::flush_later() {
    const async::Wake wake = co_await async::sleep_for(loop, longest_delay);
    is_flush_due = false;
    if (wake == async::Wake::done) flush();
}

// The first caller syncs for all; who came after it began waits for the next.
async::Task<Result<void>> Journal::Impl::sync() {
    flush();
    const Result<void> recorded = health;
    const std::int64_t wanted = log.end();
    while (synced_end < wanted && !has_sync_failed) {
        if (is_syncing) {
            co_await synced.wait();
        } else {
            co_await sync_once();
        }
    }
    if (synced_end < wanted) co_return health;
    co_return recorded;
}

async::Task<void> Journal::Impl::sync_once() {
    is_syncing = true;
    const std::int64_t end = log.end();
    auto work = [fd = log.fd(), paths = std::exchange(unsynced_paths, {})](std::stop_token) {
        return sync_files(fd, paths);
    };
    Result<void> done = co_await async::on_worker(loop, std::move(work));
    is_syncing = false;
    if (done) {
        synced_end = end;
    } else {
        has_sync_failed = true;
        health = done.error();
    }
    synced.wake_all();
}

async::Task<Result<void>> Journal::Impl::save_snapshot() {
    flush();
    while (is_saving) co_await saved.wait();
    if (!health) co_return health;
    is_saving = true;
    auto work = [where = files, folded = Folded{state, damage, log.end()}, &hidden = secrets](
                    std::stop_token) { return write_snapshot(where, folded, hidden); };
    Result<void> done = co_await async::on_worker(loop, std::move(work));
    is_saving = false;
    saved.wake_all();
    co_return done;
}

async::Task<void> Journal::Impl::close() {
    flush_all();
    // A sync that fails breaks the journal, as health() tells; a snapshot is only a cache.
    [[maybe_unused]] const Result<void> safe = co_await sync();
    [[maybe_unused]] const Result<void> saved_last = co_await save_snapshot();
    scope.request_stop();
    co_await scope.join();
    log.close();
    if (health) health = fail(Code::internal, "session " + files.id + " is closed");
}

Result<std::string> Journal::Impl::store_blob(std::string_view content) {
    const auto changed = secrets.redacted(content);
    return store_exactly(changed ? std::string_view(*changed) : content);
}

Result<std::string> Journal::Impl::store_exactly(std::string_view content) {
    auto stored = write_blob(files.blobs(), content);
    if (!stored) return stored.error();
    if (stored->is_new) {
        unsynced_paths.push_back(files.blobs() + "/" + stored->sha256);
        unsynced_paths.push_back(files.blobs());
        unsynced_paths.push_back(files.directory);
    }
    return std::move(stored->sha256);
}

std::string Journal::Impl::stored_text(std::string_view text) {
    auto sha256 = store_exactly(text);
    if (sha256) return std::move(*sha256);
    health = sha256.error();
    return "";
}

Journal::Journal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::create(async::Loop& loop, const Clock& clock,
                                                 SessionFiles files, const Secrets& secrets) {
    if (auto fine = check_id(files); !fine) return fine.error();
    if (auto made = make_private_directories(files.directory); !made) return made.error();
    auto log = LogFile::create(files.log());
    if (!log) return log.error();
    auto impl = std::make_unique<Impl>(loop, clock, std::move(files), std::move(*log), secrets);
    return std::unique_ptr<Journal>(new Journal(std::move(impl)));
}

async::Task<Result<Journal::Opened>> Journal::open(async::Loop& loop, const Clock& clock,
                                                   SessionFiles files, const Secrets& secrets) {
    if (auto fine = check_id(files); !fine) co_return fine.error();
    auto work = [files](std::stop_token) { return open_log(files); };
    Result<OpenedLog> opened = co_await async::on_worker(loop, std::move(work));
    if (!opened) co_return opened.error();
    auto impl =
        std::make_unique<Impl>(loop, clock, std::move(files), std::move(opened->log), secrets);
    impl->state = std::move(opened->folded.state);
    impl->damage = opened->folded.damage;
    Opened result{std::unique_ptr<Journal>(new Journal(std::move(impl))), opened->folded.damage};
    co_return result;
}

std::uint64_t Journal::append(Event event) {
    impl_->flush_before(event);
    return impl_->record(std::move(event));
}

void Journal::stream(Event piece) {
    impl_->stream(std::move(piece));
}
void Journal::flush() {
    impl_->flush();
}
async::Task<Result<void>> Journal::sync() {
    return impl_->sync();
}
async::Task<Result<void>> Journal::save_snapshot() {
    return impl_->save_snapshot();
}
async::Task<void> Journal::close() {
    return impl_->close();
}

Result<std::string> Journal::store_blob(std::string_view content) {
    return impl_->store_blob(content);
}

const State& Journal::state() const {
    return impl_->state;
}
const SessionFiles& Journal::files() const {
    return impl_->files;
}
Result<void> Journal::health() const {
    return impl_->health;
}

void Journal::subscribe(Subscriber& subscriber) {
    impl_->flush_all();
    impl_->subscribers.add(subscriber);
}

void Journal::unsubscribe(Subscriber& subscriber) {
    impl_->subscribers.remove(subscriber);
}

}  // namespace thole
