// Copies of files and folders from one tree to another, as cheaply as the file system allows:
// sharing the bytes where it can (reflinks), several files at a time. Modes, times and links are
// kept; no link is followed, and one to a place inside the first tree leads to the same place in
// the second. What is there already stays. Internal to git/. Blocking; starts threads and joins
// them.
#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace thole::git {

struct CopyRequest {
    std::string from, to;            // tops of the trees
    std::vector<std::string> paths;  // below `from`: files, links and folders with all in them
    std::stop_token stop;
};

// What could not be copied and why, a sentence each. Pipes, sockets, devices and the .git files of
// other worktrees are left out. Errors: io (a folder of `to` cannot be written, disk full), denied,
// cancelled.
Result<std::vector<std::string>> copy_all(const CopyRequest& request);

}  // namespace thole::git
