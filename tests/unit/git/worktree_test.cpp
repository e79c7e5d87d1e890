#include "git/worktree.hpp"

#include <sys/file.h>

#include <thread>

#include "git/cleanup.hpp"
#include "unit/git/boat.hpp"

using namespace thole;
using test::Boat;

namespace fs = std::filesystem;

namespace {

std::string text_in(const Boat& boat, const git::Worktree& tree, const std::string& name) {
    return boat.scratch.read(tree.path.substr(boat.scratch.path().size() + 1) + "/" + name);
}

bool is_there(const std::string& path) {
    std::error_code absent;
    return fs::exists(fs::symlink_status(path, absent));
}

// Nothing is left of a tree: folder, record, lock, entry, refs.
bool is_nothing_left(const Boat& boat) {
    std::error_code absent;
    for (const fs::directory_entry& group : fs::directory_iterator(boat.folder, absent)) {
        if (!fs::is_empty(group.path())) return false;
    }
    return !boat.has(".git/worktrees") &&
           boat.git("for-each-ref refs/thole refs/heads/thole") == "";
}

}  // namespace

TEST_CASE("a worktree begins with what the user sees and leaves theirs as it was") {
    Boat boat = Boat::with_files();
    boat.write("oar.txt", "two\n");
    boat.write("deep/new.txt", "new\n");
    boat.write("staged.txt", "staged\n");
    boat.write(".env", "secret\n");
    boat.git("add staged.txt");
    std::string before = boat.footprint();
    git::WorktreeRequest request = boat.request("w1");
    request.directory = boat.top + "/deep";
    Result<git::MadeWorktree> made = git::make_worktree(request);
    REQUIRE(made);
    const git::Worktree& tree = made->worktree;
    CHECK(tree.branch == "thole/w1");
    CHECK(tree.repository == boat.top);
    CHECK(fs::path(tree.path).parent_path().parent_path() == boat.folder);
    CHECK(made->cwd == tree.path + "/deep");
    CHECK(made->notes.empty());
    CHECK(text_in(boat, tree, "oar.txt") == "two\n");
    CHECK(text_in(boat, tree, "deep/new.txt") == "new\n");
    CHECK(text_in(boat, tree, "staged.txt") == "staged\n");
    CHECK_FALSE(is_there(tree.path + "/.env"));
    CHECK(boat.git_in(tree.path, "status --porcelain") == "");
    CHECK(boat.git_in(tree.path, "rev-parse HEAD") == tree.base);
    CHECK(boat.git_in(tree.path, "branch --show-current") == "thole/w1");
    CHECK(boat.footprint() == before);
    CHECK_FALSE(boat.has_leavings());
    CHECK(git::find_worktree(boat.folder, "w1").value() == tree);
}

TEST_CASE("many are made at a time") {
    Boat boat = Boat::with_files();
    std::vector<std::string> failures(40);
    std::vector<std::thread> makers;
    for (std::size_t maker = 0; maker < 8; ++maker) {
        makers.emplace_back([&, maker] {
            for (std::size_t i = maker; i < failures.size(); i += 8) {
                auto made = git::make_worktree(boat.request("w" + std::to_string(i)));
                if (!made) failures[i] = made.error().message;
            }
        });
    }
    for (std::thread& maker : makers) maker.join();
    CHECK(failures == std::vector<std::string>(failures.size()));
}

TEST_CASE("no hook runs, whatever is configured") {
    Boat boat = Boat::with_files();
    for (const char* hook :
         {"post-checkout", "pre-commit", "reference-transaction", "post-index-change"}) {
        boat.write(std::string(".git/hooks/") + hook, "#!/bin/sh\ntouch '" + boat.top + "/ran'\n");
        fs::permissions(boat.top + "/.git/hooks/" + hook, fs::perms::owner_all);
    }
    boat.git("config core.fsmonitor '" + boat.top + "/.git/hooks/pre-commit'");
    boat.write("new.txt", "x\n");
    git::MadeWorktree made = boat.make("w1");
    CHECK_FALSE(boat.has("ran"));
}

