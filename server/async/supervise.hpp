// The supervisor: one small process between thole and each program that it runs, the same binary
// started again. It takes in every orphan of the program (PR_SET_CHILD_SUBREAPER), so nothing that
// the program starts can get away from below it, whatever groups, sessions and environments it
// changes; it ends when nothing is left, and kills all when thole lets go of it or dies.
// Owned by a Process, which starts it and is its only caller; it lives in a process and a thread of
// its own. It shows no output, reads no files but /proc, and can be ended by SIGKILL only.
#pragma once
#include <sys/types.h>

namespace thole::async {

// Then: program file, argv[0], arguments.
inline constexpr char supervise_word[] = "--supervise";
inline constexpr char supervise_reading_word[] = "--supervise-read-only";  // confine.hpp
inline constexpr int supervise_control_fd = 3;  // a SOCK_SEQPACKET socket to the owner

// From the supervisor, in the order of what happens. The end of the stream: nothing is left.
struct SupervisorReport {
    enum class Kind : int { started, failed, unconfined, refused, exited };
    Kind kind = Kind::started;
    int value = 0;               // started: the pid; failed: errno; exited: the wait status
    bool leaves_others = false;  // exited: something that it started still runs
    // unconfined: why the program must not run; refused: what. `value` others without a text.
    char text[400] = {};
};

// To the supervisor: SIGTERM to all, SIGKILL to what is left after the grace. The end of the
// stream: SIGKILL to all.
struct EndCommand {
    int grace_ms = 0;
};

// Call it first thing in main(): it returns at once unless the arguments are those of a supervisor
// (or of the probe of confinement.hpp), and never when they are.
void supervise_if_asked(int argc, char** argv);

}  // namespace thole::async
