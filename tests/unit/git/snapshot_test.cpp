#include "git/snapshot.hpp"

#include <sys/stat.h>

#include "unit/git/boat.hpp"

using namespace thole;
using test::Boat;

namespace fs = std::filesystem;

namespace {

std::string show(const Boat& boat, const std::string& commit, const std::string& path) {
    return boat.git("show " + commit + ":" + path);
}

}  // namespace

TEST_CASE("without changes the snapshot is HEAD itself") {
    Boat boat = Boat::with_files();
    std::string before = boat.footprint();
    Result<git::Snapshot> taken = boat.snapshot();
    REQUIRE(taken);
    CHECK(taken->commit == boat.git("rev-parse HEAD"));
    CHECK(taken->tree == boat.git("rev-parse HEAD^{tree}"));
    CHECK(taken->notes.empty());
    CHECK(boat.footprint() == before);
}

TEST_CASE("a snapshot has all that git add would take, and touches nothing") {
    Boat boat = Boat::with_files();
    boat.write("gone.txt", "x\n");
    boat.write("mode.sh", "#!/bin/sh\n");
    boat.write("to-link", "x\n");
    boat.commit("More");
    boat.write("oar.txt", "two\n");
    boat.write("deep/new file.txt", "new\n");
    boat.write("staged.txt", "staged\n");
    boat.git("add staged.txt");
    boat.write("staged.txt", "staged and changed\n");
    boat.write("intended.txt", "intended\n");
    boat.git("add --intent-to-add intended.txt");
    boat.write(".env", "secret\n");
    boat.remove("gone.txt");
    fs::permissions(boat.top + "/mode.sh", fs::perms::owner_all);
    boat.remove("to-link");
    boat.link("oar.txt", "to-link");
    boat.link("/nowhere", "dangling");
    std::string before = boat.footprint(), expected = boat.tree_of_all();
    Result<git::Snapshot> taken = boat.snapshot();
    REQUIRE(taken);
    CHECK(taken->tree == expected);
    CHECK(boat.git("rev-parse " + taken->commit + "^{tree}") == expected);
    CHECK(boat.git("rev-parse " + taken->commit + "^") == boat.git("rev-parse HEAD"));
    CHECK(show(boat, taken->commit, "intended.txt") == "intended");
    CHECK(boat.footprint() == before);
    CHECK_FALSE(boat.has_leavings());
    Result<git::Snapshot> again = boat.snapshot();
    REQUIRE(again);
    CHECK(again->commit == taken->commit);
    CHECK(boat.git("fsck --no-dangling") == "");
}

TEST_CASE("what is only staged, and then removed from the disk, is seen as removed") {
    Boat boat = Boat::with_files();
    boat.write("brief.txt", "x\n");
    boat.git("add brief.txt");
    boat.remove("brief.txt");
    Result<git::Snapshot> taken = boat.snapshot();
    REQUIRE(taken);
    CHECK(taken->commit == boat.git("rev-parse HEAD"));
}

TEST_CASE("a file in place of a folder, a folder in place of a file, a link in place of a folder") {
    Boat boat = Boat::with_files();
    boat.write("file", "x\n");
    boat.write("folder/inner", "x\n");
    boat.write("linked/inner", "x\n");
    boat.commit("More");
    boat.remove("file");
    boat.write("file/inside", "y\n");
    boat.remove("folder");
    boat.write("folder", "y\n");
    boat.remove("linked");
    boat.link("deep", "linked");
    std::string expected = boat.tree_of_all();
    Result<git::Snapshot> taken = boat.snapshot();
    REQUIRE(taken);
    CHECK(taken->tree == expected);
}

TEST_CASE("a locked index does not disturb a snapshot") {
    Boat boat = Boat::with_files();
    boat.write("oar.txt", "two\n");
    boat.write(".git/index.lock", "");
    Result<git::Snapshot> taken = boat.snapshot();
    REQUIRE(taken);
    CHECK(show(boat, taken->commit, "oar.txt") == "two");
    CHECK(boat.has(".git/index.lock"));
}

TEST_CASE("an empty repository has a snapshot without a parent") {
    Boat boat;
    boat.write("first.txt", "1\n");
    Result<git::Snapshot> taken = boat.snapshot();
    REQUIRE(taken);
    CHECK(show(boat, taken->commit, "first.txt") == "1");
    CHECK(boat.git("rev-list --count " + taken->commit) == "1");
    CHECK(boat.git("for-each-ref") == "");
}

