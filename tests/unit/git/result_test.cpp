#include "git/result.hpp"

#include "unit/git/boat.hpp"

using namespace thole;
using test::Boat;

namespace fs = std::filesystem;

namespace {

// A tree of the boat, and small work in it.
struct Child {
    Child(const Boat& of, const std::string& id) : boat(of), made(of.make(id)) {}

    std::string name(const std::string& file) const {
        return made.worktree.path.substr(boat.scratch.path().size() + 1) + "/" + file;
    }
    void write(const std::string& file, const std::string& text) const {
        boat.scratch.write(name(file), text);
    }
    std::string git(const std::string& words) const {
        return boat.git_in(made.worktree.path, words);
    }
    std::string commit() const {
        Result<std::string> done = git::commit_all({made.worktree, "Work"});
        INFO((done ? std::string() : done.error().message));
        REQUIRE(done);
        return *done;
    }

    const Boat& boat;
    git::MadeWorktree made;
};

const git::FileChange& file_named(const git::Changes& changes, const std::string& path) {
    for (const git::FileChange& file : changes.files) {
        if (file.path == path) return file;
    }
    FAIL("no file " << path);
    return changes.files[0];
}

}  // namespace

TEST_CASE("what a child leaves is committed on its branch, without what is ignored") {
    Boat boat = Boat::with_files();
    boat.write(".worktreeinclude", ".env\n");
    boat.write(".env", "secret\n");
    Child child(boat, "w1");
    CHECK(child.commit() == child.made.worktree.base);
    child.write("new.txt", "new\n");
    child.write("staged.txt", "staged\n");
    child.git("add staged.txt");
    child.write(".env", "changed\n");
    fs::remove(child.made.worktree.path + "/oar.txt");
    std::string commit = child.commit();
    CHECK(boat.git("rev-parse thole/w1") == commit);
    CHECK(boat.git("rev-parse " + commit + "^") == child.made.worktree.base);
    CHECK(child.git("status --porcelain") == "");
    CHECK(child.git("branch --show-current") == "thole/w1");
    CHECK(boat.git("ls-tree -r --name-only " + commit) ==
          ".gitignore\n.worktreeinclude\ndeep/sail.txt\nnew.txt\nstaged.txt");
    CHECK(child.commit() == commit);
}

TEST_CASE("work on another branch, on none, and beside the branch all end on the branch") {
    Boat boat = Boat::with_files();
    Child child(boat, "w1");
    child.git("checkout --quiet -b feature");
    child.write("a.txt", "a\n");
    std::string first = child.commit();
    CHECK(boat.git("show thole/w1:a.txt") == "a");
    child.git("checkout --quiet --detach " + child.made.worktree.base);
    child.write("b.txt", "b\n");
    std::string second = child.commit();
    CHECK(boat.git("rev-parse thole/w1") == second);
    CHECK(boat.git("merge-base --is-ancestor " + first + " " + second + " && echo yes") == "yes");
    CHECK(boat.git("show " + second + ":b.txt") == "b");
    CHECK(child.git("branch --show-current") == "thole/w1");
    child.git("checkout --quiet --detach");
    boat.git("branch --quiet -D thole/w1");
    child.write("c.txt", "c\n");
    std::string third = child.commit();
    CHECK(boat.git("rev-parse thole/w1") == third);
}

TEST_CASE("a merge that the child left unfinished is committed as it lies there") {
    Boat boat = Boat::with_files();
    Child child(boat, "w1");
    boat.write("oar.txt", "main\n");
    boat.commit("Main");
    child.write("oar.txt", "child\n");
    child.commit();
    child.git("merge main >/dev/null 2>&1 || true");
    std::string commit = child.commit();
    CHECK(boat.git("show " + commit + ":oar.txt").starts_with("<<<<<<<"));
    CHECK(child.git("status --porcelain") == "");
}

TEST_CASE("changes in a submodule are committed there, and the tree records it") {
    Boat boat = Boat::with_files();
    Boat inner = Boat::with_files();
    boat.git("-c protocol.file.allow=always submodule --quiet add '" + inner.top + "' lib");
    boat.commit("Add lib");
    Child child(boat, "w1");
    child.write("lib/oar.txt", "changed\n");
    std::string commit = child.commit();
    std::string inside = boat.git("rev-parse " + commit + ":lib");
    CHECK(boat.git_in(boat.top + "/lib", "show " + inside + ":oar.txt") == "changed");
    CHECK(child.git("status --porcelain") == "");
}

