// A private folder for the moment: removed with its owner. Internal to git/; any thread.
#pragma once
#include <string>

#include "base/result.hpp"

namespace thole::git {

class TemporaryFolder {
public:
    // Below $TMPDIR or /tmp, 0700. Errors: io.
    static Result<TemporaryFolder> make();
    ~TemporaryFolder();
    TemporaryFolder(TemporaryFolder&& other) noexcept;
    TemporaryFolder& operator=(TemporaryFolder&&) = delete;

    const std::string& path() const { return path_; }

private:
    explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace thole::git
