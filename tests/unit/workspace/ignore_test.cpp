#include "workspace/ignore.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <set>

#include "unit/workspace/scratch.hpp"

using namespace thole;
namespace fs = std::filesystem;

namespace {

bool ignores(const std::string& lines, const std::string& path, bool is_directory = false) {
    return IgnoreRules().with("/r", lines).ignores("/r/" + path, is_directory);
}

// The paths of the tree, relative, that a walk sees: what is below an ignored directory is not.
void walk(const std::string& top, const std::string& below, IgnoreRules rules,
          std::set<std::string>& ignored) {
    std::string directory = below.empty() ? top : top + "/" + below;
    if (!below.empty()) rules = rules.with_directory(directory);
    for (const auto& entry : fs::directory_iterator(directory)) {
        std::string name = entry.path().filename();
        if (name == ".git") continue;
        std::string relative = below.empty() ? name : below + "/" + name;
        bool is_directory = entry.is_directory();
        if (rules.ignores(top + "/" + relative, is_directory)) {
            ignored.insert(relative);
        } else if (is_directory) {
            walk(top, relative, rules, ignored);
        }
    }
}

std::string output_of(const std::string& command) {
    std::string out;
    FILE* pipe = popen(command.c_str(), "r");
    char buffer[4096];
    for (std::size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        out.append(buffer, got);
    pclose(pipe);
    return out;
}

// The same by git: of all paths those that are ignored, without what is below an ignored directory.
std::set<std::string> ignored_by_git(const Scratch& scratch) {
    std::string command = "cd " + scratch.path() +
                          " && find . -mindepth 1 -name .git -prune -o -printf '%P\\0' | "
                          "git check-ignore -z --stdin --no-index 2>/dev/null";
    std::string out = output_of(command);
    std::set<std::string> all, tops;
    for (std::size_t at = 0; at < out.size(); at = out.find('\0', at) + 1) {
        all.insert(out.substr(at, out.find('\0', at) - at));
    }
    for (const std::string& path : all) {
        std::size_t slash = path.rfind('/');
        bool covered = false;
        while (slash != path.npos && !covered) {
            covered = all.contains(path.substr(0, slash));
            slash = slash == 0 ? path.npos : path.rfind('/', slash - 1);
        }
        if (!covered) tops.insert(path);
    }
    return tops;
}

std::string joined(const std::set<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += name + "\n";
    return out;
}

std::string random_line(std::mt19937& random) {
    constexpr const char* pieces[] = {"a",  "b",    "ab",   "*", "?",   "**",  "/",   "/",
                                      ".c", "[ab]", "[!a]", "d", "**/", "/**", "\\a", "*.c"};
    std::string line = random() % 5 == 0 ? "!" : "";
    if (random() % 4 == 0) line += "/";
    for (std::size_t i = 1 + random() % 3; i > 0; --i) line += pieces[random() % 16];
    if (random() % 4 == 0) line += "/";
    if (random() % 12 == 0) line += "  ";
    if (random() % 20 == 0) line = "# " + line;
    return line + "\n";
}

void fill(const Scratch& scratch, std::mt19937& random, const std::string& below, int depth) {
    for (const char* name : {"a", "b", "ab", "d"}) {
        std::string path = below + name;
        if (depth > 0 && random() % 2) {
            scratch.directory(path);
            fill(scratch, random, path + "/", depth - 1);
        } else {
            scratch.write(path + (random() % 2 ? ".c" : ""), "");
        }
    }
    if (random() % 2 == 0) return;
    std::string lines;
    for (std::size_t i = 1 + random() % 4; i > 0; --i) lines += random_line(random);
    scratch.write(below + ".gitignore", lines);
}

}  // namespace

TEST_CASE("lines of an ignore file mean what git says") {
    CHECK(ignores("*.o", "a/b.o"));
    CHECK(ignores("/x", "x"));
    CHECK_FALSE(ignores("/x", "a/x"));
    CHECK(ignores("a/x", "a/x"));
    CHECK_FALSE(ignores("a/x", "b/a/x"));
    CHECK(ignores("d/", "d", true));
    CHECK_FALSE(ignores("d/", "d", false));
    CHECK_FALSE(ignores("# x", "# x"));
    CHECK(ignores("\\#x", "#x"));
    CHECK(ignores("\\!x", "!x"));
    CHECK(ignores("x  ", "x"));
    CHECK(ignores("x\\ ", "x "));
    CHECK(ignores("x\r\ny", "x"));
    CHECK(ignores("\xef\xbb\xbfx", "x"));
    CHECK_FALSE(ignores("*\n!x", "x"));
    CHECK(ignores("!x\n*", "x"));
    CHECK_FALSE(ignores("\n\n/\n", "x"));
}

TEST_CASE("a deeper file overrules one above it, and both look only below themselves") {
    IgnoreRules rules = IgnoreRules().with("/r", "*.log\n").with("/r/a", "!keep.log\nown\n");
    CHECK(rules.ignores("/r/a/x.log", false));
    CHECK_FALSE(rules.ignores("/r/a/keep.log", false));
    CHECK(rules.ignores("/r/a/own", false));
    CHECK(IgnoreRules().with("/r", "# nothing\n").is_empty());
    CHECK_FALSE(IgnoreRules().ignores("/r/x", false));
}

TEST_CASE("a walk starts with the rules of all directories above, and info/exclude") {
    Scratch scratch;
    scratch.write(".git/HEAD", "ref: refs/heads/main\n");
    scratch.write(".git/info/exclude", "excluded\n*.tmp\n");
    scratch.write(".gitignore", "!kept.tmp\nx/y/*.c\n");
    scratch.write("x/y/.gitignore", "own\n");
    IgnoreRules rules = IgnoreRules::for_walk_at(scratch.path("x/y"));
    CHECK(rules.ignores(scratch.path("x/y/excluded"), false));
    CHECK(rules.ignores(scratch.path("x/y/a.c"), false));
    CHECK(rules.ignores(scratch.path("x/y/own"), false));
    CHECK(rules.ignores(scratch.path("x/y/a.tmp"), false));
    CHECK_FALSE(rules.ignores(scratch.path("x/y/kept.tmp"), false));
    CHECK_FALSE(rules.ignores(scratch.path("x/y/a.h"), false));
}

TEST_CASE("random trees with random rules are ignored exactly as git check-ignore says") {
    std::mt19937 random(5);
    for (int round = 0; round < 60; ++round) {
        Scratch scratch;
        REQUIRE(std::system(("git init -q " + scratch.path()).c_str()) == 0);
        fill(scratch, random, "", 3);
        std::set<std::string> ours;
        walk(scratch.path(), "", IgnoreRules::for_walk_at(scratch.path()), ours);
        CAPTURE(round);
        CAPTURE(output_of("cd " + scratch.path() + " && grep -r . --include=.gitignore ."));
        CHECK(joined(ours) == joined(ignored_by_git(scratch)));
    }
}