TEST_CASE("a conflicted file is taken as it lies there") {
    Boat boat = Boat::with_files();
    boat.git("checkout --quiet -b side");
    boat.write("oar.txt", "side\n");
    boat.commit("Side");
    boat.git("checkout --quiet main");
    boat.write("oar.txt", "main\n");
    boat.commit("Main");
    boat.git("merge side >/dev/null 2>&1 || true");
    std::string before = boat.footprint();
    Result<git::Snapshot> taken = boat.snapshot();
    REQUIRE(taken);
    CHECK(show(boat, taken->commit, "oar.txt").starts_with("<<<<<<<"));
    CHECK(boat.footprint() == before);
}

TEST_CASE("files that git was told not to look at are looked at") {
    Boat boat = Boat::with_files();
    boat.git("update-index --assume-unchanged oar.txt");
    boat.git("update-index --skip-worktree deep/sail.txt");
    boat.write("oar.txt", "assumed\n");
    boat.write("deep/sail.txt", "skipped\n");
    std::string before = boat.footprint();
    Result<git::Snapshot> taken = boat.snapshot();
    REQUIRE(taken);
    CHECK(show(boat, taken->commit, "oar.txt") == "assumed");
    CHECK(show(boat, taken->commit, "deep/sail.txt") == "skipped");
    CHECK(boat.footprint() == before);
}

TEST_CASE("files outside of a sparse checkout are not deleted") {
    Boat boat = Boat::with_files();
    boat.write("far/away.txt", "far\n");
    boat.commit("Far");
    std::string full = boat.git("rev-parse HEAD^{tree}");
    for (const char* index : {"--no-sparse-index", "--sparse-index"}) {
        boat.git("sparse-checkout set --cone " + std::string(index) + " deep 2>/dev/null");
        REQUIRE_FALSE(boat.has("far/away.txt"));
        Result<git::Snapshot> clean = boat.snapshot();
        REQUIRE(clean);
        CHECK(clean->tree == full);
        boat.write("deep/sail.txt", "red\n");
        Result<git::Snapshot> changed = boat.snapshot();
        REQUIRE(changed);
        CHECK(show(boat, changed->commit, "far/away.txt") == "far");
        CHECK(show(boat, changed->commit, "deep/sail.txt") == "red");
        boat.git("checkout --quiet deep/sail.txt");
    }
}

TEST_CASE("line ends and filters are git's: pointers stay pointers") {
    Boat boat = Boat::with_files();
    boat.write(".gitattributes", "*.crlf text eol=crlf\n*.big filter=shout\n");
    boat.git("config filter.shout.clean 'tr a-z A-Z'");
    boat.git("config filter.shout.smudge 'tr A-Z a-z'");
    boat.commit("Attributes");
    boat.write("a.crlf", "one\r\ntwo\r\n");
    boat.write("b.big", "whisper\n");
    Result<git::Snapshot> taken = boat.snapshot();
    REQUIRE(taken);
    CHECK(show(boat, taken->commit, "a.crlf") == "one\ntwo");
    CHECK(show(boat, taken->commit, "b.big") == "WHISPER");
    CHECK(taken->tree == boat.tree_of_all());
}

TEST_CASE("a filter that is needed and fails is an error that names it") {
    Boat boat = Boat::with_files();
    boat.write(".gitattributes", "*.big filter=broken\n");
    boat.git("config filter.broken.clean false");
    boat.git("config filter.broken.required true");
    boat.commit("Attributes");
    boat.write("b.big", "x\n");
    Result<git::Snapshot> taken = boat.snapshot();
    REQUIRE_FALSE(taken);
    CHECK(taken.error().message.find("broken") != std::string::npos);
}

TEST_CASE("an untracked repository and a very large untracked file are left out, and it is said") {
    Boat boat = Boat::with_files();
    boat.write("nested/a.txt", "a\n");
    boat.git_in(boat.top + "/nested", "init --quiet");
    boat.write("large.bin", std::string(2000, 'x'));
    Result<git::Place> place = boat.place();
    REQUIRE(place);
    git::SnapshotRequest request{*place};
    request.largest_untracked = 1000;
    Result<git::Snapshot> taken = git::take_snapshot(request);
    REQUIRE(taken);
    CHECK(taken->commit == boat.git("rev-parse HEAD"));
    CHECK(taken->notes == std::vector<std::string>{
                              "'large.bin' is left out: it is not tracked and larger than 0 MB",
                              "'nested' is left out: it is a git repository of its own"});
}

