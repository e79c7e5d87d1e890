// Finding files by name and lines by pattern in a tree. Blocking, with threads of its own that are
// joined before it returns; call it from a worker. Skips .git, ignored files (see ignore.hpp),
// binary files and symbolic links; results have a stable order. Obeys the stop token within
// milliseconds.
#pragma once
#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace thole {

struct GlobQuery {
    std::string root;  // absolute directory
    // "**/*.cpp", "src/*.{c,h}"; relative to root. An ignored directory that it names plainly, as
    // "build" in "build/*.o", is looked into.
    std::string pattern;
    std::size_t limit = 1000;
    bool include_ignored = false;
};
struct GlobAnswer {
    std::vector<std::string> paths;  // absolute; newest first, then by name
    bool truncated = false;          // there are more than `limit`
    bool operator==(const GlobAnswer&) const = default;
};
// Errors: invalid_argument (pattern), not_found (root), cancelled.
Result<GlobAnswer> glob(const GlobQuery& query, std::stop_token stop);

enum class GrepMode { lines, files, count };

struct GrepQuery {
    std::string path;     // absolute, resolved: a directory or one file
    std::string pattern;  // PCRE2
    std::string glob;     // only files that it covers, gitignore style: "*.ts", "src/**"; "" all
    GrepMode mode = GrepMode::lines;
    bool ignore_case = false;
    bool multiline = false;  // "." crosses lines and a match may span them
    bool include_ignored = false;
    std::size_t context_before = 0;
    std::size_t context_after = 0;
    std::size_t head_limit = 250;  // lines (without context), files or counts
};
struct GrepLine {
    std::size_t number = 0;  // 1-based
    std::string text;        // valid UTF-8, clipped to 500 bytes
    bool matched = true;     // false: context
    bool operator==(const GrepLine&) const = default;
};
struct GrepFile {
    std::string path;       // absolute
    std::size_t count = 0;  // matching lines; in mode files at most 1
    std::vector<GrepLine> lines;
    bool operator==(const GrepFile&) const = default;
};
struct GrepAnswer {
    std::vector<GrepFile> files;     // by path
    std::size_t matches = 0;         // sum of the counts
    bool truncated = false;          // head_limit was reached
    std::vector<std::string> notes;  // files not searched to their end, and why
    bool operator==(const GrepAnswer&) const = default;
};
// Errors: invalid_argument (the pattern does not compile: what and where; a bad glob), not_found,
// denied, cancelled.
Result<GrepAnswer> grep(const GrepQuery& query, std::stop_token stop);

}  // namespace thole
