#include "git/temporary.hpp"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>

#include "workspace/files.hpp"

namespace thole::git {

namespace fs = std::filesystem;

Result<TemporaryFolder> TemporaryFolder::make() {
    std::error_code failed;
    std::string pattern = fs::temp_directory_path(failed).string();
    if (failed) pattern = "/tmp";
    pattern += "/thole-git-XXXXXX";
    if (!::mkdtemp(pattern.data()))
        return system_error(errno, "make a temporary folder at", pattern);
    return TemporaryFolder(std::move(pattern));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace thole::git
