// Changing several files of a folder, all or none of them: everything new is written aside first,
// what was there is kept until the end, and a failure on the way puts it back. No link is followed,
// and a file that is not what it was when it was looked at ends it all. Internal to git/. Blocking.
// When the process ends in the middle, what was there is in `aside` (aside.hpp says how).
#pragma once
#include <sys/stat.h>

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "git/merge.hpp"

namespace thole::git {

// What is at a path, without following a link there; nothing: no entry.
std::optional<struct stat> facts_at(const std::string& path);
bool is_same(const std::optional<struct stat>& a, const std::optional<struct stat>& b);

struct FileStep {
    enum class Kind { write, remove, set_mode } kind = Kind::write;
    std::string path;                     // below the root
    std::string source;                   // write: a file or link with the new content
    mode_t mode = 0;                      // write, set_mode: of the file
    std::optional<struct stat> expected;  // what is there now
};

struct ApplyRequest {
    std::string root;
    std::string aside;  // an empty folder on the same file system
    std::vector<FileStep> steps;
    FileWriter writer;  // may be empty
    std::stop_token stop;
};

// Removals come first. Folders are made as needed, and removed when a removal left them empty.
// Errors: busy (a file has changed meanwhile), denied, io, cancelled; nothing has changed then, but
// for what could not be put back, which stays in `aside`: the message says where.
Result<void> apply_all(const ApplyRequest& request);

}  // namespace thole::git
