#include "git/cleanup.hpp"

#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "git/merge.hpp"
#include "git/result.hpp"
#include "unit/git/boat.hpp"

using namespace thole;
using git::Condition;
using test::Boat;

namespace fs = std::filesystem;

namespace {

// A tree whose owner has let go of it.
git::Worktree left(const Boat& boat, const std::string& id) {
    git::MadeWorktree made = boat.make(id);
    made.lease.release();
    return made.worktree;
}

void write_in(const Boat& boat, const git::Worktree& tree, const std::string& name,
              const std::string& text) {
    boat.scratch.write(tree.path.substr(boat.scratch.path().size() + 1) + "/" + name, text);
}

git::WorktreeState state_of(const Boat& boat, const std::string& id) {
    Result<std::vector<git::WorktreeState>> states = git::list_worktrees({boat.folder});
    REQUIRE(states);
    for (const git::WorktreeState& state : *states) {
        if (state.worktree.id == id) return state;
    }
    FAIL("no worktree " << id);
    return {};
}

git::PruneReport prune(const Boat& boat, std::uint64_t limit = 0) {
    Result<git::PruneReport> report = git::prune({boat.folder, limit});
    INFO((report ? std::string() : report.error().message));
    REQUIRE(report);
    return *report;
}

std::string notes_of(const git::PruneReport& report) {
    std::string text;
    for (const std::string& note : report.notes) text += note + "\n";
    return text;
}

}  // namespace

TEST_CASE("an empty tree goes at once, and nothing needs to be rescued") {
    Boat boat = Boat::with_files();
    boat.write("oar.txt", "dirty\n");
    std::string before = boat.footprint();
    git::MadeWorktree made = boat.make("w1");
    Result<git::Removal> removed = git::remove_worktree(made.worktree, std::move(made.lease));
    REQUIRE(removed);
    CHECK(removed->rescue == "");
    CHECK_FALSE(fs::exists(made.worktree.path));
    CHECK(boat.git("for-each-ref refs/thole refs/heads/thole") == "");
    CHECK_FALSE(boat.has(".git/worktrees"));
    CHECK(boat.footprint() == before);
    CHECK(git::list_worktrees({boat.folder}).value().empty());
    git::empty_trash(boat.folder);
    CHECK(fs::is_empty(boat.folder + "/.trash"));
}

TEST_CASE("whatever is removed stays reachable: commits, changes, untracked files") {
    Boat boat = Boat::with_files();
    git::Worktree tree = left(boat, "w1");
    write_in(boat, tree, "committed.txt", "1\n");
    REQUIRE(git::commit_all({tree, "Work"}));
    write_in(boat, tree, "oar.txt", "changed\n");
    write_in(boat, tree, "untracked.txt", "2\n");
    Result<git::Removal> removed = git::remove_worktree(tree);
    REQUIRE(removed);
    CHECK(removed->rescue == "refs/thole/rescue/w1");
    auto show = [&](const std::string& name) {
        return boat.git("show refs/thole/rescue/w1:" + name);
    };
    CHECK(show("committed.txt") == "1");
    CHECK(show("oar.txt") == "changed");
    CHECK(show("untracked.txt") == "2");
    CHECK(boat.git("for-each-ref --format='%(refname)' refs/thole refs/heads/thole") ==
          "refs/thole/rescue/w1");
    CHECK(boat.git("fsck --no-dangling") == "");
}

TEST_CASE("commits that were thrown away in the tree are rescued too") {
    Boat boat = Boat::with_files();
    git::Worktree tree = left(boat, "w1");
    write_in(boat, tree, "a.txt", "a\n");
    Result<std::string> thrown = git::commit_all({tree, "A"});
    REQUIRE(thrown);
    boat.git_in(tree.path, "reset --quiet --hard " + tree.base);
    write_in(boat, tree, "b.txt", "b\n");
    Result<std::string> kept = git::commit_all({tree, "B"});
    REQUIRE(kept);
    Result<git::Removal> removed = git::remove_worktree(tree);
    REQUIRE(removed);
    for (const std::string& commit : {*thrown, *kept}) {
        CHECK(boat.git("merge-base --is-ancestor " + commit + " " + removed->rescue +
                       " && echo yes") == "yes");
    }
    CHECK(boat.git("show " + removed->rescue + ":b.txt") == "b");
}

TEST_CASE("included files that were changed are rescued, unchanged ones are not work") {
    Boat boat = Boat::with_files();
    boat.write(".worktreeinclude", ".env\n");
    boat.write(".env", "secret\n");
    CHECK(git::remove_worktree(left(boat, "same")).value().rescue == "");
    git::Worktree tree = left(boat, "changed");
    write_in(boat, tree, ".env", "other\n");
    Result<git::Removal> removed = git::remove_worktree(tree);
    REQUIRE(removed);
    CHECK(boat.git("show " + removed->rescue + ":.env") == "other");
}

TEST_CASE("what is reachable elsewhere needs no rescue") {
    Boat boat = Boat::with_files();
    git::Worktree tree = left(boat, "w1");
    write_in(boat, tree, "a.txt", "a\n");
    REQUIRE(git::commit_all({tree, "A"}));
    REQUIRE(git::merge_as_branch(tree, "topic"));
    CHECK(git::remove_worktree(tree).value().rescue == "");
    CHECK(boat.git("show topic:a.txt") == "a");
}

