// Visits every regular file of a tree on several threads: the walk below glob and grep. The calling
// thread takes part; all threads are joined before walk_tree returns. Symbolic links are not
// followed and not visited; .git never is.
#pragma once
#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>

namespace thole {

struct WalkedFile {
    std::size_t worker;     // 0-based, below walk_workers()
    int directory;          // descriptor, for openat and fstatat
    std::string_view name;  // NUL-terminated
    std::string_view path;  // absolute, NUL-terminated
};

class FileVisitor {
public:
    virtual ~FileVisitor() = default;
    // On any of the threads, several at a time. A false ends the walk.
    virtual bool visit(const WalkedFile& file) = 0;
    // A directory that could not be read.
    virtual void unreadable(const std::string& path, int error_number) = 0;
};

std::size_t walk_workers();

// `directory` is absolute and resolved.
void walk_tree(const std::string& directory, bool include_ignored, FileVisitor& visitor,
               std::stop_token stop);

}  // namespace thole
