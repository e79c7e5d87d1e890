#include "workspace/roots.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/workspace/scratch.hpp"

using namespace thole;

namespace {

// root, beside it other, and links between them.
struct Tree : Scratch {
    Roots roots;
    Tree() : roots(open(*this)) {}
    static Roots open(const Scratch& scratch) {
        scratch.directory("root/sub/deep");
        scratch.directory("other");
        scratch.write("root/file", "x");
        scratch.link("../other", "root/out");
        scratch.link("sub", "root/in");
        scratch.link("two", "root/one");
        scratch.link("one", "root/two");
        scratch.link(scratch.path("root/in"), "root/chain");
        return Roots::open({scratch.path("root")}).value();
    }
    std::string resolved(std::string_view given) const {
        return roots.resolve(given).value().substr(path().size());
    }
};

}  // namespace

TEST_CASE("paths resolve from the working directory, whether they exist or not") {
    Tree tree;
    CHECK(tree.resolved("file") == "/root/file");
    CHECK(tree.resolved(".") == "/root");
    CHECK(tree.resolved("./sub//deep/") == "/root/sub/deep");
    CHECK(tree.resolved("new/dir/x") == "/root/new/dir/x");
    CHECK(tree.resolved("new/../file") == "/root/file");
    CHECK(tree.resolved(tree.path("root/sub/../file")) == "/root/file");
    CHECK(tree.resolved("file/below") == "/root/file/below");
    CHECK(tree.roots.resolve("/").value() == "/");
    CHECK(tree.roots.resolve("/../..").value() == "/");
}

TEST_CASE("links resolve to where they lead") {
    Tree tree;
    CHECK(tree.resolved("in/x") == "/root/sub/x");
    CHECK(tree.resolved("chain/deep") == "/root/sub/deep");
    CHECK(tree.resolved("out/x") == "/other/x");
    CHECK(tree.resolved("in/../file") == "/root/file");
    CHECK(tree.resolved("out/../root/file") == "/root/file");
    tree.link("missing", "root/dangling");
    CHECK(tree.resolved("dangling") == "/root/missing");
}

TEST_CASE("what lies outside is outside, however it is written") {
    Tree tree;
    for (const char* given :
         {"..", "../other", "sub/../../other", "out", "out/new", "/etc/passwd", "in/../../other",
          "/proc/self/root/etc/passwd", "/proc/self/../../etc", "../rootx", "/"}) {
        CAPTURE(given);
        CHECK_FALSE(tree.roots.contains(tree.roots.resolve(given).value()));
    }
    for (const char* given : {"", ".", "sub", "in/x", "new", "out/../root/sub"}) {
        CAPTURE(given);
        if (*given) CHECK(tree.roots.contains(tree.roots.resolve(given).value()));
    }
    std::string self = "/proc/self/cwd";
    CHECK(tree.roots.resolve(self).value() == std::filesystem::current_path().string());
}

TEST_CASE("paths that cannot be meant are refused") {
    Tree tree;
    CHECK(tree.roots.resolve("").error() == Error{Code::invalid_argument, "the path is empty"});
    CHECK(tree.roots.resolve("~/x").error() ==
          Error{Code::invalid_argument,
                "'~/x': ~ is not expanded; give the whole path, or ./~ for a file of that name"});
    CHECK(tree.roots.resolve(std::string_view("a\0b", 3)).error().code == Code::invalid_argument);
    CHECK(tree.roots.resolve("one").error() ==
          Error{Code::invalid_argument, "cannot resolve 'one': its links go in a circle"});
    CHECK(tree.roots.resolve(std::string(5000, 'a')).error().code == Code::invalid_argument);
    CHECK(tree.resolved("./~") == "/root/~");
}

TEST_CASE("roots are existing absolute directories") {
    Tree tree;
    CHECK(Roots::open({}).error().code == Code::invalid_argument);
    CHECK(Roots::open({"relative"}).error() ==
          Error{Code::invalid_argument, "directory 'relative' is not absolute"});
    CHECK(Roots::open({tree.path("nothing")}).error().code == Code::not_found);
    CHECK(Roots::open({tree.path("root/file")}).error().code == Code::invalid_argument);
    Roots both = Roots::open({tree.path("root/in"), tree.path("other")}).value();
    CHECK(both.cwd() == tree.path("root/sub"));
    CHECK(both.directories() == std::vector{tree.path("root/sub"), tree.path("other")});
    CHECK(both.contains(tree.path("other/x")));
    CHECK_FALSE(both.contains(tree.path("root/file")));
    CHECK(Roots::open({"/"}).value().contains("/etc"));
}

TEST_CASE("paths are shown from the working directory") {
    Tree tree;
    CHECK(tree.roots.shown(tree.path("root")) == ".");
    CHECK(tree.roots.shown(tree.path("root/a/b")) == "a/b");
    CHECK(tree.roots.shown(tree.path("rootx")) == tree.path("rootx"));
    CHECK(Roots::open({"/"}).value().shown("/etc") == "/etc");
}

TEST_CASE("what configures git and thole is protected") {
    Tree tree;
    for (const char* name : {".git", ".git/config", "sub/.git/hooks/pre-commit",
                             ".thole/config.toml", ".thole/agents/a.md", "sub/.thole/hooks/x"}) {
        CAPTURE(name);
        CHECK(tree.roots.is_protected(tree.path("root/" + std::string(name))));
    }
    for (const char* name : {".gitignore", ".github/x", "git/config", ".thole/sessions/x",
                             ".thole/config.toml.bak", "x.git/config"}) {
        CAPTURE(name);
        CHECK_FALSE(tree.roots.is_protected(tree.path("root/" + std::string(name))));
    }
}

TEST_CASE("opening inside follows no link that has appeared since") {
    Tree tree;
    Result<int> good = tree.roots.open_inside(tree.path("root/sub/new"), O_CREAT | O_WRONLY, 0600);
    REQUIRE(good.has_value());
    struct stat found {};
    REQUIRE(fstat(*good, &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
    close(*good);
    CHECK(std::filesystem::exists(tree.path("root/sub/new")));
    Result<int> top = tree.roots.open_inside(tree.path("root"), O_RDONLY | O_DIRECTORY);
    REQUIRE(top.has_value());
    close(*top);
    CHECK(tree.roots.open_inside(tree.path("root/in/x"), O_CREAT | O_WRONLY).error().code ==
          Code::denied);
    CHECK(tree.roots.open_inside(tree.path("root/out/x"), O_CREAT | O_WRONLY).error().code ==
          Code::denied);
    CHECK(tree.roots.open_inside(tree.path("other/x"), O_CREAT | O_WRONLY).error() ==
          Error{Code::denied,
                "cannot open '" + tree.path("other/x") + "': it is outside the workspace"});
    CHECK(tree.roots.open_inside(tree.path("root/none/x"), O_RDONLY).error().code ==
          Code::not_found);
    CHECK_FALSE(std::filesystem::exists(tree.path("other/x")));
}
