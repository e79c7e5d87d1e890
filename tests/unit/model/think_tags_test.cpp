#include "model/providers/think_tags.hpp"

#include <doctest/doctest.h>

using namespace thole;

namespace {

// "T" and "S" before what is thought and what is said; those of one kind joined.
std::string parted(std::string_view text, std::size_t size) {
    std::string shown;
    char last = 0;
    model::ThinkTags tags;
    auto sink = [&](bool is_thought, std::string_view part) {
        char kind = is_thought ? 'T' : 'S';
        if (kind != last) shown += kind;
        last = kind;
        shown += part;
    };
    for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
        tags.take(text.substr(0, size), sink);
    }
    tags.finish(sink);
    return shown;
}

void check(std::string_view text, std::string_view expected) {
    for (std::size_t size = 1; size <= text.size(); ++size) {
        CAPTURE(size);
        CHECK(parted(text, size) == expected);
    }
}

}  // namespace

TEST_CASE("what stands between tags at the start of a text is thought, however it is cut") {
    check("<think>Hm</think>Two", "THmSTwo");
    check("\n <think>\nHm</thin</think>\n\nTwo\n", "T\nHm</thinSTwo\n");
    check("<think></think>Two", "STwo");
    check("<think>Hm", "THm");
    check("<think>Hm</thi", "THm</thi");
}

TEST_CASE("a text without tags at its start is text, tags inside of it too") {
    check("Two oars", "STwo oars");
    check("A <think>b</think>", "SA <think>b</think>");
    check("<thinking>b", "S<thinking>b");
    check("  <t", "S  <t");
    check("<", "S<");
    check(" ", "S ");
}

TEST_CASE("when text has begun it is known to go on") {
    model::ThinkTags tags;
    auto nobody = [](bool, std::string_view) {};
    tags.take("<think>Hm</think>", nobody);
    CHECK_FALSE(tags.is_past());
    tags.take("T", nobody);
    CHECK(tags.is_past());
}
