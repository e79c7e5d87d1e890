#include "git/repository.hpp"

#include "git/size.hpp"
#include "unit/git/boat.hpp"

using namespace thole;
using test::Boat;

TEST_CASE("places are told apart") {
    Boat boat = Boat::with_files();
    boat.git("clone --quiet --bare . ../bare");
    boat.git("init --quiet ../fresh");
    std::filesystem::create_directories(boat.scratch / "shore");
    auto kind = [&](const std::string& name) {
        Result<git::Place> place = git::find_place(boat.scratch / name);
        REQUIRE(place);
        return place->kind;
    };
    CHECK(kind("boat") == git::PlaceKind::normal);
    CHECK(kind("boat/deep") == git::PlaceKind::normal);
    CHECK(kind("boat/.git") == git::PlaceKind::bare);
    CHECK(kind("bare") == git::PlaceKind::bare);
    CHECK(kind("fresh") == git::PlaceKind::empty);
    CHECK(kind("shore") == git::PlaceKind::none);
    Result<git::Place> nowhere = git::find_place(boat.scratch / "nowhere");
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().code == Code::not_found);
}

TEST_CASE("a place knows its folders, its commit and its branch") {
    Boat boat = Boat::with_files();
    Result<git::Place> place = git::find_place(boat.top + "/deep");
    REQUIRE(place);
    CHECK(place->top == boat.top);
    CHECK(place->inside == "deep");
    CHECK(place->git_dir == boat.top + "/.git");
    CHECK(place->common_dir == boat.top + "/.git");
    CHECK(place->head == boat.git("rev-parse HEAD"));
    CHECK(place->branch == "main");
    CHECK_FALSE(place->is_linked_worktree);
    CHECK_FALSE(place->is_submodule);
}

TEST_CASE("a .git that leads nowhere is an error, not a folder without git") {
    Boat boat = Boat::with_files();
    boat.scratch.write("lost/.git", "gitdir: /nowhere/at/all\n");
    Result<git::Place> place = git::find_place(boat.scratch / "lost");
    REQUIRE_FALSE(place);
    CHECK(place.error().code == Code::corrupt);
}

TEST_CASE("sizes are read strictly and shown shortly") {
    CHECK(git::parse_size("20GB").value() == 20'000'000'000);
    CHECK(git::parse_size(" 1.5 TB ").value() == 1'500'000'000'000);
    CHECK(git::parse_size("0").value() == 0);
    CHECK(git::parse_size("7kb").value() == 7000);
    for (const char* wrong : {"", "GB", "-1GB", "20 G B", "20GiB", "1e3", "nan", "20GB!", "0x10"}) {
        INFO(wrong);
        CHECK_FALSE(git::parse_size(wrong));
    }
    CHECK(git::shown_size(0) == "0 B");
    CHECK(git::shown_size(999) == "999 B");
    CHECK(git::shown_size(1234) == "1.2 kB");
    CHECK(git::shown_size(20'000'000'000) == "20 GB");
}
