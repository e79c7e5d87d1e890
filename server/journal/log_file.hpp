// The log as its one writer holds it: locked, open for appending, whole lines only. Internal to
// journal/. The lock is flock(2); a second, open-file-description lock on the same file says the
// same to readers, who can ask for that one without taking it. Blocking; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "journal/files.hpp"

namespace thole {

class LogFile {
public:
    // A new, empty log. Errors: exists, denied, io.
    static Result<LogFile> create(const std::string& path);
    // Takes the lock. Errors: not_found, busy, denied, io.
    static Result<LogFile> open(const std::string& path);

    // Cuts off what stands after `end`, and ends the last line when its newline is missing.
    Result<void> heal(std::int64_t end);

    // One write, and another only when the kernel took a part. On failure nothing of it stays.
    Result<void> append(std::string_view line);

    int fd() const { return file_.fd(); }
    std::int64_t end() const { return end_; }
    void close() { file_.reset(); }

private:
    LogFile(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
    Result<void> lock();

    Descriptor file_;
    std::string path_;
    std::int64_t end_ = 0;
};

// Whether some process (this one too) writes the log.
bool has_writer(const std::string& log);

}  // namespace thole
