#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/text.hpp"
#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

namespace {

const std::string png_start = std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);

std::string numbers(int last) {
    std::string text;
    for (int i = 1; i <= last; ++i) text += std::to_string(i) + "\n";
    return text;
}

}  // namespace

TEST_CASE("read_file numbers the lines and remembers what was seen") {
    ToolRig rig;
    rig.scratch.write("a.txt", "one\r\n\ntwo");
    const ToolOutcome outcome = rig.call("read_file", {{"path", "a.txt"}});
    CHECK(outcome.output == "     1\tone\n     2\t\n     3\ttwo\n");
    CHECK_FALSE(outcome.failed);
    CHECK(rig.seen.version(rig.scratch / "a.txt") == sha256_hex("one\r\n\ntwo"));
}

TEST_CASE("read_file says in one line what it will read") {
    ToolRig rig;
    Result<Prepared> prepared =
        rig.prepare("read_file", {{"path", "src/a.c"}, {"offset", 10}, {"limit", 31}});
    REQUIRE(prepared);
    CHECK(prepared->title == "Read src/a.c (lines 10-40)");
    CHECK(prepared->paths == std::vector{rig.scratch / "src/a.c"});
    CHECK(prepared->locations == std::vector{Location{rig.scratch / "src/a.c", 10}});
    CHECK(rig.prepare("read_file", {{"path", "a"}})->title == "Read a");
}

TEST_CASE("read_file shows a part and says how to go on") {
    ToolRig rig;
    rig.scratch.write("n", numbers(3000));
    CHECK(rig.call("read_file", {{"path", "n"}, {"offset", 2}, {"limit", 2}}).output ==
          "     2\t2\n     3\t3\n[lines 2-3 of 3000; go on with offset 4]");
    CHECK(rig.call("read_file", {{"path", "n"}, {"offset", 2999}}).output ==
          "  2999\t2999\n  3000\t3000\n");
    const std::string whole = rig.call("read_file", {{"path", "n"}}).output;
    CHECK(whole.ends_with("  2000\t2000\n[lines 1-2000 of 3000; go on with offset 2001]"));
    const ToolOutcome beyond = rig.call("read_file", {{"path", "n"}, {"offset", 3001}});
    CHECK(beyond.failed);
    CHECK(beyond.output == "the file has 3000 lines; offset 3001 is beyond its end");
}

TEST_CASE("read_file never gives more than 30,000 bytes, and going on reaches the end") {
    ToolRig rig;
    std::string content;
    for (int i = 1; i <= 500; ++i) content += std::string(300, 'x') + std::to_string(i) + "\n";
    rig.scratch.write("long", content);
    std::size_t offset = 1, lines = 0;
    while (offset != 0) {
        const std::string text =
            rig.call("read_file", {{"path", "long"}, {"offset", offset}}).output;
        CHECK(text.size() <= 30'000);
        lines += count_lines(text);
        const std::size_t next = text.find("go on with offset ");
        offset = next == std::string::npos ? 0 : std::stoul(text.substr(next + 18));
        if (offset != 0) --lines;
    }
    CHECK(lines == 500);
}

TEST_CASE("read_file clips long lines and repairs bytes that are not UTF-8") {
    ToolRig rig;
    rig.scratch.write("a", std::string(1999, 'x') + "\u20ac" + "tail\nb\xff\n");
    CHECK(rig.call("read_file", {{"path", "a"}}).output ==
          "     1\t" + std::string(1999, 'x') +
              "\u2026 [line clipped, it has 2006 bytes]\n     2\tb\ufffd\n");
}

TEST_CASE("read_file says that a file is empty") {
    ToolRig rig;
    rig.scratch.write("e", "");
    const ToolOutcome outcome = rig.call("read_file", {{"path", "e"}});
    CHECK(outcome.output == "[the file is empty]");
    CHECK_FALSE(outcome.failed);
    CHECK_FALSE(rig.seen.version(rig.scratch / "e").empty());
}

TEST_CASE("read_file shows an image as an image block") {
    ToolRig rig;
    rig.scratch.write("p.png", png_start);
    const ToolOutcome outcome = rig.call("read_file", {{"path", "p.png"}});
    CHECK(outcome.output == "[p.png: image/png, 16 bytes]");
    CHECK(*outcome.content == Json::array({{{"type", "image"},
                                            {"mimeType", "image/png"},
                                            {"data", base64_encode(png_start)}}}));
    rig.scratch.write("big.png", png_start + std::string(5U << 20U, '\0'));
    CHECK(rig.call("read_file", {{"path", "big.png"}}).failed);
}

TEST_CASE("read_file refuses what is no text, and says what it is") {
    ToolRig rig;
    rig.scratch.write("d/x", "");
    rig.scratch.write("b", std::string("\x7f"
                                       "ELF\0\0\1",
                                       7));
    mkfifo((rig.scratch / "fifo").c_str(), 0600);
    CHECK(rig.call("read_file", {{"path", "d"}}).output ==
          "'d' is a directory; use list_directory");
    CHECK(rig.call("read_file", {{"path", "b"}}).output ==
          "'b' is a binary file; look at it with bash (file, xxd, strings) if you must");
    CHECK(rig.call("read_file", {{"path", "fifo"}}).output ==
          "'fifo' is neither a file nor a directory and cannot be read");
    const ToolOutcome absent = rig.call("read_file", {{"path", "nope"}});
    CHECK(absent.failed);
    CHECK(absent.output.find("nope") != std::string::npos);
    CHECK(rig.seen.version(rig.scratch / "b").empty());
}

TEST_CASE("read_file refuses bad input field by field") {
    ToolRig rig;
    for (const Json& input : std::vector<Json>{{},
                                               {{"path", ""}},
                                               {{"path", 3}},
                                               {{"path", std::string("a\0b", 3)}},
                                               {{"path", "a"}, {"offset", 0}},
                                               {{"path", "a"}, {"offset", "1"}},
                                               {{"path", "a"}, {"limit", 0}},
                                               {{"path", "a"}, {"limit", 1.5}},
                                               {{"path", "a"}, {"lines", 2}},
                                               "a"}) {
        CAPTURE(input.dump());
        CHECK_FALSE(rig.prepare("read_file", input));
    }
}
