// Merges whose process ends in the middle.
#include "git/aside.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "unit/git/child.hpp"

using namespace thole;
using git::Verdict;
using test::Boat;
using test::Child;

namespace fs = std::filesystem;

namespace {

// Merges in a process of its own, which ends when it comes to `file`.
void merge_and_die_at(git::MergeRequest request, const std::string& file) {
    pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        request.writer = [&](const git::FileWrite& write) -> Result<bool> {
            if (write.path.ends_with(file)) ::_exit(9);
            return false;
        };
        (void)git::merge_into(request);
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    REQUIRE(WEXITSTATUS(status) == 9);
}

}  // namespace

TEST_CASE("a merge that is killed loses nothing, and merging again does the rest") {
    Boat boat = Boat::with_files();
    boat.write("bad\nname", "x\n");
    boat.write("gone.txt", "x\n");
    boat.commit("More");
    Child child(boat, "w1");
    fs::remove(child.path("gone.txt"));
    fs::remove(child.path("bad\nname"));
    child.write("deep/sail.txt", "child\n");
    child.write("oar.txt", "child\n");
    child.commit();
    CHECK(git::leftovers(boat.top).empty());
    merge_and_die_at(child.request(), "/oar.txt");
    CHECK_FALSE(boat.has("gone.txt"));
    CHECK(boat.read("deep/sail.txt") == "child\n");
    CHECK(boat.read("oar.txt") == "one\n");

    std::vector<git::Leftover> left = git::leftovers(boat.top + "/deep");
    REQUIRE(left.size() == 1);
    CHECK(left[0].files == std::vector<std::string>{"bad?name", "gone.txt", "deep/sail.txt"});
    std::string folder = left[0].folder.substr(boat.top.size() + 1);
    CHECK(boat.read(folder + "/1.old") == "x\n");
    CHECK(boat.read(folder + "/2.old") == "white\nwide\n");

    git::MergeReport again = child.merge();
    CHECK(again.is_applied);
    CHECK(test::file_named(again, "deep/sail.txt").verdict == Verdict::same);
    CHECK(test::file_named(again, "oar.txt").verdict == Verdict::applies);
    CHECK(boat.read("oar.txt") == "child\n");
    CHECK(git::leftovers(boat.top).size() == 1);
    fs::remove_all(left[0].folder);
    CHECK(git::leftovers(boat.top).empty());
    CHECK_FALSE(boat.has_leavings());
}

TEST_CASE("a merge that runs has left nothing") {
    Boat boat = Boat::with_files();
    Child child(boat, "w1");
    child.write("oar.txt", "child\n");
    child.write("deep/sail.txt", "child\n");
    child.commit();
    git::MergeRequest request = child.request();
    std::size_t seen = 0;
    request.writer = [&](const git::FileWrite&) -> Result<bool> {
        seen += git::leftovers(boat.top).size();
        return false;
    };
    REQUIRE(git::merge_into(request));
    CHECK(seen == 0);
    CHECK_FALSE(boat.has_leavings());
}
