// Whether programs can be kept from changing anything here, and by what. Not believed but tried,
// once in a process and not before somebody asks: a program of ours, confined like any other
// (ProcessOptions::read_only), attempts what it must not be able to do. One belongs to each Loop
// (Loop::confinement()); loop thread.
#pragma once
#include <optional>
#include <string>

#include "async/loop.hpp"
#include "base/result.hpp"

namespace thole::async {

class Confinement {
public:
    explicit Confinement(Loop& loop) : loop_(loop) {}

    // "Landlock ABI 7 and seccomp". The first time it takes some milliseconds, and a folder in
    // TMPDIR for that long. Errors: unavailable, names what is missing ("this kernel has no
    // Landlock") or what got through; io (nothing could be tried, tried again the next time);
    // cancelled.
    Task<Result<std::string>> proof();

    // Takes this for proved: for tests.
    void assume(Result<std::string> known) { known_ = std::move(known); }

private:
    Task<Result<std::string>> attempt() const;

    Loop& loop_;
    std::optional<Result<std::string>> known_;
};

// The program that tries: `thole --probe-confinement FOLDER PID`. Prints "held", or what it could
// do, a line each.
inline constexpr char probe_word[] = "--probe-confinement";

// Returns at once unless the arguments are those of the probe, and never when they are. Called by
// supervise_if_asked().
void probe_if_asked(int argc, char** argv);

}  // namespace thole::async