TEST_CASE("the changes of a child are listed with their lines and shown as a diff") {
    Boat boat = Boat::with_files();
    boat.write("long.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
    boat.write("old name.txt", "a\nb\nc\nd\ne\nf\n");
    boat.write("tool", "x\n");
    boat.write("picture.bin", std::string("\0\1\2", 3));
    boat.write("gone.txt", "gone\n");
    boat.commit("More");
    Child child(boat, "w1");
    child.write("long.txt", "1\n2\nthree\n4\n5\n6\n7\n8\n9\n10\n11\n");
    child.git("mv 'old name.txt' 'new name.txt'");
    fs::permissions(child.made.worktree.path + "/tool", fs::perms::owner_all);
    child.write("picture.bin", std::string("\0\1\3", 3));
    child.write("added.txt", "a\nb\n");
    child.git("rm --quiet gone.txt");
    std::string commit = child.commit();
    Result<git::Changes> read = git::changes_of(child.made.worktree, 1 << 20);
    REQUIRE(read);
    auto expect = [&](const git::FileChange& file) {
        INFO(file.path);
        CHECK(file_named(*read, file.path) == file);
    };
    expect({"added.txt", "", git::FileStatus::added, 2, 0, false});
    expect({"gone.txt", "", git::FileStatus::deleted, 0, 1, false});
    expect({"long.txt", "", git::FileStatus::modified, 2, 1, false});
    expect({"new name.txt", "old name.txt", git::FileStatus::renamed, 0, 0, false});
    expect({"picture.bin", "", git::FileStatus::modified, 0, 0, true});
    expect({"tool", "", git::FileStatus::mode_changed, 0, 0, false});
    CHECK(read->files.size() == 6);
    CHECK(read->insertions == 4);
    CHECK(read->deletions == 2);
    std::string ours = read->diff, gits = boat.git("diff --find-renames --no-color " +
                                                   child.made.worktree.base + " " + commit);
    std::string without_ids;
    for (std::size_t at = 0; at < gits.size();) {
        std::size_t end = std::min(gits.find('\n', at), gits.size());
        std::string line = gits.substr(at, end - at);
        bool is_left_out = line.starts_with("index ") || line.starts_with("similarity ");
        // Git names the function behind the second "@@".
        if (line.starts_with("@@")) line = line.substr(0, line.rfind("@@") + 2);
        if (!is_left_out) without_ids += line + "\n";
        at = end + 1;
    }
    CHECK(ours == without_ids);
}

TEST_CASE("a long diff ends with a whole file, and says that it is cut") {
    Boat boat = Boat::with_files();
    Child child(boat, "w1");
    child.write("a.txt", "a\n");
    child.write("b.txt", std::string(5000, 'b') + "\n");
    child.commit();
    Result<git::Changes> read = git::changes_of(child.made.worktree, 1000);
    REQUIRE(read);
    CHECK(read->is_diff_cut);
    CHECK(read->diff.find("a.txt") != std::string::npos);
    CHECK(read->diff.find("b.txt") == std::string::npos);
    CHECK(read->files.size() == 2);
}

TEST_CASE("repositories with SHA-256 names are read by the git program") {
    Boat boat;
    fs::remove_all(boat.top);
    fs::create_directories(boat.top);
    boat.git("init --quiet --initial-branch=main --object-format=sha256");
    boat.git("config user.name T");
    boat.git("config user.email t@localhost");
    boat.write("a.txt", "a\n");
    boat.write("b.txt", "one\ntwo\nthree\nfour\n");
    boat.commit("Start");
    boat.write("a.txt", "dirty\n");
    Child child(boat, "w1");
    child.git("mv b.txt c.txt");
    child.write("a.txt", "changed\n");
    child.commit();
    Result<git::Changes> read = git::changes_of(child.made.worktree, 1 << 20);
    REQUIRE(read);
    CHECK(read->files ==
          std::vector<git::FileChange>{{"a.txt", "", git::FileStatus::modified, 1, 1, false},
                                       {"c.txt", "b.txt", git::FileStatus::renamed, 0, 0, false}});
    CHECK(read->diff.find("-dirty\n+changed\n") != std::string::npos);
}
