// What was typed in earlier chats, in one file of the user (0600): an entry a line, its own line
// ends written as \n. Blocking, small. Whoever adds an entry has taken the secrets out.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace thole::cli {

class History {
public:
    explicit History(std::string file) : file_(std::move(file)) {}

    // The last thousand, oldest first; none when there is no file that can be read.
    std::vector<std::string> entries() const;
    // Errors: denied (not a file of this user), io.
    Result<void> add(std::string_view entry) const;

private:
    std::string file_;
};

}  // namespace thole::cli
