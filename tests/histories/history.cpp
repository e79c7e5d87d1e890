#include "histories/history.hpp"

#include <filesystem>

#include "base/text.hpp"
#include "git/program.hpp"
#include "git/result.hpp"
#include "git/snapshot.hpp"

namespace thole::test {
namespace {

namespace fs = std::filesystem;

template <class T>
T must(Result<T> result, const std::string& what) {
    if (result) return std::move(*result);
    throw Broken{what + ": " + result.error().message};
}

std::string git_at(const std::string& directory, const git::Words& words) {
    return must(git::Program(directory).line(words), "git in " + directory);
}

// Files of the repository that are the user's: index, HEAD, configuration, refs but ours.
Contents git_side(const std::string& git_dir) {
    Contents side;
    for (const char* name : {"index", "HEAD", "config", "packed-refs", "logs/HEAD"}) {
        side[name] = bytes_of(git_dir + "/" + name);
    }
    for (auto& [name, bytes] : contents_of(git_dir + "/refs")) {
        bool is_ours = name.starts_with("thole/") || name.starts_with("heads/thole/");
        if (!is_ours) side["refs/" + name] = bytes;
    }
    return side;
}

std::set<std::string> blobs_of(const Contents& contents) {
    std::set<std::string> ids;
    for (const auto& [name, all] : contents) ids.insert(blob_id(all.substr(all.find(' ') + 1)));
    return ids;
}

// Nothing of ours may be left in the user's repository but refs, objects and entries of trees.
void check_leavings(const std::string& git_dir) {
    for (const fs::directory_entry& entry : fs::directory_iterator(git_dir)) {
        std::string name = entry.path().filename();
        if (name.ends_with(".lock") || name.starts_with("thole-"))
            throw Broken{"left behind: " + name};
    }
}

}  // namespace

void make_templates(const std::string& folder) {
    auto make = [&](const std::string& name) {
        std::string top = folder + "/" + name;
        fs::create_directories(top);
        git_at(top, {"init", "--quiet", "--initial-branch=main", "--template="});
        return top;
    };
    make("empty");
    std::string normal = make("normal");
    for (const char* name : {"a.txt", "b.txt", "dir/e.txt", "dir/deep/g.txt", "h"}) {
        write_bytes(normal + "/" + name, std::string("first ") + name + "\n1\n2\n3\n");
    }
    write_bytes(normal + "/.gitignore", ".env\nbuild/\n");
    write_bytes(normal + "/.worktreeinclude", ".env\n");
    git_at(normal, {"add", "--all"});
    git_at(normal, {"commit", "--quiet", "-m", "First"});
    write_bytes(normal + "/a.txt", "second\n1\n2\n3\n");
    git_at(normal, {"commit", "--quiet", "--all", "-m", "Second"});
    write_bytes(normal + "/b.txt", "stashed\n");
    git_at(normal, {"stash", "push", "--quiet"});
    auto copy = [&](const std::string& name) {
        fs::copy(normal, folder + "/" + name,
                 fs::copy_options::recursive | fs::copy_options::copy_symlinks);
        return folder + "/" + name;
    };
    git_at(copy("detached"), {"checkout", "--quiet", "--detach", "HEAD^"});
    std::string submodule = copy("submodule");
    git_at(submodule,
           {"-c", "protocol.file.allow=always", "submodule", "--quiet", "add", normal, "lib"});
    git_at(submodule, {"commit", "--quiet", "-m", "Lib"});
    fs::create_directories(folder + "/none");
    fs::copy(normal, folder + "/none", fs::copy_options::recursive);
    fs::remove_all(folder + "/none/.git");
}

History::History(unsigned seed, const std::string& templates, const std::string& folder)
    : random_(seed), folder_(folder), user_(folder + "/user"), state_(folder + "/state") {
    int kind = below(random_, 20);
    std::string name = kind < 11   ? "normal"
                       : kind < 13 ? "empty"
                       : kind < 15 ? "detached"
                       : kind < 17 ? "linked"
                       : kind < 18 ? "submodule"
                                   : "none";
    note(name);
    has_git_ = name != "none";
    bool is_linked = name == "linked";
    std::string top = is_linked ? folder + "/main" : user_;
    fs::create_directories(folder);
    fs::copy(templates + "/" + (is_linked ? "normal" : name), top,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    git_dir_ = top + "/.git";
    if (is_linked) git_at(top, {"worktree", "add", "--quiet", "-b", "side", user_});
    write_bytes(user_ + "/.gitignore", ".env\nbuild/\n");
    write_bytes(user_ + "/.worktreeinclude", ".env\n");
    write_bytes(user_ + "/.env", "secret\n");
    write_bytes(user_ + "/build/out", "built\n");
}

void History::run() {
    for (int edits = below(random_, 6); edits > 0; --edits)
        change_something(random_, user_, "user");
    bool may_stage = has_git_ && once_in(random_, 2);
    if (may_stage) ask(user_, {"add", "--all", "--", "dir", "a.txt"}, true);
    begin_child();
    for (int steps = 3 + below(random_, 6); steps > 0; --steps) take_step();
    check_end();
}

void History::take_step() {
    if (children_.empty()) return begin_child();
    auto which = static_cast<std::size_t>(below(random_, static_cast<int>(children_.size())));
    Child& child = *children_[which];
    switch (below(random_, 16)) {
        case 0:
        case 1:
            note("user works");
            return change_something(random_, user_, "user");
        case 2:
            return check_snapshot();
        case 3:
            return children_.size() < 3 ? begin_child() : work_in(child);
        case 4:
        case 5:
        case 6:
            return work_in(child);
        case 7:
            return git_in(child);
        case 8:
            return commit(child);
        case 9:
        case 10:
            return merge(child);
        case 11:
            return discard(which);
        case 12:
        case 13:
            return prune();
        case 14:
            note("owner of " + child.tree.id + " crashes");
            return child.lease.release();
        default:
            return break_something(child);
    }
}

std::string History::ask(const std::string& directory, git::Words words, bool may_fail) {
    git::Answer answer = must(git::Program(directory).run(words), "git " + words[0]);
    if (answer.exit_code != 0 && !may_fail)
        throw Broken{"git " + words[0] + ": " + answer.complaint};
    return std::string(trim(answer.text));
}

History::Footprint History::footprint() const {
    Footprint all{contents_of(user_), {}};
    if (has_git_) all.git = git_side(git_dir_);
    // A linked worktree has an index and a HEAD of its own.
    if (has_git_ && git_dir_ != user_ + "/.git") {
        for (const char* name : {"index", "HEAD"}) {
            all.git[std::string("linked ") + name] = bytes_of(git_dir_ + "/worktrees/user/" + name);
        }
    }
    return all;
}

void History::check_untouched(const Footprint& before, const std::string& by) {
    Footprint now = footprint();
    if (now == before) return;
    for (auto [was, is] : {std::pair{before.files, now.files}, std::pair{before.git, now.git}}) {
        for (const auto& [name, bytes] : was) {
            if (is[name] != bytes) throw Broken{by + " changed the user's " + name};
        }
    }
    throw Broken{by + " added to what is the user's"};
}

void History::begin_child() {
    Footprint before = footprint();
    git::WorktreeRequest request;
    bool is_nested = !children_.empty() && once_in(random_, 4);
    request.directory = is_nested ? children_.back()->tree.path : user_;
    if (is_nested && !children_.back()->tree.place()) return;
    request.folder = state_;
    request.id = "c" + std::to_string(++born_);
    note((is_nested ? "grandchild " : "child ") + request.id);
    git::MadeWorktree made = must(git::make_tree(request), "make");
    check_untouched(before, "making");
    const git::Worktree& tree = made.worktree;
    Contents expected = contents_of(request.directory), got = contents_of(tree.path);
    children_.push_back(
        std::make_unique<Child>(Child{made.worktree, std::move(made.lease), {}, blobs_of(got)}));
    expected.erase("build/out");
    if (expected.count(".worktreeinclude") == 0 || !has_git_) {
        expected.erase(".env");
        got.erase(".env");
    }
    if (has_git_ && expected != got && tree.submodules.empty())
        throw Broken{"the tree is not what the user sees"};
}

void History::work_in(Child& child) {
    note(child.tree.id + " works");
    if (!fs::is_directory(child.tree.path)) return;
    for (int edits = 1 + below(random_, 3); edits > 0; --edits) {
        change_something(random_, child.tree.path, child.tree.id);
    }
    if (once_in(random_, 6))
        write_bytes(child.tree.path + "/.env", "changed by " + child.tree.id + "\n");
    if (once_in(random_, 10) && !child.tree.submodules.empty()) {
        write_bytes(child.tree.path + "/lib/new.txt", "in lib by " + child.tree.id + "\n");
    }
}

// What a child may do with git itself.
void History::git_in(Child& child) {
    const std::string& top = child.tree.path;
    if (!fs::exists(top + "/.git")) return;
    int what = below(random_, 5);
    note(child.tree.id + " uses git " + std::to_string(what));
    if (what == 0) {
        ask(top, {"add", "--all"}, true);
        ask(top, {"commit", "--quiet", "-m", "By the child"}, true);
    }
    if (what == 1) ask(top, {"reset", "--quiet", "--hard", child.tree.base}, true);
    if (what == 2) ask(top, {"checkout", "--quiet", "--detach"}, true);
    if (what == 3) ask(top, {"checkout", "--quiet", "-b", "feature-" + child.tree.id}, true);
    if (what == 4) ask(top, {"add", "--all"}, true);
    std::string head = ask(top, {"rev-parse", "--quiet", "--verify", "HEAD"}, true);
    if (!head.empty() && has_git_) child.commits.push_back(head);
}

void History::commit(Child& child) {
    if (!child.tree.place()) return;
    note("commit " + child.tree.id);
    Footprint before = footprint();
    Contents files = contents_of(child.tree.path);
    std::string made = must(git::commit_all({child.tree, "Work"}), "commit");
    if (has_git_) child.commits.push_back(made);
    check_untouched(before, "committing");
    if (contents_of(child.tree.path) != files) throw Broken{"committing changed the tree's files"};
    std::string status = ask(child.tree.path, {"status", "--porcelain"});
    if (!status.empty()) throw Broken{"after committing there is: " + status};
}

void History::merge(Child& child) {
    commit(child);
    Result<git::Worktree> recorded = git::read_worktree(child.tree.record_file());
    bool is_ready = recorded && child.tree.place() && fs::is_directory(child.tree.repository);
    if (!is_ready || !recorded->origin()) return;
    note("merge " + child.tree.id);
    bool is_into_user = child.tree.repository == user_;
    Footprint before = footprint();
    Contents target = contents_of(child.tree.repository);
    git::MergeReport report = must(git::merge_into({*recorded}), "merge");
    note(report.is_applied ? "applied" : "not applied");
    if (!is_into_user || !report.is_applied) return check_untouched(before, "merging");
    Contents now = contents_of(user_), theirs = contents_of(child.tree.path);
    for (const git::MergedFile& file : report.files) {
        bool is_there = theirs.count(file.path) != 0;
        bool is_as_theirs = is_there == (now.count(file.path) != 0);
        // Who may read a file is the user's own affair.
        auto text_of = [](std::string all) {
            return all.substr(std::min(all.find(' '), all.size()));
        };
        if (is_there && is_as_theirs) {
            is_as_theirs = text_of(now[file.path]) == text_of(theirs[file.path]);
        }
        if (!is_as_theirs) throw Broken{"after the merge '" + file.path + "' is not the child's"};
        before.files.erase(file.path);
        now.erase(file.path);
    }
    if (now != before.files) throw Broken{"the merge changed a file that it does not name"};
    if (has_git_ && git_side(git_dir_) != [&] {
            Contents g = before.git;
            std::erase_if(g, [](auto& e) { return e.first.starts_with("linked "); });
            return g;
        }()) {
        throw Broken{"the merge changed what git knows"};
    }
}

// All that is in the tree now, and all that was committed in it.
void History::expect_kept(const Child& child) {
    if (!has_git_) return;
    for (const std::string& commit : child.commits) {
        if (commit != child.tree.base) treasures_.insert(commit);
    }
    for (const auto& [name, all] : contents_of(child.tree.path)) {
        bool is_left_out = name.starts_with("build/") || name.starts_with("lib/") ||
                           name == ".env" || all.starts_with("link ");
        if (is_left_out) continue;
        std::string id = blob_id(all.substr(all.find(' ') + 1));
        // What nobody has worked on goes with the tree: it was the user's, who has changed it
        // since.
        if (child.base.count(id) == 0) treasures_.insert(std::move(id));
    }
    std::string secret = bytes_of(child.tree.path + "/.env");
    bool was_included = !child.tree.included.empty();
    if (was_included && !secret.empty() && secret != "secret\n") treasures_.insert(blob_id(secret));
}

void History::forget(std::size_t which) {
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(which));
}

void History::discard(std::size_t which) {
    Child& child = *children_[which];
    note("discard " + child.tree.id);
    Footprint before = footprint();
    std::set<std::string> known = treasures_;
    expect_kept(child);
    git::Worktree tree = child.tree;
    if (Result<git::Worktree> recorded = git::read_worktree(tree.record_file())) tree = *recorded;
    Result<git::Removal> removed = git::remove_worktree(tree, std::move(child.lease));
    check_untouched(before, "discarding");
    if (!removed && removed.error().code != Code::busy) {
        throw Broken{"discard: " + removed.error().message};
    }
    if (removed && fs::exists(tree.path)) throw Broken{"a discarded tree is still there"};
    if (removed) return forget(which);
    treasures_ = std::move(known);
}

void History::prune() {
    note("prune");
    Footprint before = footprint();
    std::vector<std::set<std::string>> expected;
    std::set<std::string> known = treasures_;
    for (const auto& child : children_) {
        treasures_.clear();
        expect_kept(*child);
        expected.push_back(treasures_);
    }
    treasures_ = std::move(known);
    std::uint64_t limit = once_in(random_, 3) ? 20'000 : 0;
    must(git::prune({state_, limit}), "prune");
    check_untouched(before, "pruning");
    for (std::size_t i = children_.size(); i-- > 0;) {
        Child& child = *children_[i];
        bool is_gone = !fs::exists(child.tree.record_file());
        if (is_gone && child.lease.is_held()) throw Broken{"pruning took a tree in use"};
        if (!is_gone) continue;
        treasures_.insert(expected[i].begin(), expected[i].end());
        forget(i);
    }
}

void History::check_snapshot() {
    if (!has_git_) return;
    note("snapshot");
    Footprint before = footprint();
    git::Place place = must(git::find_place(user_), "place");
    git::Snapshot taken = must(git::take_snapshot({place}), "snapshot");
    check_untouched(before, "the snapshot");
    std::string index = folder_ + "/reference";
    std::error_code absent;
    fs::remove(index, absent);
    fs::copy_file(place.index, index, absent);
    // With its time, by which git knows what was written right after it.
    if (!absent) fs::last_write_time(index, fs::last_write_time(place.index));
    git::Program reference = git::Program(user_).with_index(index);
    (void)must(reference.ask({"add", "--all"}), "reference");
    std::string tree = must(reference.line({"write-tree"}), "reference");
    if (tree != taken.tree) throw Broken{"the snapshot is not what git would add"};
}

void History::break_something(Child& child) {
    if (!has_git_ || !child.tree.submodules.empty()) return;
    std::error_code ignored;
    int what = below(random_, 3);
    note("break " + child.tree.id + " " + std::to_string(what));
    if (what == 0) fs::remove(child.tree.path + "/.git", ignored);
    // Its reflog goes with the entry, and what only that knows is git's to lose.
    if (what == 1) {
        fs::remove_all(git_dir_ + "/worktrees/" + child.tree.id, ignored);
        child.commits.clear();
    }
    if (what == 2) write_bytes(child.tree.path + ".lock", "stale");
}

void History::check_end() {
    if (!has_git_) return;
    check_leavings(git_dir_);
    std::string faults = ask(git_dir_, {"fsck", "--no-dangling", "--no-progress"}, true);
    if (!faults.empty()) throw Broken{"fsck: " + faults};
    if (treasures_.empty()) return;
    std::string all = ask(git_dir_, {"rev-list", "--objects", "--all"});
    std::set<std::string> reachable;
    for (std::string_view line : split_lines(all))
        reachable.emplace(line.substr(0, line.find(' ')));
    for (const std::string& id : treasures_) {
        if (reachable.count(id) == 0) throw Broken{"not reachable any more: " + id};
    }
}

}  // namespace thole::test
