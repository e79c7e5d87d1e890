#include "workspace/stock.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include "unit/workspace/scratch.hpp"

using namespace thole;
namespace fs = std::filesystem;

namespace {

struct Tree : Scratch {
    Tree() {
        for (const char* name : {"a.c", "b.c", "src/c.c", "src/d.c", "build/x.o", ".git/index"}) {
            write(name, "first\n");
        }
        write(".gitignore", "build/\n");
        write(".thole/.gitignore", "*\n");
    }
    Stock stock() const { return take_stock({path()}, {}, {}).value(); }
    // What `change` does, as names below the tree.
    template <class Change>
    std::string changed_by(const Change& change) const {
        const Stock before = stock();
        change();
        std::string names;
        for (const std::string& file : changed_files(before, stock())) {
            names += (names.empty() ? "" : " ") + file.substr(path().size() + 1);
        }
        return names;
    }
};

}  // namespace

TEST_CASE("files that were changed, made, removed and moved are found, each once and by name") {
    Tree tree;
    CHECK(tree.changed_by([] {}) == "");
    CHECK(tree.changed_by([&] { tree.write("src/c.c", "other\n"); }) == "src/c.c");
    CHECK(tree.changed_by([&] { tree.write("new/deep/n.c", ""); }) == "new/deep/n.c");
    CHECK(tree.changed_by([&] { fs::remove(tree.path("b.c")); }) == "b.c");
    CHECK(tree.changed_by([&] { fs::rename(tree.path("src"), tree.path("lib")); }) ==
          "lib/c.c lib/d.c src/c.c src/d.c");
    CHECK(tree.changed_by([&] {
        fs::remove(tree.path("a.c"));
        tree.link("lib/c.c", "a.c");
    }) == "a.c");
}

TEST_CASE("a change that keeps size and time shows, and so does one of the mode") {
    Tree tree;
    CHECK(tree.changed_by([&] {
        struct stat facts {};
        REQUIRE(::stat(tree.path("a.c").c_str(), &facts) == 0);
        tree.write("a.c", "FIRST\n");
        const timespec times[2] = {facts.st_atim, facts.st_mtim};
        REQUIRE(::utimensat(AT_FDCWD, tree.path("a.c").c_str(), times, 0) == 0);
    }) == "a.c");
    CHECK(tree.changed_by([&] { ::chmod(tree.path("b.c").c_str(), 0755); }) == "b.c");
}

TEST_CASE("what is ignored, the insides of git and our own logs are not looked at") {
    Tree tree;
    CHECK(tree.changed_by([&] {
        tree.write("build/x.o", "other\n");
        tree.write("build/y.o", "");
        tree.write(".git/index", "other\n");
        tree.write(".thole/sessions/s.events.jsonl", "{}\n");
    }) == "");
}

TEST_CASE("directories in each other count once") {
    Tree tree;
    const Stock both = take_stock({tree.path(), tree.path("src")}, {}, {}).value();
    CHECK((both == tree.stock()));
}

TEST_CASE("a tree that is too large, or takes too long, is said to be") {
    Tree tree;
    CHECK(take_stock({tree.path()}, {.files = 3}, {}).error() ==
          fail(Code::limit, "there are more than 3 files"));
    for (int i = 0; i < 600; ++i) tree.write("many/" + std::to_string(i), "");
    CHECK(take_stock({tree.path()}, {.time = std::chrono::milliseconds(-1)}, {}).error() ==
          fail(Code::limit, "looking at the files takes longer than -1 ms"));
    std::stop_source stop;
    stop.request_stop();
    CHECK(take_stock({tree.path()}, {}, stop.get_token()).error() == cancelled());
    CHECK(take_stock({tree.path("nowhere")}, {}, {}).value().empty());
}