TEST_CASE("a tree with a repository of its own in it is kept") {
    Boat boat = Boat::with_files();
    git::Worktree tree = left(boat, "w1");
    fs::create_directories(tree.path + "/own");
    boat.git_in(tree.path + "/own", "init --quiet");
    write_in(boat, tree, "own/a.txt", "a\n");
    Result<git::Removal> removed = git::remove_worktree(tree);
    REQUIRE_FALSE(removed);
    CHECK(removed.error().code == Code::denied);
    CHECK(removed.error().message.find("own") != std::string::npos);
    CHECK(fs::exists(tree.path + "/own/a.txt"));
    CHECK(boat.git("rev-parse thole/w1") == tree.base);
}

TEST_CASE("changes in a submodule are rescued in its repository") {
    Boat boat = Boat::with_files();
    Boat inner = Boat::with_files();
    boat.git("-c protocol.file.allow=always submodule --quiet add '" + inner.top + "' lib");
    boat.commit("Add lib");
    git::Worktree tree = left(boat, "w1");
    write_in(boat, tree, "lib/new.txt", "new\n");
    Result<git::Removal> removed = git::remove_worktree(tree);
    REQUIRE(removed);
    CHECK(removed->rescue == "refs/thole/rescue/w1");
    CHECK(boat.git_in(boat.top + "/lib", "show refs/thole/rescue/w1:new.txt") == "new");
}

TEST_CASE("a tree in use is known by its lock, a crashed owner by the lock being free") {
    Boat boat = Boat::with_files();
    git::MadeWorktree made = boat.make("w1");
    CHECK(state_of(boat, "w1").is_in_use);
    CHECK(git::remove_worktree(made.worktree).error().code == Code::busy);
    CHECK(prune(boat).removed.empty());
    CHECK(fs::exists(made.worktree.path));
    made.lease.release();
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    pid_t owner = ::fork();
    if (owner == 0) {
        bool is_held = git::Lease::take(made.worktree).value().is_held();
        int fd = ::open((made.worktree.path + ".lock").c_str(), O_RDWR);
        (void)::flock(fd, LOCK_EX);
        (void)::write(ready[1], is_held ? "y" : "n", 1);
        for (;;) ::pause();
    }
    char answer = 0;
    REQUIRE(::read(ready[0], &answer, 1) == 1);
    CHECK(state_of(boat, "w1").is_in_use);
    CHECK(prune(boat).removed.empty());
    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);
    CHECK_FALSE(state_of(boat, "w1").is_in_use);
    CHECK(prune(boat).removed.size() == 1);
    CHECK_FALSE(fs::exists(made.worktree.path));
}

TEST_CASE("a child at work keeps the tree that it began from") {
    Boat boat = Boat::with_files();
    git::Worktree parent = left(boat, "parent");
    git::WorktreeRequest request = boat.request("child");
    request.directory = parent.path;
    Result<git::MadeWorktree> child = git::make_worktree(request);
    REQUIRE(child);
    CHECK(state_of(boat, "parent").is_needed);
    CHECK(prune(boat).removed.empty());
    CHECK(git::remove_worktree(parent).error().code == Code::busy);
    child->lease.release();
    CHECK(prune(boat).removed.size() == 2);
}

TEST_CASE("pruning takes what is empty or merged, and leaves what has work in it") {
    Boat boat = Boat::with_files();
    left(boat, "empty");
    git::Worktree commits = left(boat, "commits"), dirty = left(boat, "dirty");
    git::Worktree merged = left(boat, "merged");
    write_in(boat, commits, "a.txt", "a\n");
    REQUIRE(git::commit_all({commits, "A"}));
    write_in(boat, dirty, "b.txt", "b\n");
    write_in(boat, merged, "c.txt", "c\n");
    REQUIRE(git::commit_all({merged, "C"}));
    REQUIRE(git::merge_into({merged}).value().is_applied);
    git::PruneReport report = prune(boat);
    REQUIRE(report.removed.size() == 2);
    CHECK(report.removed[0].id == "empty");
    CHECK(report.removed[0].rescue == "");
    CHECK(report.removed[1].id == "merged");
    CHECK(report.removed[1].rescue == "refs/thole/rescue/merged");
    CHECK(fs::exists(commits.path));
    CHECK(fs::exists(dirty.path));
    CHECK(state_of(boat, "commits").has_commits());
    CHECK_FALSE(state_of(boat, "dirty").is_clean);
}

