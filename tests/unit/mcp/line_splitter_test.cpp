// Lines out of bytes, however they are cut.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "mcp/line_splitter.hpp"

using namespace thole;
using Lines = std::vector<std::string>;

namespace {

struct Split {
    Lines lines;
    int left_out = 0;
    bool operator==(const Split&) const = default;
};

Split split(const std::string& bytes, std::size_t piece, std::size_t longest) {
    mcp::LineSplitter splitter(longest);
    Split split;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        splitter.feed(
            std::string_view(bytes).substr(at, piece),
            [&](std::string_view line) { split.lines.emplace_back(line); },
            [&] { ++split.left_out; });
    }
    return split;
}

}  // namespace

TEST_CASE("how the bytes are cut makes no difference") {
    const std::string bytes = "one\n\ntwo two\nthree\nunfinished";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        CHECK(split(bytes, piece, 100) == Split{{"one", "", "two two", "three"}, 0});
    }
}

TEST_CASE("a line that is too long is told once, and the next one is whole again") {
    const std::string bytes = "one\n" + std::string(50, 'x') + "\ntwo\n";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        CHECK(split(bytes, piece, 10) == Split{{"one", "two"}, 1});
    }
}
