// Where a command runs before the user's eyes instead of in a process of ours: the terminals of an
// editor, lent by it. What is decided, recorded and shown to the model is the same; what belongs to
// the process (its end, what it leaves running) is the editor's. Loop thread.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "async/process.hpp"
#include "async/task.hpp"
#include "base/result.hpp"

namespace thole {

struct TerminalCommand {
    std::string call_id;            // of the call that it belongs to
    std::vector<std::string> argv;  // runs without input, its outputs as one
    std::string directory;
    std::vector<std::string> environment;  // KEY=VALUE
    std::vector<std::string> unset;        // names that it must not inherit
    std::chrono::milliseconds timeout{0};
};

// How a command ended that was, or may have been, started.
struct TerminalEnd {
    enum class How {
        exited,
        timed_out,  // and killed
        cancelled,  // by a stop, and killed
        failed,     // `why`: the editor did not do its part
    };
    How how = How::exited;
    async::Exit exit;          // of `exited`
    std::string why;           // of `failed`
    std::string output;        // UTF-8
    std::size_t kept = 0;      // bytes that the editor kept of longer output, the last ones; 0: all
    std::string lacks_output;  // why there is none; "" when there is
};

class Terminals {
public:
    virtual ~Terminals() = default;
    // Whether a command would be run here now.
    virtual bool is_offered() const = 0;
    // Runs it to its end, at most for its timeout; also a stop ends it. An error means that nothing
    // was started: it may be run elsewhere. Anything else must not be run again.
    virtual async::Task<Result<TerminalEnd>> run(TerminalCommand command) = 0;
};

}  // namespace thole