TEST_CASE("ignored files can be asked for by name") {
    Boat boat = Boat::with_files();
    boat.write(".env", "secret\n");
    Result<git::Place> place = boat.place();
    REQUIRE(place);
    git::SnapshotRequest request{*place};
    request.ignored_too = {".env", "missing"};
    Result<git::Snapshot> taken = git::take_snapshot(request);
    REQUIRE(taken);
    CHECK(show(boat, taken->commit, ".env") == "secret");
}

TEST_CASE("submodules are recorded by their commit, changed ones by a snapshot of theirs") {
    Boat boat = Boat::with_files();
    Boat other = Boat::with_files();
    boat.git("-c protocol.file.allow=always submodule --quiet add '" + other.top + "' lib");
    boat.commit("Add lib");
    Result<git::Snapshot> clean = boat.snapshot();
    REQUIRE(clean);
    CHECK(clean->commit == boat.git("rev-parse HEAD"));
    boat.write("lib/oar.txt", "changed in lib\n");
    boat.write("lib/fresh.txt", "new in lib\n");
    std::string before = boat.footprint();
    Result<git::Snapshot> dirty = boat.snapshot();
    REQUIRE(dirty);
    std::string inner = boat.git("rev-parse " + dirty->commit + ":lib");
    CHECK(inner != boat.git("rev-parse HEAD:lib"));
    CHECK(boat.git_in(boat.top + "/lib", "show " + inner + ":fresh.txt") == "new in lib");
    CHECK(boat.footprint() == before);
    boat.git_in(boat.top + "/lib", "add --all");
    boat.git_in(boat.top + "/lib",
                "-c user.name=T -c user.email=t@localhost commit --quiet -m Lib");
    Result<git::Snapshot> moved = boat.snapshot();
    REQUIRE(moved);
    CHECK(boat.git("rev-parse " + moved->commit + ":lib") ==
          boat.git_in(boat.top + "/lib", "rev-parse HEAD"));
}

TEST_CASE("a snapshot works from below, in a linked worktree, with GIT_* set, and detached") {
    Boat boat = Boat::with_files();
    boat.git("worktree add --quiet -b side ../side");
    boat.scratch.write("side/deep/new.txt", "side\n");
    ::setenv("GIT_DIR", (boat.top + "/.git").c_str(), 1);
    ::setenv("GIT_WORK_TREE", boat.top.c_str(), 1);
    ::setenv("GIT_INDEX_FILE", "/nonexistent/index", 1);
    Result<git::Place> place = git::find_place(boat.scratch / "side/deep");
    REQUIRE(place);
    Result<git::Snapshot> taken = git::take_snapshot({*place});
    for (const char* name : {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}) ::unsetenv(name);
    REQUIRE(taken);
    CHECK(place->inside == "deep");
    CHECK(place->is_linked_worktree);
    CHECK(place->branch == "side");
    CHECK(show(boat, taken->commit, "deep/new.txt") == "side");
    boat.git("checkout --quiet --detach");
    boat.write("oar.txt", "detached\n");
    Result<git::Snapshot> detached = boat.snapshot();
    REQUIRE(detached);
    CHECK(show(boat, detached->commit, "oar.txt") == "detached");
}

TEST_CASE("repositories that libgit2 cannot open are no different") {
    Boat boat = Boat::with_files();
    boat.git("config core.splitIndex true");
    boat.git("update-index --split-index");
    boat.write("oar.txt", "split\n");
    std::string before = boat.footprint();
    Result<git::Snapshot> split = boat.snapshot();
    REQUIRE(split);
    CHECK(show(boat, split->commit, "oar.txt") == "split");
    CHECK(boat.footprint() == before);
}

TEST_CASE("a bare repository has no snapshot, and it is said why") {
    Boat boat = Boat::with_files();
    boat.git("clone --quiet --bare . ../bare");
    Result<git::Place> place = git::find_place(boat.scratch / "bare");
    REQUIRE(place);
    CHECK(place->kind == git::PlaceKind::bare);
    Result<git::Snapshot> taken = git::take_snapshot({*place});
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == Code::invalid_argument);
}
