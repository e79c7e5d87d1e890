#include "git/merge.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "unit/git/child.hpp"

using namespace thole;
using git::FileStatus;
using git::Verdict;
using test::Boat;
using test::Child;
using test::file_named;

namespace fs = std::filesystem;

namespace {

// Index, config, HEAD and refs, without what status says of the files.
std::string git_side(const Boat& boat) {
    std::string all = boat.footprint();
    return all.substr(0, all.find("\nstatus "));
}

}  // namespace

TEST_CASE("clean changes of every kind go into the user's files, uncommitted") {
    Boat boat = Boat::with_files();
    boat.write("gone.txt", "x\n");
    boat.write("folder/only.txt", "x\n");
    boat.write("tool", "x\n");
    boat.write("moved.txt", "m\n");
    boat.write("picture.bin", std::string("\0\1\2", 3));
    boat.link("oar.txt", "link");
    boat.commit("More");
    boat.write("mine.txt", "mine\n");
    boat.write("deep/sail.txt", "mine too\n");
    boat.git("add deep/sail.txt");
    Child child(boat, "w1");
    child.write("oar.txt", "two\n");
    child.write("new/deeper/file.txt", "new\n");
    child.write("picture.bin", std::string("\0\1\3", 3));
    fs::remove(child.path("gone.txt"));
    fs::remove_all(child.path("folder"));
    fs::permissions(child.path("tool"), fs::perms::owner_all);
    fs::rename(child.path("moved.txt"), child.path("new.txt"));
    fs::remove(child.path("link"));
    fs::create_symlink("tool", child.path("link"));
    ::chmod((boat.top + "/oar.txt").c_str(), 0640);
    std::string before = git_side(boat);
    git::MergeReport report = child.merge();
    CHECK(report.is_applied);
    CHECK(report.files.size() == 9);
    CHECK(file_named(report, "tool").status == FileStatus::mode_changed);
    CHECK(boat.read("oar.txt") == "two\n");
    CHECK(boat.read("new/deeper/file.txt") == "new\n");
    CHECK(boat.read("picture.bin") == std::string("\0\1\3", 3));
    CHECK_FALSE(boat.has("gone.txt"));
    CHECK_FALSE(boat.has("folder"));
    CHECK_FALSE(boat.has("moved.txt"));
    CHECK(boat.read("new.txt") == "m\n");
    CHECK(fs::read_symlink(boat.top + "/link") == "tool");
    struct stat facts {};
    REQUIRE(::stat((boat.top + "/oar.txt").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0640);
    REQUIRE(::stat((boat.top + "/tool").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0100) != 0);
    CHECK(boat.read("mine.txt") == "mine\n");
    CHECK(boat.read("deep/sail.txt") == "mine too\n");
    CHECK(git_side(boat) == before);
    CHECK_FALSE(boat.has_leavings());
    // The user's files now are what the child's branch says.
    CHECK(boat.tree_of_all() == boat.git("rev-parse thole/w1^{tree}"));
}

TEST_CASE("one overlap, and nothing is touched; the report says how it stands with each file") {
    Boat boat = Boat::with_files();
    boat.write("lines.txt", "1\n2\n3\n4\n5\n6\n7\n8\n");
    boat.write("theirs-gone.txt", "x\n");
    boat.write("ours-gone.txt", "x\n");
    boat.write("picture.bin", std::string("\0\1\2", 3));
    boat.commit("More");
    Child child(boat, "w1");
    child.write("free.txt", "free\n");
    child.write("oar.txt", "child\n");
    child.write("lines.txt", "1\n2\n3\n4\n5\n6\n7\neight\n");
    fs::remove(child.path("theirs-gone.txt"));
    child.write("ours-gone.txt", "child\n");
    child.write("picture.bin", std::string("\0\1\3", 3));
    child.write("both-same.txt", "same\n");
    child.write("both-new.txt", "child's\n");
    child.commit();
    boat.write("oar.txt", "user\n");
    boat.write("lines.txt", "one\n2\n3\n4\n5\n6\n7\n8\n");
    boat.write("theirs-gone.txt", "user\n");
    boat.remove("ours-gone.txt");
    boat.write("picture.bin", std::string("\0\1\4", 3));
    boat.write("both-same.txt", "same\n");
    boat.write("both-new.txt", "user's\n");
    std::string before = boat.footprint(), tree = boat.tree_of_all();
    Result<git::MergeReport> report = git::merge_into(child.request());
    REQUIRE(report);
    CHECK_FALSE(report->is_applied);
    CHECK_FALSE(report->can_be_applied());
    auto verdict = [&](const std::string& path) { return file_named(*report, path).verdict; };
    CHECK(verdict("free.txt") == Verdict::applies);
    CHECK(verdict("both-same.txt") == Verdict::same);
    CHECK(verdict("lines.txt") == Verdict::both_clean);
    CHECK(verdict("oar.txt") == Verdict::conflict);
    CHECK(file_named(*report, "oar.txt").conflict ==
          "@@ line 1 @@\n<<<<<<< yours\nuser\n=======\nchild\n>>>>>>> from the sub-agent\n");
    CHECK(file_named(*report, "theirs-gone.txt").why == "it was deleted, and you have changed it");
    CHECK(file_named(*report, "ours-gone.txt").why == "you have deleted it, and it was changed");
    CHECK(file_named(*report, "picture.bin").why == "you have changed it too, and it is no text");
    CHECK(verdict("both-new.txt") == Verdict::conflict);
    CHECK(boat.footprint() == before);
    CHECK(boat.tree_of_all() == tree);
    CHECK_FALSE(boat.has("free.txt"));
    CHECK_FALSE(boat.has_leavings());
}

TEST_CASE("what is in the way is named, and nothing is touched") {
    Boat boat = Boat::with_files();
    boat.write("swap", "x\n");
    boat.write("dir/x.txt", "x\n");
    boat.write("to-link/x.txt", "x\n");
    boat.commit("More");
    Child child(boat, "w1");
    child.write("cargo.txt", "child\n");
    child.write("mine", "child\n");
    child.write("to-link/y.txt", "child\n");
    child.write("blocked/y.txt", "child\n");
    child.commit();
    boat.write(".git/info/exclude", "cargo.txt\nblocked\nmine/\n");
    boat.write("cargo.txt", "an ignored one\n");
    boat.write("blocked", "an ignored file\n");
    boat.write("mine/ignored.txt", "x\n");
    boat.remove("to-link");
    fs::create_directories(boat.scratch / "outside");
    boat.link(boat.scratch / "outside", "to-link");
    Result<git::MergeReport> report = git::merge_into(child.request());
    REQUIRE(report);
    CHECK_FALSE(report->is_applied);
    auto why = [&](const std::string& path) {
        CHECK(file_named(*report, path).verdict == Verdict::obstructed);
        return file_named(*report, path).why;
    };
    CHECK(why("cargo.txt") == "a file of yours that git ignores is in its place");
    CHECK(why("mine") == "a folder of yours with 'mine/ignored.txt' is in its place");
    CHECK(why("blocked/y.txt") == "'blocked' is a file of yours");
    CHECK(why("to-link/y.txt") == "'to-link' is a link; nothing is written through it");
    CHECK(fs::is_empty(boat.scratch / "outside"));
    CHECK(boat.read("cargo.txt") == "an ignored one\n");
}

TEST_CASE("folders and files change places") {
    Boat boat = Boat::with_files();
    boat.write("file", "x\n");
    boat.write("folder/a/b.txt", "x\n");
    boat.write("folder/c.txt", "x\n");
    boat.commit("More");
    Child child(boat, "w1");
    fs::remove(child.path("file"));
    child.write("file/inside.txt", "y\n");
    fs::remove_all(child.path("folder"));
    child.write("folder", "y\n");
    git::MergeReport report = child.merge();
    CHECK(report.is_applied);
    CHECK(boat.read("file/inside.txt") == "y\n");
    CHECK(boat.read("folder") == "y\n");
    CHECK(boat.tree_of_all() == boat.git("rev-parse thole/w1^{tree}"));
}

TEST_CASE("a child goes on after its merge, and only what is new is merged then") {
    Boat boat = Boat::with_files();
    Child child(boat, "w1");
    child.write("oar.txt", "first\n");
    CHECK(child.merge().is_applied);
    CHECK(child.merge().is_empty());
    child.write("oar.txt", "second\n");
    git::MergeReport again = child.merge();
    CHECK(again.is_applied);
    CHECK(again.files.size() == 1);
    CHECK(boat.read("oar.txt") == "second\n");
}

TEST_CASE("several children are merged one after another; who comes late is told") {
    Boat boat = Boat::with_files();
    boat.write("oar.txt", "dirty\n");
    Child a(boat, "a"), b(boat, "b"), c(boat, "c");
    a.write("a.txt", "a\n");
    b.write("b.txt", "b\n");
    b.write("oar.txt", "b\n");
    c.write("oar.txt", "c\n");
    CHECK(a.merge().is_applied);
    CHECK(b.merge().is_applied);
    git::MergeReport late = c.merge();
    CHECK_FALSE(late.is_applied);
    CHECK(file_named(late, "oar.txt").verdict == Verdict::conflict);
    CHECK(boat.read("oar.txt") == "b\n");
}

TEST_CASE("a file that is open elsewhere is written by whoever has it open") {
    Boat boat = Boat::with_files();
    boat.write("gone.txt", "x\n");
    boat.commit("More");
    Child child(boat, "w1");
    child.write("oar.txt", "two\n");
    child.write("new.txt", "new\n");
    fs::remove(child.path("gone.txt"));
    child.commit();
    git::MergeRequest request = child.request();
    std::vector<std::string> offered;
    request.writer = [&](const git::FileWrite& write) -> Result<bool> {
        offered.push_back(write.path + " " + write.before.value_or("(none)") + " " +
                          write.after.value_or("(none)"));
        return write.path.ends_with("/oar.txt");
    };
    Result<git::MergeReport> report = git::merge_into(request);
    REQUIRE(report);
    CHECK(report->is_applied);
    CHECK(offered == std::vector<std::string>{boat.top + "/gone.txt x\n (none)",
                                              boat.top + "/new.txt (none) new\n",
                                              boat.top + "/oar.txt one\n two\n"});
    CHECK(boat.read("oar.txt") == "one\n");
    CHECK(boat.read("new.txt") == "new\n");
}

TEST_CASE("a write that fails undoes those before it") {
    Boat boat = Boat::with_files();
    boat.write("gone.txt", "x\n");
    boat.write("folder/only.txt", "x\n");
    boat.write("tool", "x\n");
    boat.write("zz.txt", "x\n");
    boat.commit("More");
    Child child(boat, "w1");
    child.write("a/b/new.txt", "new\n");
    child.write("oar.txt", "two\n");
    child.write("zz.txt", "two\n");
    fs::permissions(child.path("tool"), fs::perms::owner_all);
    fs::remove(child.path("gone.txt"));
    fs::remove_all(child.path("folder"));
    child.write("folder", "now a file\n");
    child.commit();
    std::string before = boat.footprint(), tree = boat.tree_of_all();
    std::vector<std::string> written;
    git::MergeRequest request = child.request();
    request.writer = [&](const git::FileWrite& write) -> Result<bool> {
        if (write.path.ends_with("/zz.txt")) return fail(Code::io, "the editor is gone");
        bool is_open = write.path.ends_with("/oar.txt");
        if (is_open) written.push_back(write.after.value_or("(none)"));
        return is_open;
    };
    Result<git::MergeReport> report = git::merge_into(request);
    REQUIRE_FALSE(report);
    CHECK(report.error().message == "the editor is gone");
    CHECK(written == std::vector<std::string>{"two\n", "one\n"});
    CHECK(boat.footprint() == before);
    CHECK(boat.tree_of_all() == tree);
    CHECK_FALSE(boat.has("a"));
    CHECK(fs::is_directory(boat.top + "/folder"));
    CHECK_FALSE(boat.has_leavings());
}

TEST_CASE("a file that changes in the middle of a merge ends it, and all is as before") {
    Boat boat = Boat::with_files();
    Child child(boat, "w1");
    child.write("deep/sail.txt", "child\n");
    child.write("oar.txt", "child\n");
    child.commit();
    git::MergeRequest request = child.request();
    request.writer = [&](const git::FileWrite& write) -> Result<bool> {
        if (write.path.ends_with("/sail.txt")) boat.write("oar.txt", "typed just now\n");
        return false;
    };
    Result<git::MergeReport> report = git::merge_into(request);
    REQUIRE_FALSE(report);
    CHECK(report.error().code == Code::busy);
    CHECK(boat.read("oar.txt") == "typed just now\n");
    CHECK(boat.read("deep/sail.txt") == "white\nwide\n");
}

TEST_CASE("what cannot be put back is kept, and the message says where") {
    Boat boat = Boat::with_files();
    Child child(boat, "w1");
    child.write("deep/sail.txt", "child\n");
    child.write("oar.txt", "child\n");
    child.commit();
    git::MergeRequest request = child.request();
    request.writer = [&](const git::FileWrite& write) -> Result<bool> {
        if (write.path.ends_with("/sail.txt")) return false;
        fs::rename(boat.top + "/deep", boat.top + "/moved");
        return fail(Code::io, "the editor is gone");
    };
    Result<git::MergeReport> report = git::merge_into(request);
    REQUIRE_FALSE(report);
    const std::string& message = report.error().message;
    CHECK(message.starts_with("the editor is gone; "));
    CHECK(message.find("; what was in 'deep/sail.txt' is kept in '") != std::string::npos);
    std::size_t where = message.rfind(" is kept in '");
    REQUIRE(where != std::string::npos);
    std::string kept = message.substr(where + 13);
    kept.pop_back();
    CHECK(boat.read(kept.substr(boat.top.size() + 1)) == "white\nwide\n");
}

TEST_CASE("filters are applied on the way back") {
    Boat boat = Boat::with_files();
    boat.write(".gitattributes", "*.crlf text eol=crlf\n*.big filter=shout\n");
    boat.git("config filter.shout.clean 'tr a-z A-Z'");
    boat.git("config filter.shout.smudge 'tr A-Z a-z'");
    boat.write("a.crlf", "one\r\n");
    boat.write("b.big", "whisper\n");
    boat.commit("Attributes");
    Child child(boat, "w1");
    child.write("a.crlf", "one\r\ntwo\r\n");
    child.write("b.big", "murmur\n");
    CHECK(child.merge().is_applied);
    CHECK(boat.read("a.crlf") == "one\r\ntwo\r\n");
    CHECK(boat.read("b.big") == "murmur\n");
}

TEST_CASE("files that git was told not to look at are not overwritten") {
    Boat boat = Boat::with_files();
    Child child(boat, "w1");
    child.write("oar.txt", "child\n");
    child.commit();
    boat.git("update-index --assume-unchanged oar.txt");
    boat.write("oar.txt", "mine\n");
    Result<git::MergeReport> report = git::merge_into(child.request());
    REQUIRE(report);
    CHECK_FALSE(report->is_applied);
    CHECK(boat.read("oar.txt") == "mine\n");
}

TEST_CASE("a child's child is merged into the child") {
    Boat boat = Boat::with_files();
    Child parent(boat, "parent");
    git::WorktreeRequest request = boat.request("grandchild");
    request.directory = parent.made.worktree.path;
    Result<git::MadeWorktree> made = git::make_worktree(request);
    REQUIRE(made);
    boat.scratch.write(made->worktree.path.substr(boat.scratch.path().size() + 1) + "/g.txt",
                       "g\n");
    REQUIRE(git::commit_all({made->worktree, "Work"}));
    Result<git::MergeReport> report = git::merge_into({made->worktree});
    REQUIRE(report);
    CHECK(report->is_applied);
    CHECK(fs::exists(parent.path("g.txt")));
    CHECK_FALSE(boat.has("g.txt"));
}

TEST_CASE("the result of a copy goes back into the folder") {
    Boat boat;
    boat.scratch.write("shore/a.txt", "a\n");
    boat.scratch.write("shore/b.txt", "b\n");
    git::WorktreeRequest wanted = boat.request("c1");
    wanted.directory = boat.scratch / "shore";
    Result<git::MadeWorktree> made = git::make_copy(wanted);
    REQUIRE(made);
    std::string tree = made->worktree.path.substr(boat.scratch.path().size() + 1);
    boat.scratch.write(tree + "/a.txt", "child\n");
    boat.scratch.write(tree + "/new.txt", "new\n");
    REQUIRE(git::commit_all({made->worktree, "Work"}));
    boat.scratch.write("shore/b.txt", "user\n");
    Result<git::MergeReport> report = git::merge_into({made->worktree});
    INFO((report ? std::string() : report.error().message));
    REQUIRE(report);
    CHECK(report->is_applied);
    CHECK(boat.scratch.read("shore/a.txt") == "child\n");
    CHECK(boat.scratch.read("shore/b.txt") == "user\n");
    CHECK(boat.scratch.read("shore/new.txt") == "new\n");
    CHECK_FALSE(fs::exists(boat.scratch / "shore/.git"));
    boat.scratch.write(tree + "/b.txt", "child\n");
    REQUIRE(git::commit_all({made->worktree, "Work"}));
    Result<git::MergeReport> late =
        git::merge_into({git::find_worktree(boat.folder, "c1").value()});
    REQUIRE(late);
    CHECK_FALSE(late->is_applied);
    CHECK(boat.scratch.read("shore/b.txt") == "user\n");
    CHECK_FALSE(git::merge_as_branch(made->worktree, "topic"));
}

TEST_CASE("the result can be left as a branch of the user's") {
    Boat boat = Boat::with_files();
    Child child(boat, "w1");
    child.write("oar.txt", "child\n");
    child.commit();
    REQUIRE(git::merge_as_branch(child.made.worktree, "topic/oar"));
    CHECK(boat.git("show topic/oar:oar.txt") == "child");
    CHECK(boat.git("branch --show-current") == "main");
    Result<void> again = git::merge_as_branch(child.made.worktree, "topic/oar");
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Code::exists);
    Result<void> invalid = git::merge_as_branch(child.made.worktree, "a..b");
    REQUIRE_FALSE(invalid);
    CHECK(invalid.error().code == Code::invalid_argument);
}
