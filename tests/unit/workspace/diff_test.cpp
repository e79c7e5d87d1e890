#include "workspace/diff.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <random>

#include "base/text.hpp"
#include "unit/workspace/scratch.hpp"

using namespace thole;
using Changes = std::vector<LineChange>;

namespace {

std::string numbered(int from, int to) {
    std::string text;
    for (int i = from; i <= to; ++i) text += std::to_string(i) + "\n";
    return text;
}

std::string random_text(std::mt19937& random, int lines, int kinds) {
    std::string text;
    for (int i = 0; i < lines; ++i) text += std::string(1, char('a' + random() % kinds)) + "\n";
    if (random() % 4 == 0 && !text.empty()) text.pop_back();
    return text;
}

// Length of the longest common subsequence of lines, the slow and certain way.
std::size_t common_lines(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::vector<std::vector<std::size_t>> best(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = a.size(); i-- > 0;) {
        for (std::size_t j = b.size(); j-- > 0;) {
            best[i][j] =
                a[i] == b[j] ? best[i + 1][j + 1] + 1 : std::max(best[i + 1][j], best[i][j + 1]);
        }
    }
    return best[0][0];
}

std::vector<std::string> lines_with_ends(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.emplace_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return lines;
}

}  // namespace

TEST_CASE("a change is shown with its neighbours") {
    std::string old_text = numbered(1, 10), new_text = numbered(1, 4) + "five\n" + numbered(6, 10);
    CHECK(unified_diff(old_text, new_text, "dir/f.txt") ==
          "--- a/dir/f.txt\n+++ b/dir/f.txt\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    CHECK(line_changes(old_text, new_text) == Changes{{4, 5, 4, 5}});
    CHECK(diff_stat(old_text, new_text) == DiffStat{1, 1});
}

TEST_CASE("equal texts have no difference, new and deleted files have an empty side") {
    CHECK(unified_diff("a\n", "a\n", "f") == "");
    CHECK(unified_diff("", "a\nb\n", "f") == "--- /dev/null\n+++ b/f\n@@ -0,0 +1,2 @@\n+a\n+b\n");
    CHECK(unified_diff("a\n", "", "/x/f") == "--- a/x/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
}

TEST_CASE("a missing line end is said") {
    CHECK(unified_diff("a\nb", "a\nb\n", "f") ==
          "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
    CHECK(unified_diff("a", "b", "f", 0) ==
          "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at "
          "end of file\n");
}

TEST_CASE("near changes share a hunk and far ones do not") {
    std::string old_text = numbered(1, 30);
    std::string new_text = "x\n" + numbered(2, 7) + "y\n" + numbered(9, 29) + "z\n";
    std::string text = unified_diff(old_text, new_text, "f");
    CHECK(text.find("@@ -1,11 +1,11 @@") != text.npos);
    CHECK(text.find("@@ -27,4 +27,4 @@") != text.npos);
    CHECK(line_changes(old_text, new_text) ==
          Changes{{0, 1, 0, 1}, {7, 8, 7, 8}, {29, 30, 29, 30}});
}

TEST_CASE("differences of random texts are correct and as short as can be") {
    std::mt19937 random(7);
    for (int round = 0; round < 400; ++round) {
        std::string old_text = random_text(random, random() % 30, 1 + random() % 5);
        std::string new_text = random_text(random, random() % 30, 1 + random() % 5);
        auto a = lines_with_ends(old_text), b = lines_with_ends(new_text);
        std::size_t i = 0, j = 0, removed = 0, added = 0;
        for (const LineChange& change : line_changes(old_text, new_text)) {
            while (i < change.old_begin) REQUIRE(a[i++] == b[j++]);
            REQUIRE(j == change.new_begin);
            removed += change.old_end - change.old_begin;
            added += change.new_end - change.new_begin;
            i = change.old_end, j = change.new_end;
        }
        while (i < a.size()) REQUIRE(a[i++] == b[j++]);
        REQUIRE(j == b.size());
        std::size_t common = common_lines(a, b);
        CHECK(removed == a.size() - common);
        CHECK(added == b.size() - common);
        CHECK(diff_stat(old_text, new_text) == DiffStat{added, removed});
    }
}

TEST_CASE("git applies our differences and gets the new text") {
    std::mt19937 random(11);
    Scratch scratch;
    for (int round = 0; round < 15; ++round) {
        std::string old_text = random_text(random, 1 + random() % 60, 12);
        std::string new_text = random_text(random, 1 + random() % 60, 12);
        if (old_text == new_text) continue;
        scratch.write("f", old_text);
        scratch.write("patch", unified_diff(old_text, new_text, "f"));
        std::string command = "cd " + scratch.path() + " && GIT_DIR=/nonexistent git apply patch";
        REQUIRE(std::system(command.c_str()) == 0);
        CHECK(scratch.read("f") == new_text);
    }
}

TEST_CASE("very different large texts still get an answer") {
    std::mt19937 random(3);
    std::string old_text, new_text;
    for (int i = 0; i < 20'000; ++i) old_text += std::to_string(random() % 5000) + "\n";
    for (int i = 0; i < 20'000; ++i) new_text += std::to_string(random() % 5000) + "\n";
    DiffStat stat = diff_stat(old_text, new_text);
    CHECK(stat.added == stat.removed);
    CHECK(stat.added > 0);
}