TEST_CASE("over the limit the oldest clean trees go, rescued; changes never do") {
    Boat boat = Boat::with_files();
    std::vector<git::Worktree> trees;
    for (const char* id : {"t1", "t2", "t3"}) {
        trees.push_back(left(boat, id));
        write_in(boat, trees.back(), "big.bin", std::string(1 << 20, *(id + 1)));
    }
    REQUIRE(git::commit_all({trees[1], "Work"}));
    REQUIRE(git::commit_all({trees[2], "Work"}));
    git::PruneReport report = prune(boat, 2'500'000);
    REQUIRE(report.removed.size() == 1);
    CHECK(report.removed[0].id == "t2");
    CHECK(report.removed[0].rescue == "refs/thole/rescue/t2");
    CHECK(report.bytes <= 2'500'000);
    report = prune(boat, 1000);
    CHECK(report.removed.size() == 1);
    CHECK(fs::exists(trees[0].path + "/big.bin"));
    CHECK(notes_of(report).find("more than the limit") != std::string::npos);
}

TEST_CASE("a tree whose links to its repository are broken is mended before it goes") {
    Boat boat = Boat::with_files();
    git::Worktree no_file = left(boat, "no-file"), no_entry = left(boat, "no-entry");
    for (const git::Worktree& tree : {no_file, no_entry}) write_in(boat, tree, "a.txt", "a\n");
    fs::remove(no_file.path + "/.git");
    fs::remove_all(boat.top + "/.git/worktrees/no-entry");
    CHECK(state_of(boat, "no-file").condition == Condition::damaged);
    CHECK(state_of(boat, "no-entry").condition == Condition::damaged);
    CHECK(prune(boat).removed.empty());
    for (const git::Worktree& tree : {no_file, no_entry}) {
        Result<git::Removal> removed = git::remove_worktree(tree);
        INFO((removed ? std::string() : removed.error().message));
        REQUIRE(removed);
        CHECK(boat.git("show " + removed->rescue + ":a.txt") == "a");
    }
    CHECK_FALSE(boat.has(".git/worktrees"));
}

TEST_CASE("when the repository is gone the tree is kept, and it is said") {
    Boat boat = Boat::with_files();
    git::Worktree tree = left(boat, "w1");
    write_in(boat, tree, "a.txt", "a\n");
    fs::rename(boat.top, boat.scratch / "moved");
    git::WorktreeState state = state_of(boat, "w1");
    CHECK(state.condition == Condition::repository_gone);
    git::PruneReport report = prune(boat, 1);
    CHECK(report.removed.empty());
    CHECK(notes_of(report).find("is gone or was moved") != std::string::npos);
    CHECK(git::remove_worktree(tree).error().code == Code::not_found);
    CHECK(fs::exists(tree.path + "/a.txt"));
    fs::rename(boat.scratch / "moved", boat.top);
    CHECK(state_of(boat, "w1").condition == Condition::sound);
}

TEST_CASE("of a tree that somebody deleted the commits stay, and only our entry is forgotten") {
    Boat boat = Boat::with_files();
    git::Worktree empty = left(boat, "empty"), worked = left(boat, "worked");
    boat.git("worktree add --quiet -b theirs ../theirs");
    write_in(boat, worked, "a.txt", "a\n");
    REQUIRE(git::commit_all({worked, "A"}));
    for (const git::Worktree& tree : {empty, worked}) fs::remove_all(tree.path);
    fs::remove_all(boat.scratch / "theirs");
    git::PruneReport report = prune(boat);
    REQUIRE(report.removed.size() == 1);
    CHECK(report.removed[0].id == "empty");
    CHECK(boat.git("show thole/worked:a.txt") == "a");
    CHECK_FALSE(boat.has(".git/worktrees/worked"));
    CHECK(boat.has(".git/worktrees/theirs"));
    Result<git::Removal> removed = git::remove_worktree(worked);
    REQUIRE(removed);
    CHECK(boat.git("show " + removed->rescue + ":a.txt") == "a");
}

TEST_CASE("the remains of an interrupted making go; strangers' files stay") {
    Boat boat = Boat::with_files();
    git::Worktree tree = left(boat, "w1");
    std::string group = fs::path(tree.path).parent_path();
    std::string inside = group.substr(boat.scratch.path().size() + 1);
    boat.scratch.write(inside + "/crashed.lock", "");
    boat.scratch.write(inside + "/stranger/file", "x\n");
    git::PruneReport report = prune(boat);
    CHECK_FALSE(fs::exists(group + "/crashed.lock"));
    CHECK(fs::exists(group + "/stranger/file"));
    CHECK(notes_of(report).find("no record") != std::string::npos);
}

TEST_CASE("the work of a copy outlives its folder in a repository of its own") {
    Boat boat;
    boat.scratch.write("shore/a.txt", "a\n");
    git::WorktreeRequest wanted = boat.request("c1");
    wanted.directory = boat.scratch / "shore";
    Result<git::MadeWorktree> made = git::make_copy(wanted);
    REQUIRE(made);
    write_in(boat, made->worktree, "b.txt", "b\n");
    Result<git::Removal> removed = git::remove_worktree(made->worktree, std::move(made->lease));
    INFO((removed ? std::string() : removed.error().message));
    REQUIRE(removed);
    CHECK_FALSE(fs::exists(made->worktree.path));
    CHECK(boat.git_in(boat.scratch.path(), "--git-dir='" + removed->rescue +
                                               "' show refs/thole/rescue/c1:b.txt") == "b");
    prune(boat, 1);
    CHECK(fs::exists(removed->rescue));
}
