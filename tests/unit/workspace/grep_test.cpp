#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "unit/workspace/scratch.hpp"
#include "workspace/search.hpp"

using namespace thole;

namespace {

GrepQuery query(const Scratch& scratch, const std::string& pattern) {
    GrepQuery made;
    made.path = scratch.path();
    made.pattern = pattern;
    return made;
}

// "name:1:text" for matches and "name-1-text" for context.
std::string shown(const Scratch& scratch, const GrepAnswer& answer) {
    std::string out;
    for (const GrepFile& file : answer.files) {
        std::string name = file.path.substr(std::min(file.path.size(), scratch.path().size() + 1));
        if (file.lines.empty()) out += name + " " + std::to_string(file.count) + "\n";
        for (const GrepLine& line : file.lines) {
            char mark = line.matched ? ':' : '-';
            out += name + mark + std::to_string(line.number) + mark + line.text + "\n";
        }
    }
    return out;
}

std::string found(const Scratch& scratch, const GrepQuery& wanted) {
    return shown(scratch, grep(wanted, {}).value());
}

std::string found(const Scratch& scratch, const std::string& pattern) {
    return found(scratch, query(scratch, pattern));
}

}  // namespace

TEST_CASE("grep gives the matching lines of a tree by path") {
    Scratch scratch;
    scratch.write("b.txt", "one\ntwo needle\n");
    scratch.write("a/c.txt", "needle\n\nneedles");
    scratch.write("ignored/x", "needle\n");
    scratch.write(".git/x", "needle\n");
    scratch.write("binary", std::string("needle\0\n", 8));
    scratch.write(".gitignore", "ignored\n");
    scratch.link("b.txt", "link");
    CHECK(found(scratch, "needle") == "a/c.txt:1:needle\na/c.txt:3:needles\nb.txt:2:two needle\n");
    CHECK(found(scratch, "NEEDLE") == "");
    GrepQuery folded = query(scratch, "NEEDLES");
    folded.ignore_case = true;
    CHECK(found(scratch, folded) == "a/c.txt:3:needles\n");
    GrepQuery all = query(scratch, "needle");
    all.include_ignored = true;
    CHECK(found(scratch, all).find("ignored/x:1:needle") != std::string::npos);
}

TEST_CASE("grep gives context without repeating lines") {
    Scratch scratch;
    scratch.write("f", "1\n2\nx3\n4\nx5\n6\n7\n8\nx9\n");
    GrepQuery wanted = query(scratch, "x");
    wanted.context_before = 1;
    wanted.context_after = 2;
    CHECK(found(scratch, wanted) == "f-2-2\nf:3:x3\nf-4-4\nf:5:x5\nf-6-6\nf-7-7\nf-8-8\nf:9:x9\n");
}

TEST_CASE("a pattern stays within its line unless it is told to cross lines") {
    Scratch scratch;
    scratch.write("f", "foo\n\nbar\nfoo \nend");
    CHECK(found(scratch, "foo\\s*$") == "f:1:foo\nf:4:foo \n");
    CHECK(found(scratch, "foo\\s*bar") == "");
    CHECK(found(scratch, "^$") == "f:2:\n");
    CHECK(found(scratch, "[^x]*") == "f:1:foo\nf:2:\nf:3:bar\nf:4:foo \nf:5:end\n");
    GrepQuery crossing = query(scratch, "foo\\s*bar");
    crossing.multiline = true;
    CHECK(found(scratch, crossing) == "f:1:foo\nf:2:\nf:3:bar\n");
    crossing.pattern = "bar.foo";
    CHECK(found(scratch, crossing) == "f:3:bar\nf:4:foo \n");
}

TEST_CASE("CRLF files and files without a last line end are searched like others") {
    Scratch scratch;
    scratch.write("f", "one\r\ntwo\r\nthree");
    CHECK(found(scratch, "one$") == "f:1:one\n");
    CHECK(found(scratch, "t.*$") == "f:2:two\nf:3:three\n");
}

TEST_CASE("bytes that are not UTF-8 hide nothing else") {
    Scratch scratch;
    scratch.write("f", "caf\xe9 needle\n\xff\xff\nnéedle\n");
    CHECK(found(scratch, "needle") == "f:1:caf\xef\xbf\xbd needle\n");
    CHECK(found(scratch, "n.edle") == "f:1:caf\xef\xbf\xbd needle\nf:3:néedle\n");
}

TEST_CASE("grep counts, lists files, and keeps to its limit in the order of paths") {
    Scratch scratch;
    scratch.write("a", "x\nx\n");
    scratch.write("b", "x\n");
    scratch.write("c", "x\nx\nx\n");
    GrepQuery wanted = query(scratch, "x");
    wanted.mode = GrepMode::count;
    CHECK(found(scratch, wanted) == "a 2\nb 1\nc 3\n");
    wanted.mode = GrepMode::files;
    CHECK(found(scratch, wanted) == "a 1\nb 1\nc 1\n");
    wanted.head_limit = 2;
    GrepAnswer two = grep(wanted, {}).value();
    CHECK(shown(scratch, two) == "a 1\nb 1\n");
    CHECK(two.truncated);
    wanted.mode = GrepMode::lines;
    wanted.head_limit = 4;
    GrepAnswer four = grep(wanted, {}).value();
    CHECK(shown(scratch, four) == "a:1:x\na:2:x\nb:1:x\nc:1:x\n");
    CHECK(four.matches == 4);
    CHECK(four.truncated);
    wanted.head_limit = 6;
    CHECK_FALSE(grep(wanted, {}).value().truncated);
}

