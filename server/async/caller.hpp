// A process whose system call waits for the Warden: what its arguments point to, and which files
// its paths mean. Best effort: it may go on, change its memory or be killed meanwhile, and what is
// told of it here is for people and for choosing an error, never for deciding what may be done.
// Keeps nothing; one thread. Needs the right to trace it, which the supervisor has as its ancestor.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace thole::async {

class Caller {
public:
    explicit Caller(pid_t thread) : proc_("/proc/" + std::to_string(thread)) {}

    // Up to the NUL, at most 4095 bytes. Nothing: the address is bad, or its memory is closed to
    // us.
    std::optional<std::string> text_at(std::uint64_t address) const;
    // Exactly `size` bytes.
    std::optional<std::string> bytes_at(std::uint64_t address, std::size_t size) const;

    // `path` as it means the caller, relative to the descriptor `folder` (AT_FDCWD: its folder):
    // for our own use, through /proc.
    std::string reachable(int folder, const std::string& path) const;
    // The same for people: absolute, without "." and "..".
    std::string shown(int folder, const std::string& path) const;
    // What the descriptor is open for: a path, "pipe:[7]", or "" when it is not open.
    std::string open_file(int fd) const;
    // The words of its command line; none when it has ended.
    std::vector<std::string> words() const;
    // Whom the descriptor of a process stands for; 0 when it is none, or the process has ended.
    pid_t process_of(int pidfd) const;

private:
    std::string folder_of(int folder) const;

    std::string proc_;
};

}  // namespace thole::async
