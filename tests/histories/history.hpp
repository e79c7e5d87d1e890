// One random history: a user who works in a repository, sub-agents in trees, crashes, merges, and
// the tidying up. It remembers what must not get lost and checks it. One thread each.
#pragma once
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "git/cleanup.hpp"
#include "git/merge.hpp"
#include "git/worktree.hpp"
#include "histories/disk.hpp"

namespace thole::test {

// A broken promise; the message says which.
struct Broken {
    std::string what;
};

class History {
public:
    // `templates` holds what histories begin with; `folder` is a new one for this.
    History(unsigned seed, const std::string& templates, const std::string& folder);

    // Throws Broken.
    void run();

    std::string steps() const { return steps_; }

private:
    struct Child {
        git::Worktree tree;
        git::Lease lease;
        std::vector<std::string> commits;  // that were made in it, by whatever way
        std::set<std::string> base;        // blobs that it began with: the user's own
    };
    // What is the user's alone.
    struct Footprint {
        Contents files, git;
        bool operator==(const Footprint&) const = default;
    };

    void take_step();
    void begin_child();
    void work_in(Child& child);
    void git_in(Child& child);
    void commit(Child& child);
    void merge(Child& child);
    void discard(std::size_t which);
    void prune();
    void check_snapshot();
    void break_something(Child& child);

    std::string ask(const std::string& directory, git::Words words, bool may_fail = false);
    Footprint footprint() const;
    void check_untouched(const Footprint& before, const std::string& by);
    void expect_kept(const Child& child);
    void forget(std::size_t which);
    void check_end();
    void note(const std::string& step) { steps_ += step + "; "; }

    Random random_;
    std::string folder_, user_, git_dir_, state_, steps_;
    bool has_git_ = true;
    std::vector<std::unique_ptr<Child>> children_;
    std::set<std::string> treasures_;  // ids of objects that must be reachable at the end
    int born_ = 0;
};

// What all histories begin with: "normal", "empty", "detached", "linked", "submodule", "none".
void make_templates(const std::string& folder);

}  // namespace thole::test
