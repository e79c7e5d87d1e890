// Process: a child program in a process group (and session) of its own, with its output given to a
// sink on the loop thread. It never has our stdin, stdout or any other descriptor of ours.
// Owned by the task that waits for it. Destroying it kills what is left of it and of all that it
// started, and blocks for the moment that takes; waiting for it first is the normal way.
// Each runs below a supervisor (supervise.hpp), so that what it started is found whatever it did,
// and is killed at once when thole dies, by SIGKILL too. A program that kills its supervisor gains
// nothing: its orphans come to us. Out of reach: what runs as another user, and a program that
// kills its supervisor and thole in the same moment. The program that uses this calls
// supervise_if_asked().
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/loop.hpp"
#include "base/result.hpp"

namespace thole::async {

enum class Stream { out, err };

// Pieces of output as they come, of at most 64 KiB, in order per stream. Not called after wait()
// has returned.
using OutputSink = std::function<void(Stream, std::string_view)>;

// What a program that may only read tried to change, and what the system refused.
struct Refusal {
    std::string what;  // "unlink /w/a.txt"; any bytes. Empty: `others` more, beyond the first 20
    int others = 0;
    bool operator==(const Refusal&) const = default;
};

// Each thing once, as it happens; after wait() has returned too, of what the program left running.
using RefusalSink = std::function<void(const Refusal&)>;

struct ProcessOptions {
    std::vector<std::string> argv;         // argv[0] is looked up in PATH unless it has a slash
    std::string cwd;                       // empty: ours
    std::vector<std::string> env;          // the complete KEY=VALUE list; empty: ours
    std::string stdin_text;                // empty, without pipe_stdin: /dev/null
    bool pipe_stdin = false;               // keep stdin open for write_stdin()
    std::chrono::milliseconds grace{300};  // from SIGTERM to SIGKILL in terminate()
    // It and all that it starts can change nothing outside (confine.hpp); where the system cannot
    // see to that it does not run (127).
    bool read_only = false;
    RefusalSink on_refused;
    // The end of one of its outputs, which may come long before its exit.
    std::function<void(Stream)> on_closed;
};

struct Exit {
    int code = 0;    // of exit(); 0 when a signal ended it
    int signal = 0;  // 0 when it ended by itself
    bool operator==(const Exit&) const = default;
};

class Process {
public:
    // Errors: not_found (program or cwd), denied, invalid_argument (no program), io. A file that
    // turns out not to be runnable later (no interpreter, another machine's) says so on Stream::err
    // and exits with 127.
    static Result<std::unique_ptr<Process>> spawn(Loop& loop, ProcessOptions options,
                                                  OutputSink on_output);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // Of the program; waits for its start, at most some milliseconds. 0: it could not be started.
    int pid() const;
    bool has_exited() const;

    // After wait(): whether something that the program started still runs.
    bool leaves_processes() const;

    // After wait(), with read_only: why the program was not run; "" when it was.
    const std::string& unconfined() const;

    // Waits for the exit and for the end of the output, but at most 200 ms after the exit when a
    // background process holds the output open (its output is thrown away from then on). A stop
    // while waiting terminates, and still waits. After terminate() it also waits until all that the
    // child started is dead. One waiter at a time; may be called again.
    Task<Exit> wait();

    // SIGTERM to it and to all that it started, SIGKILL to what is left after `grace`; with the
    // usual grace all are dead within a second. May be called after the exit too, to end background
    // processes.
    void terminate();

    // With pipe_stdin only. Queued and ordered; a child that does not read costs memory, one that
    // closed its stdin nothing.
    void write_stdin(std::string text);
    std::size_t unwritten() const;  // bytes that wait for the child to read
    void close_stdin();             // after all that was written

private:
    struct Impl;
    explicit Process(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace thole::async
