// Reading what commits hold: which files differ between two of them, and the bytes of files. By
// libgit2 straight from the object database, which it can do in repositories of every kind but
// those with SHA-256 names; there, and where objects are not all here (partial clones), by the git
// program. Internal to git/. Blocking; a reader belongs to one thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "git/repository.hpp"

namespace thole::git {

struct TreeEntry {
    std::uint32_t mode = 0;  // as git writes it, 0100644; 0: there is nothing
    std::string id;          // of the blob, or of the commit of a submodule

    bool exists() const { return mode != 0; }
    bool is_link() const { return mode == 0120000; }
    bool is_submodule() const { return mode == 0160000; }
    bool is_file() const { return (mode & 0170000) == 0100000; }
    bool operator==(const TreeEntry&) const = default;
};

struct TreeChange {
    std::string path;
    std::string old_path;  // of a renamed file, else ""
    TreeEntry before, after;
    bool operator==(const TreeChange&) const = default;
};

enum class Renames { leave, find };

class Objects {
public:
    static Result<std::unique_ptr<Objects>> open(const Place& place, std::stop_token stop);
    virtual ~Objects() = default;

    // From one commit to another, files only, in the order of their paths.
    virtual Result<std::vector<TreeChange>> changes(const std::string& from, const std::string& to,
                                                    Renames renames) = 0;
    virtual Result<std::uint64_t> size_of(const std::string& blob) = 0;
    virtual Result<std::string> bytes_of(const std::string& blob) = 0;
};

// The two ways; open() chooses.
Result<std::unique_ptr<Objects>> objects_by_library(const Place& place);
std::unique_ptr<Objects> objects_by_program(const Place& place, std::stop_token stop);

}  // namespace thole::git
