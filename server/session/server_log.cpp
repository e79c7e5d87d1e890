#include "session/server_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "base/text.hpp"
#include "workspace/files.hpp"

namespace thole {
namespace {

constexpr std::size_t largest = 4U << 20U;

}  // namespace

ServerLog::ServerLog(std::string directory, const Clock& clock, const Secrets& secrets)
    : directory_(std::move(directory)), clock_(clock), secrets_(secrets) {}

ServerLog::~ServerLog() {
    if (file_ >= 0) ::close(file_);
}

void ServerLog::open() {
    has_failed_ = true;
    if (!make_private_directory(directory_)) return;
    std::string path = directory_ + "/mcp.log";
    struct stat found {};
    bool is_large =
        ::lstat(path.c_str(), &found) == 0 && static_cast<std::size_t>(found.st_size) >= largest;
    if (is_large) (void)std::rename(path.c_str(), (path + ".1").c_str());
    size_ = is_large ? 0 : static_cast<std::size_t>(found.st_size);
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    has_failed_ = file_ < 0;
}

void ServerLog::write(const std::string& server, std::string_view line) {
    bool is_full = file_ >= 0 && size_ >= largest;
    if (is_full) {
        ::close(file_);
        file_ = -1;
    }
    if (file_ < 0 && !has_failed_) open();
    if (file_ < 0) return;
    std::string text = rfc3339(clock_.now()) + " " + one_line(server, 100) + ": " +
                       secrets_.redact(one_line(line, 2000)) + "\n";
    // At once, so that the lines of several processes stay whole.
    ssize_t written = ::write(file_, text.data(), text.size());
    if (written > 0) size_ += static_cast<std::size_t>(written);
}

}  // namespace thole