TEST_CASE("the limit gives the first files whatever order the threads find them in") {
    Scratch scratch;
    for (int i = 100; i < 400; ++i) {
        scratch.write("d" + std::to_string(i % 7) + "/" + std::to_string(i), "x\n");
    }
    GrepQuery wanted = query(scratch, "x");
    wanted.mode = GrepMode::files;
    std::string all = found(scratch, wanted);
    wanted.head_limit = 20;
    for (int round = 0; round < 20; ++round) {
        std::string first = found(scratch, wanted);
        CHECK(all.starts_with(first));
        CHECK(std::count(first.begin(), first.end(), '\n') == 20);
    }
}

TEST_CASE("a glob chooses files, an exclamation mark excludes them") {
    Scratch scratch;
    scratch.write("src/a.ts", "x\n");
    scratch.write("src/b.js", "x\n");
    scratch.write("lib/c.ts", "x\n");
    GrepQuery wanted = query(scratch, "x");
    wanted.mode = GrepMode::files;
    wanted.glob = "*.ts";
    CHECK(found(scratch, wanted) == "lib/c.ts 1\nsrc/a.ts 1\n");
    wanted.glob = "src/**";
    CHECK(found(scratch, wanted) == "src/a.ts 1\nsrc/b.js 1\n");
    wanted.glob = "*.{js,jsx}";
    CHECK(found(scratch, wanted) == "src/b.js 1\n");
    wanted.glob = "!*.ts";
    CHECK(found(scratch, wanted) == "src/b.js 1\n");
}

TEST_CASE("one file can be searched by itself") {
    Scratch scratch;
    scratch.write(".gitignore", "f\n");
    GrepQuery wanted = query(scratch, "b");
    wanted.path = scratch.write("f", "a\nb\n");
    CHECK(found(scratch, wanted) == "f:2:b\n");
    wanted.path = scratch.write("empty", "");
    CHECK(found(scratch, wanted) == "");
}

TEST_CASE("large files are searched to their end, long lines are shown round the match") {
    Scratch scratch;
    std::string big;
    while (big.size() < (9u << 20)) big += "a line of no interest whatever, number after number\n";
    std::string middle = big.substr(0, 100'000 / 52 * 52);
    scratch.write("big", big + "needle\n");
    scratch.write("middle", middle + "needle\n");
    scratch.write("wide", std::string(5000, 'x') + "needle" + std::string(5000, 'y') + "\n");
    GrepAnswer answer = grep(query(scratch, "needle"), {}).value();
    REQUIRE(answer.files.size() == 3);
    CHECK(answer.files[0].lines == std::vector<GrepLine>{{big.size() / 52 + 1, "needle", true}});
    CHECK(answer.files[1].lines == std::vector<GrepLine>{{middle.size() / 52 + 1, "needle", true}});
    const std::string& text = answer.files[2].lines.at(0).text;
    CHECK(text.starts_with("…xxx"));
    CHECK(text.find("needle") != text.npos);
    CHECK(text.ends_with("y…"));
    CHECK(text.size() <= 500);
}

TEST_CASE("a bad pattern says what and where, and a missing place is said") {
    Scratch scratch;
    CHECK(grep(query(scratch, "a(b"), {}).error() ==
          Error{Code::invalid_argument,
                "pattern 'a(b' does not compile: missing closing parenthesis at character 4"});
    GrepQuery nowhere = query(scratch, "x");
    nowhere.path = scratch.path("none");
    CHECK(grep(nowhere, {}).error().code == Code::not_found);
    std::stop_source stopped;
    stopped.request_stop();
    CHECK(grep(query(scratch, "x"), stopped.get_token()).error() == cancelled());
}

TEST_CASE("a pattern that would never end is given up with a note") {
    Scratch scratch;
    scratch.write("f", std::string(5000, 'a') + "\n");
    scratch.write("g", "aaab\n");
    GrepAnswer answer = grep(query(scratch, "(a+)+$b|aaab"), {}).value();
    GrepAnswer hard = grep(query(scratch, "^(a|a)*c|aaab"), {}).value();
    CHECK(shown(scratch, hard) == "g:1:aaab\n");
    REQUIRE(hard.notes.size() == 1);
    CHECK(hard.notes[0] == "'" + scratch.path("f") +
                               "' was not searched to its end: the pattern takes too many steps "
                               "there");
    CHECK(shown(scratch, answer) == "g:1:aaab\n");
}

TEST_CASE("random texts are searched as a line by line search would do it") {
    std::mt19937 random(17);
    Scratch scratch;
    for (int round = 0; round < 100; ++round) {
        std::string text, expected;
        for (std::size_t i = random() % 40; i > 0; --i) text += "ab \n"[random() % 4];
        std::istringstream lines(text);
        int number = 0;
        for (std::string line; std::getline(lines, line);) {
            ++number;
            if (line.find("ab") != line.npos || line.find("b a") != line.npos) {
                expected += "f:" + std::to_string(number) + ":" + line + "\n";
            }
        }
        scratch.write("f", text);
        CAPTURE(text);
        CHECK(found(scratch, "ab|b\\sa") == expected);
    }
}
