// Journal: the append-only log of one session, the only writer of it in the world (flock), with the
// fold of all its events and the subscribers that watch it. Loop thread; fdatasync and snapshots
// run on the pool. The format is docs/session-format.md.
//
// What it promises: an appended event has been given to the kernel (write) before any subscriber
// sees it, so it survives the death of this process; after sync() succeeds it survives the death of
// the machine. Streamed text is shown at once and written in lines of up to 4 KiB or 250 ms; its
// last word waits for what comes next. No secret is written: subscribers and state() have the texts
// as they were, the files have "[redacted …]" in a secret's place. After
// a failed write (full disk, I/O error) the journal is broken: it truncates what was half written,
// takes nothing more, shows nothing more, and says so from every call.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/loop.hpp"
#include "async/task.hpp"
#include "journal/log_reader.hpp"
#include "journal/secrets.hpp"
#include "journal/state.hpp"

namespace thole {

// Where the files of a session are.
struct SessionFiles {
    std::string directory;  // <workspace>/.thole/sessions
    std::string id;
    std::string log() const { return directory + "/" + id + ".events.jsonl"; }
    std::string snapshot() const { return directory + "/" + id + ".json"; }
    std::string blobs() const { return directory + "/" + id + ".blobs"; }
};

class Subscriber {
public:
    virtual ~Subscriber() = default;
    // Every event, in order, once it is written.
    virtual void on_event(const Envelope& envelope) = 0;
    // A piece of TokensStreamed, ThoughtStreamed or ToolOutputChunk, at once; the same text comes
    // again, joined, through on_event. A front end uses the one or the other.
    virtual void on_delta(const Event& piece) = 0;
};

class Journal {
public:
    // Makes the files (0600, folders 0700 with a .gitignore). Errors: exists, denied, io.
    // `secrets` must outlive the journal.
    static Result<std::unique_ptr<Journal>> create(async::Loop& loop, const Clock& clock,
                                                   SessionFiles files, const Secrets& secrets);

    // What reopening found.
    struct Opened {
        std::unique_ptr<Journal> journal;
        Damage damage;  // empty: the log was whole
    };
    // Takes the lock, heals a torn tail, folds snapshot and tail. Errors: not_found, busy (another
    // process writes this session), corrupt (no readable event at all), denied, io.
    static async::Task<Result<Opened>> open(async::Loop& loop, const Clock& clock,
                                            SessionFiles files, const Secrets& secrets);
    ~Journal();

    // Assigns the id, writes, folds, shows. Text that streams is flushed first. Returns the id;
    // 0 when the journal is broken.
    std::uint64_t append(Event event);
    // Shows a piece of streamed text at once and keeps it for the next line.
    void stream(Event piece);
    // Writes streamed text that waits, but for an end that may be the beginning of a secret.
    void flush();

    // Everything appended so far is on the disk (fdatasync, joined with others' calls).
    async::Task<Result<void>> sync();
    // Replaces the snapshot (temp, fsync, rename), on the pool.
    async::Task<Result<void>> save_snapshot();
    // Flushes, syncs, saves the snapshot and lets go of the lock. Must be awaited before
    // destruction.
    async::Task<void> close();

    // Stores `content`, without secrets, once and gives the sha256 of what is stored.
    Result<std::string> store_blob(std::string_view content);

    const State& state() const;
    const SessionFiles& files() const;
    // The error that broke the journal, if one did.
    Result<void> health() const;

    void subscribe(Subscriber& subscriber);    // sees what comes after now
    void unsubscribe(Subscriber& subscriber);  // also from inside on_event

private:
    struct Impl;
    explicit Journal(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace thole
