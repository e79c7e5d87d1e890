#include "git/worktree.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "support/scratch.hpp"

using namespace thole;

namespace fs = std::filesystem;

namespace {

// A repository "boat" with one committed file and a folder for worktrees beside it.
struct Boat {
    Boat() {
        scratch.write("boat/oar.txt", "one\n");
        scratch.write("boat/.gitignore", "ignored\n");
        git("init --quiet --initial-branch=main");
        git("add --all");
        git("-c user.name=T -c user.email=t@localhost commit --quiet -m Start");
    }
    void git(const std::string& words) const {
        std::string line = "git -C " + scratch / "boat" + " " + words;
        REQUIRE(std::system(line.c_str()) == 0);
    }
    std::string ask(const std::string& words) const {
        git(words + " > " + scratch / "answer");
        return read("answer");
    }
    std::string read(const std::string& name) const {
        std::ifstream file(scratch / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    Result<git::Worktree> add(const std::string& cwd) const {
        std::optional<Result<git::Worktree>> made;
        async::Loop loop;
        loop.run(add_to(loop, cwd, made));
        return std::move(*made);
    }
    async::Task<void> add_to(async::Loop& loop, std::string cwd,
                             std::optional<Result<git::Worktree>>& made) const {
        git::WorktreeRequest request{std::move(cwd), "w1", scratch / "state/worktrees"};
        Result<git::Worktree> added = co_await git::add_worktree(loop, std::move(request));
        made.emplace(std::move(added));
    }

    test::Scratch scratch;
};

async::Task<void> drop(async::Loop& loop, git::Worktree worktree, bool& is_dropped) {
    Result<void> dropped = co_await git::drop_worktree(loop, std::move(worktree));
    is_dropped = dropped.has_value();
}

}  // namespace

TEST_CASE("a worktree begins with what the user sees and leaves theirs as it was") {
    Boat boat;
    boat.scratch.write("boat/oar.txt", "two\n");
    boat.scratch.write("boat/deep/new.txt", "new\n");
    boat.scratch.write("boat/staged.txt", "staged\n");
    boat.scratch.write("boat/ignored", "secret\n");
    boat.git("add staged.txt");
    std::string before = boat.ask("status --porcelain=v2");
    std::string index = boat.read("boat/.git/index");
    Result<git::Worktree> made = boat.add(boat.scratch / "boat/deep");
    REQUIRE(made);
    CHECK(made->branch == "thole/w1");
    CHECK(made->cwd == made->top + "/deep");
    auto seen = [&](const std::string& name) {
        return boat.read(made->top.substr(boat.scratch.path().size() + 1) + "/" + name);
    };
    CHECK(seen("oar.txt") == "two\n");
    CHECK(seen("deep/new.txt") == "new\n");
    CHECK(seen("staged.txt") == "staged\n");
    CHECK_FALSE(fs::exists(made->top + "/ignored"));
    CHECK(boat.read("boat/.git/index") == index);
    CHECK(boat.ask("status --porcelain=v2") == before);
    CHECK(boat.ask("branch --show-current") == "main\n");
    CHECK(boat.ask("log --format=%s main") == "Start\n");
}

TEST_CASE("without changes a worktree begins at HEAD, and goes with its branch when dropped") {
    Boat boat;
    Result<git::Worktree> made = boat.add(boat.scratch / "boat");
    REQUIRE(made);
    CHECK(boat.ask("rev-parse thole/w1") == boat.ask("rev-parse main"));
    CHECK_FALSE(boat.add(boat.scratch / "boat"));
    bool is_dropped = false;
    async::Loop loop;
    loop.run(drop(loop, *made, is_dropped));
    CHECK(is_dropped);
    CHECK_FALSE(fs::exists(made->top));
    CHECK(boat.ask("branch --format='%(refname:short)'") == "main\n");
}

TEST_CASE("outside a repository there is no worktree, and it is said why") {
    Boat boat;
    fs::create_directory(boat.scratch / "shore");
    Result<git::Worktree> made = boat.add(boat.scratch / "shore");
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Code::not_found);
    CHECK(made.error().message.find("is in no git repository") != std::string::npos);
}