TEST_CASE("an empty repository, a detached HEAD and a linked worktree are good beginnings") {
    Boat boat;
    boat.write("first.txt", "1\n");
    git::MadeWorktree empty = boat.make("empty");
    CHECK(text_in(boat, empty.worktree, "first.txt") == "1\n");
    boat.commit("Start");
    boat.git("checkout --quiet --detach");
    git::MadeWorktree detached = boat.make("detached");
    CHECK(text_in(boat, detached.worktree, "first.txt") == "1\n");
    boat.git("worktree add --quiet -b side ../side");
    boat.scratch.write("side/new.txt", "side\n");
    git::WorktreeRequest request = boat.request("linked");
    request.directory = boat.scratch / "side";
    Result<git::MadeWorktree> linked = git::make_worktree(request);
    REQUIRE(linked);
    CHECK(text_in(boat, linked->worktree, "new.txt") == "side\n");
    CHECK(linked->worktree.repository == boat.scratch / "side");
}

TEST_CASE("a child's child begins with what the child sees") {
    Boat boat = Boat::with_files();
    git::MadeWorktree parent = boat.make("parent");
    boat.scratch.write(parent.worktree.path.substr(boat.scratch.path().size() + 1) + "/p.txt",
                       "p\n");
    git::WorktreeRequest request = boat.request("child");
    request.directory = parent.worktree.path;
    Result<git::MadeWorktree> child = git::make_worktree(request);
    REQUIRE(child);
    CHECK(text_in(boat, child->worktree, "p.txt") == "p\n");
    CHECK(child->worktree.repository == parent.worktree.path);
    CHECK(fs::path(child->worktree.path).parent_path() ==
          fs::path(parent.worktree.path).parent_path());
}

TEST_CASE("what cannot be is refused with the reason, and leaves nothing behind") {
    Boat boat = Boat::with_files();
    std::string before = boat.footprint();
    auto refusal = [&](git::WorktreeRequest request) {
        Result<git::MadeWorktree> made = git::make_worktree(request);
        REQUIRE_FALSE(made);
        INFO(made.error().message);
        CHECK(made.error().message.starts_with("cannot make worktree '" + request.id + "': "));
        return made.error().code;
    };
    fs::create_directories(boat.scratch / "shore");
    git::WorktreeRequest outside = boat.request("w");
    outside.directory = boat.scratch / "shore";
    CHECK(refusal(outside) == Code::not_found);
    git::WorktreeRequest inside_git = boat.request("w");
    inside_git.directory = boat.top + "/.git";
    CHECK(refusal(inside_git) == Code::invalid_argument);
    CHECK(refusal(boat.request("../w")) == Code::invalid_argument);
    CHECK(refusal(boat.request("w.lock")) == Code::invalid_argument);
    boat.git("branch thole/taken");
    CHECK(refusal(boat.request("taken")) == Code::exists);
    CHECK(boat.git("rev-parse thole/taken") == boat.git("rev-parse HEAD"));
    boat.git("branch --quiet -D thole/taken");
    CHECK(is_nothing_left(boat));
    CHECK(boat.footprint() == before);
    git::MadeWorktree made = boat.make("w");
    CHECK(refusal(boat.request("w")) == Code::exists);
    CHECK(is_there(made.worktree.path + "/oar.txt"));
}

TEST_CASE("a checkout that fails in the middle leaves nothing behind") {
    Boat boat = Boat::with_files();
    boat.write(".gitattributes", "*.big filter=broken\n");
    boat.write("b.big", "x\n");
    boat.commit("Big");
    boat.git("config filter.broken.clean cat");
    boat.git("config filter.broken.smudge false");
    boat.git("config filter.broken.required true");
    Result<git::MadeWorktree> made = git::make_worktree(boat.request("w1"));
    REQUIRE_FALSE(made);
    CHECK(is_nothing_left(boat));
    CHECK_FALSE(boat.has_leavings());
}

TEST_CASE("a stop ends the making and leaves nothing behind") {
    Boat boat = Boat::with_files();
    std::stop_source source;
    source.request_stop();
    git::WorktreeRequest request = boat.request("w1");
    request.stop = source.get_token();
    Result<git::MadeWorktree> made = git::make_worktree(request);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Code::cancelled);
    CHECK(is_nothing_left(boat));
}

