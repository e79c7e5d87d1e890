#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "unit/workspace/scratch.hpp"
#include "workspace/search.hpp"

using namespace thole;

namespace {

struct Tree : Scratch {
    Tree() {
        touch("src/a.cpp", 100);
        touch("src/deep/b.cpp", 300);
        touch("src/deep/c.hpp", 200);
        touch("top.cpp", 300);
        touch("build/x.cpp", 400);
        touch(".hidden/h.cpp", 50);
        touch(".git/y.cpp", 500);
        write(".gitignore", "build/\n");
        link("src", "linked");
        link("top.cpp", "link.cpp");
    }
    void touch(const std::string& name, long seconds) {
        write(name, "");
        timespec times[2] = {{seconds, 0}, {seconds, 0}};
        REQUIRE(utimensat(AT_FDCWD, path(name).c_str(), times, 0) == 0);
    }
    std::string found(const std::string& pattern) const {
        GlobAnswer answer = glob({path(), pattern}, {}).value();
        std::string out;
        for (const std::string& each : answer.paths) {
            out += (out.empty() ? "" : " ") + each.substr(path().size() + 1);
        }
        return out;
    }
};

}  // namespace

TEST_CASE("glob gives the newest first, then by name, without what is ignored") {
    Tree tree;
    CHECK(tree.found("**/*.cpp") == "src/deep/b.cpp top.cpp src/a.cpp .hidden/h.cpp");
    CHECK(tree.found("*.cpp") == "top.cpp");
    CHECK(tree.found("src/**/*.{cpp,hpp}") == "src/deep/b.cpp src/deep/c.hpp src/a.cpp");
    CHECK(tree.found("./src/*") == "src/a.cpp");
    CHECK(tree.found("src/deep/c.hpp") == "src/deep/c.hpp");
    CHECK(tree.found("none/**") == "");
}

TEST_CASE("glob looks into ignored directories when they are named or asked for") {
    Tree tree;
    CHECK(tree.found("build/*") == "build/x.cpp");
    CHECK(tree.found("b*/*") == "");
    GlobAnswer all = glob({tree.path(), "b*/*", 10, true}, {}).value();
    CHECK(all == GlobAnswer{{tree.path("build/x.cpp")}, false});
}

TEST_CASE("glob goes neither through links nor into .git") {
    Tree tree;
    CHECK(tree.found("linked/**") == "");
    CHECK(tree.found("linked/deep/*.cpp") == "");
    CHECK(tree.found(".git/*") == "");
}

TEST_CASE("glob says when there is more than the limit") {
    Tree tree;
    GlobAnswer answer = glob({tree.path(), "**/*.cpp", 2}, {}).value();
    CHECK(answer == GlobAnswer{{tree.path("src/deep/b.cpp"), tree.path("top.cpp")}, true});
}

TEST_CASE("glob refuses what it cannot mean") {
    Tree tree;
    auto code = [&](const std::string& root, const std::string& pattern) {
        return glob({root, pattern}, {}).error().code;
    };
    CHECK(code(tree.path(), "") == Code::invalid_argument);
    CHECK(code(tree.path(), "/etc/*") == Code::invalid_argument);
    CHECK(code(tree.path(), "../*") == Code::invalid_argument);
    CHECK(code(tree.path("none"), "*") == Code::not_found);
    CHECK(code(tree.path("top.cpp"), "*") == Code::invalid_argument);
    std::stop_source stopped;
    stopped.request_stop();
    CHECK(glob({tree.path(), "*"}, stopped.get_token()).error() == cancelled());
}
