// Diagnostics of the process itself, for people who look for a fault; what a session does is in its
// journal, not here. Silent unless a level and a file (or standard error) are given. Any thread.
// Never give it keys, prompts or file contents.
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace thole {

enum class LogLevel { off, warn, info, debug };

class Log {
public:
    // Silent.
    Log();
    // Appends to `file` (made 0600), or writes to standard error when `file` is empty. A file that
    // cannot be opened leaves the log silent: diagnostics never stop the work.
    explicit Log(LogLevel level, const std::string& file = {});
    ~Log();
    Log(Log&&) noexcept;
    Log& operator=(Log&&) noexcept;

    void warn(std::string_view message);
    void info(std::string_view message);
    void debug(std::string_view message);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace thole