TEST_CASE("the lock is held for as long as the lease lives") {
    Boat boat = Boat::with_files();
    git::MadeWorktree made = boat.make("w1");
    Result<git::Lease> second = git::Lease::take(made.worktree);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Code::busy);
    made.lease.release();
    CHECK(git::Lease::take(made.worktree));
}

TEST_CASE("sparse patterns are inherited before anything is checked out") {
    Boat boat = Boat::with_files();
    boat.write("far/away.txt", "far\n");
    boat.commit("Far");
    boat.git("sparse-checkout set --cone deep 2>/dev/null");
    std::string before = boat.footprint();
    git::MadeWorktree made = boat.make("w1");
    CHECK(is_there(made.worktree.path + "/deep/sail.txt"));
    CHECK_FALSE(is_there(made.worktree.path + "/far"));
    CHECK(boat.git_in(made.worktree.path, "status --porcelain") == "");
    CHECK(boat.footprint() == before);
}

TEST_CASE(".worktreeinclude brings ignored files and folders, links as links") {
    Boat boat = Boat::with_files();
    boat.write(".worktreeinclude",
               "# what is needed\n.env\ncargo/\n!cargo/crate/secret\nmissing.key\n");
    boat.write(".env", "secret\n");
    boat.write("deep/.env", "deep secret\n");
    boat.write("cargo/crate/a.txt", "a\n");
    boat.write("cargo/tool", "#!/bin/sh\n");
    fs::permissions(boat.top + "/cargo/tool", fs::perms::owner_all);
    boat.link("../deep", "cargo/out");
    boat.link(boat.top + "/cargo/tool", "cargo/absolute");
    boat.write("seen.txt", "not ignored\n");
    git::MadeWorktree made = boat.make("w1");
    const git::Worktree& tree = made.worktree;
    CHECK(text_in(boat, tree, ".env") == "secret\n");
    CHECK(text_in(boat, tree, "deep/.env") == "deep secret\n");
    CHECK(text_in(boat, tree, "cargo/crate/a.txt") == "a\n");
    CHECK((fs::status(tree.path + "/cargo/tool").permissions() & fs::perms::owner_exec) !=
          fs::perms::none);
    CHECK(fs::read_symlink(tree.path + "/cargo/out") == "../deep");
    CHECK(fs::read_symlink(tree.path + "/cargo/absolute") == tree.path + "/cargo/tool");
    CHECK(made.notes ==
          std::vector<std::string>{".worktreeinclude: 'missing.key' matches no ignored file"});
    CHECK(boat.git_in(tree.path, "status --porcelain") == "");
    REQUIRE(tree.included.size() == 2);
    CHECK(tree.included[0].path == ".env");
    CHECK(tree.included[1].path == "deep/.env");
}

TEST_CASE("what is included never goes through a link out of the tree") {
    Boat boat = Boat::with_files();
    fs::create_directories(boat.scratch / "elsewhere");
    boat.write(".gitignore", "cargo\n.env\n");
    boat.write(".worktreeinclude", "cargo\n.env\n");
    boat.scratch.write("elsewhere/file", "outside\n");
    boat.link(boat.scratch / "elsewhere", "cargo");
    git::MadeWorktree made = boat.make("w1");
    CHECK(fs::is_symlink(made.worktree.path + "/cargo"));
    CHECK(fs::read_symlink(made.worktree.path + "/cargo") == boat.scratch / "elsewhere");
}

TEST_CASE("many ignored files are copied by several threads, and none is lost") {
    Boat boat = Boat::with_files();
    boat.write(".worktreeinclude", "cargo/\n");
    for (int i = 0; i < 1500; ++i) {
        boat.write("cargo/d" + std::to_string(i % 40) + "/f" + std::to_string(i),
                   std::to_string(i));
    }
    git::MadeWorktree made = boat.make("w1");
    for (int i = 0; i < 1500; ++i) {
        std::string name = "cargo/d" + std::to_string(i % 40) + "/f" + std::to_string(i);
        REQUIRE(text_in(boat, made.worktree, name) == std::to_string(i));
    }
}

