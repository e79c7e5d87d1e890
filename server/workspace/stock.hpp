// Which files of a tree have changed between two moments, told by their stamps and not by their
// content: what a command did is found this way. Skips what a walk skips (walk.hpp): .git, ignored
// files, symbolic links. Blocking; call it from a worker.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace thole {

struct FileStamp {
    std::string path;  // absolute
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t modified_ns = 0, changed_ns = 0;
    auto operator<=>(const FileStamp&) const = default;
};

using Stock = std::vector<FileStamp>;  // by path, each once

struct StockLimits {
    std::size_t files = 100'000;
    std::chrono::milliseconds time{1500};
};

// The files below the directories (absolute, resolved; they may lie in each other). Errors: limit
// (too many files, or it took too long; says which), cancelled.
Result<Stock> take_stock(const std::vector<std::string>& directories, const StockLimits& limits,
                         std::stop_token stop);

// Paths of the files that are new, gone or different, by name. A file that was written again with
// the same content is different.
std::vector<std::string> changed_files(const Stock& before, const Stock& after);

}  // namespace thole
