// A sub-agent's working tree for the tests of merging: made from a Boat, changed and merged.
#pragma once
#include <string>

#include "git/merge.hpp"
#include "git/result.hpp"
#include "unit/git/boat.hpp"

namespace thole::test {

struct Child {
    Child(const Boat& of, const std::string& id) : boat(of), made(of.make(id)) {}

    std::string path(const std::string& file) const { return made.worktree.path + "/" + file; }
    void write(const std::string& file, const std::string& text) const {
        boat.scratch.write(path(file).substr(boat.scratch.path().size() + 1), text);
    }
    void commit() const {
        Result<std::string> done = git::commit_all({made.worktree, "Work"});
        REQUIRE(done);
    }
    // As it is recorded now.
    git::MergeRequest request() const {
        Result<git::Worktree> now = git::find_worktree(boat.folder, made.worktree.id);
        REQUIRE(now);
        return {*now};
    }
    git::MergeReport merge() const {
        commit();
        Result<git::MergeReport> report = git::merge_into(request());
        INFO((report ? std::string() : report.error().message));
        REQUIRE(report);
        return *report;
    }

    const Boat& boat;
    git::MadeWorktree made;
};

inline const git::MergedFile& file_named(const git::MergeReport& report, const std::string& path) {
    for (const git::MergedFile& file : report.files) {
        if (file.path == path) return file;
    }
    FAIL("no file " << path);
    return report.files[0];
}

}  // namespace thole::test