TEST_CASE("submodules come along without a network, as the user sees them") {
    Boat boat = Boat::with_files();
    Boat inner = Boat::with_files();
    Boat deepest = Boat::with_files();
    inner.git("-c protocol.file.allow=always submodule --quiet add '" + deepest.top + "' below");
    inner.commit("Add below");
    boat.git("-c protocol.file.allow=always submodule --quiet add '" + inner.top + "' lib");
    boat.git("-c protocol.file.allow=always submodule --quiet update --init --recursive");
    boat.commit("Add lib");
    boat.write("lib/oar.txt", "changed in lib\n");
    fs::remove_all(inner.top);
    fs::remove_all(deepest.top);
    std::string before = boat.footprint();
    git::MadeWorktree made = boat.make("w1");
    INFO((made.notes.empty() ? std::string() : made.notes[0]));
    CHECK(made.notes.empty());
    CHECK(made.worktree.submodules == std::vector<std::string>{"lib", "lib/below"});
    CHECK(text_in(boat, made.worktree, "lib/oar.txt") == "changed in lib\n");
    CHECK(text_in(boat, made.worktree, "lib/below/oar.txt") == "one\n");
    CHECK(boat.git_in(made.worktree.path, "status --porcelain") == "");
    CHECK(boat.footprint() == before);
    Result<git::Removal> removed = git::remove_worktree(made.worktree, std::move(made.lease));
    REQUIRE(removed);
    CHECK(removed->rescue == "");
    CHECK(boat.git_in(boat.top + "/lib", "worktree list --porcelain | grep -c '^worktree'") == "1");
    CHECK(boat.footprint() == before);
}

TEST_CASE("a submodule that the user has not checked out is not checked out") {
    Boat boat = Boat::with_files();
    Boat inner = Boat::with_files();
    boat.git("-c protocol.file.allow=always submodule --quiet add '" + inner.top + "' lib");
    boat.commit("Add lib");
    boat.git("submodule --quiet deinit --force lib");
    git::MadeWorktree made = boat.make("w1");
    CHECK(made.worktree.submodules.empty());
    CHECK(fs::is_empty(made.worktree.path + "/lib"));
    CHECK(boat.git_in(made.worktree.path, "status --porcelain") == "");
}

TEST_CASE("a folder without git is copied, and its own files are not touched") {
    Boat boat;
    boat.scratch.write("shore/a.txt", "a\r\n");
    boat.scratch.write("shore/deep/b.sh", "b\n");
    boat.scratch.write("shore/.gitignore", "junk\n.env\n");
    boat.scratch.write("shore/.gitattributes", "*.txt text eol=lf\n");
    boat.scratch.write("shore/.worktreeinclude", ".env\n");
    boat.scratch.write("shore/junk", "junk\n");
    boat.scratch.write("shore/.env", "secret\n");
    fs::permissions(boat.scratch / "shore/deep/b.sh", fs::perms::owner_all);
    fs::create_symlink("a.txt", boat.scratch / "shore/link");
    git::WorktreeRequest request = boat.request("c1");
    request.directory = boat.scratch / "shore";
    Result<git::MadeWorktree> made = git::make_tree(request);
    INFO((made ? std::string() : made.error().message));
    REQUIRE(made);
    const git::Worktree& tree = made->worktree;
    CHECK(tree.kind == git::TreeKind::copy);
    CHECK(text_in(boat, tree, "a.txt") == "a\r\n");
    CHECK((fs::status(tree.path + "/deep/b.sh").permissions() & fs::perms::owner_exec) !=
          fs::perms::none);
    CHECK(fs::read_symlink(tree.path + "/link") == "a.txt");
    CHECK(text_in(boat, tree, ".env") == "secret\n");
    CHECK_FALSE(is_there(tree.path + "/junk"));
    CHECK_FALSE(is_there(boat.scratch / "shore/.git"));
    CHECK(boat.git_in(tree.path, "status --porcelain") == "");
    CHECK(boat.git_in(tree.path, "branch --show-current") == "thole/c1");
    Result<git::Removal> removed = git::remove_worktree(tree, std::move(made->lease));
    REQUIRE(removed);
    CHECK(removed->rescue == "");
    CHECK_FALSE(is_there(tree.path));
    CHECK_FALSE(is_there(tree.common_dir));
}

TEST_CASE("all that somebody has is not copied") {
    Boat boat;
    git::WorktreeRequest request = boat.request("c1");
    request.directory = "/";
    Result<git::MadeWorktree> made = git::make_copy(request);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Code::invalid_argument);
}
