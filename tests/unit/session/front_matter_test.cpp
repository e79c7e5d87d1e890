#include "session/front_matter.hpp"

#include <doctest/doctest.h>

using namespace thole;
using Values = std::map<std::string, std::vector<std::string>>;

namespace {

FrontMatter read(const std::string& text) {
    Result<FrontMatter> matter = read_front_matter(text);
    REQUIRE_MESSAGE(matter, (matter ? "" : matter.error().message));
    return *matter;
}

Values values(const std::string& head) {
    return read("---\n" + head + "---\nbody\n").values;
}

std::string error_of(const std::string& text) {
    Result<FrontMatter> matter = read_front_matter(text);
    if (matter) return "no error";
    CHECK(matter.error().code == Code::invalid_argument);
    return matter.error().message;
}

std::string error_of_head(const std::string& head) {
    return error_of("---\n" + head + "---\nbody\n");
}

}  // namespace

TEST_CASE("a head has texts and lists of texts, and what follows is the body") {
    CHECK((read("---\n"
                "description: Reviews changes.\n"
                "tools: [read_file, grep]\n"
                "more:\n"
                "  - one\n"
                "  - two three\n"
                "---\n"
                "\n"
                "You review.\n"
                "---\n"
                "Really.\n\n") == FrontMatter{{{"description", {"Reviews changes."}},
                                               {"tools", {"read_file", "grep"}},
                                               {"more", {"one", "two three"}}},
                                              "You review.\n---\nReally."}));
}

TEST_CASE("a text without a head is all body") {
    for (const char* text : {"", "\n", "You review.\n", "----\na: b\n----\n", " ---\na: b\n---\n",
                             "\n---\na: b\n---\n", "--- \na: b\n---\n"}) {
        CAPTURE(text);
        CHECK(read(text).values.empty());
    }
    CHECK(read("  You review.\n\n").body == "You review.");
}

TEST_CASE("a head may be empty, and so may the body") {
    CHECK((read("---\n---\n") == FrontMatter()));
    CHECK((read("---\n---") == FrontMatter()));
    CHECK((read("---\n\n# only a comment\n\n---\nbody") == FrontMatter{{}, "body"}));
    CHECK((read("---\na: b\n---") == FrontMatter{{{"a", {"b"}}}, ""}));
}

TEST_CASE("line ends of other systems are line ends") {
    CHECK((read("---\r\na: b\r\nlist:\r\n  - c\r\n---\r\nbody\r\n") ==
           FrontMatter{{{"a", {"b"}}, {"list", {"c"}}}, "body"}));
}

TEST_CASE("values may be quoted, folded, and hold what YAML makes other things of") {
    CHECK(values("a: \"x: \\\"y\\\" \\u00fc\"\n") == Values{{"a", {"x: \"y\" ü"}}});
    CHECK(values("a: 'it''s # no comment'\n") == Values{{"a", {"it's # no comment"}}});
    CHECK(values("a: b # a comment\n") == Values{{"a", {"b"}}});
    CHECK(values("a: >\n  one\n  two\n") == Values{{"a", {"one two\n"}}});
    CHECK(values("a: |\n  one\n  two\n") == Values{{"a", {"one\ntwo\n"}}});
    CHECK(values("a: plain\n  goes on\n") == Values{{"a", {"plain goes on"}}});
    CHECK(values("a: true\nb: 1.0\nc: null\nd: ~\n") ==
          Values{{"a", {"true"}}, {"b", {"1.0"}}, {"c", {"null"}}, {"d", {"~"}}});
    CHECK(values("\"quoted key\": x\n") == Values{{"quoted key", {"x"}}});
    CHECK(values("{a: b, c: [d]}\n") == Values{{"a", {"b"}}, {"c", {"d"}}});
    CHECK(values("a: !!str 5\n") == Values{{"a", {"5"}}});
}

TEST_CASE("a key without a value has an empty text, an empty list has none") {
    CHECK(values("a:\nb: ''\nc: []\n") == Values{{"a", {""}}, {"b", {""}}, {"c", {}}});
}

TEST_CASE("maps within values are refused, with their line") {
    CHECK(error_of_head("a: b\nc:\n  d: e\n") == "line 4: maps within values are unknown");
    CHECK(error_of_head("c: {d: e}\n") == "line 2: maps within values are unknown");
    CHECK(error_of_head("c:\n  - d: e\n") == "line 3: maps within values are unknown");
}

TEST_CASE("lists within lists and what is no map are refused, with their line") {
    CHECK(error_of_head("a: [[b]]\n") == "line 2: expected `key: value`");
    CHECK(error_of_head("a:\n  - - b\n") == "line 3: expected `key: value`");
    CHECK(error_of_head("- a\n- b\n") == "line 2: expected `key: value`");
    CHECK(error_of_head("just words\n") == "line 2: expected `key: value`");
    CHECK(error_of_head("[a, b]: c\n") == "line 2: expected `key: value`");
    CHECK(error_of_head("'': c\n") == "line 2: a key is empty");
}

TEST_CASE("a key that is there twice is refused") {
    CHECK(error_of_head("a: b\nc: d\na: e\n") == "line 4: 'a' is there twice");
    CHECK(error_of_head("a: [b]\na: c\n") == "line 3: 'a' is there twice");
    CHECK(error_of_head("a: b\n\"a\": c\n") == "line 3: 'a' is there twice");
}

TEST_CASE("aliases are refused, so that no head grows when it is read") {
    CHECK(error_of_head("a: &x b\nc: *x\n") == "line 3: aliases are not taken");
    CHECK(error_of_head("a: &x [b]\n<<: *x\n") == "line 3: aliases are not taken");
    std::string bomb = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
    for (int i = 1; i < 30; ++i) {
        std::string alias = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias;
        for (int j = 0; j < 8; ++j) bomb += ", " + alias;
        bomb += "]\n";
    }
    CHECK(error_of_head(bomb) == "line 3: aliases are not taken");
}

TEST_CASE("what is deep or long ends at once") {
    std::string keys, items;
    for (int i = 0; i < 50'000; ++i) {
        keys += "? ";
        items += "- ";
    }
    CHECK(error_of_head("a: " + std::string(100'000, '[') + "\n") ==
          "line 2: expected `key: value`");
    CHECK(error_of_head("a: " + std::string(100'000, '{') + "\n") ==
          "line 2: maps within values are unknown");
    CHECK(error_of_head(keys + "\n") == "line 2: maps within values are unknown");
    CHECK(error_of_head(items + "\n") == "line 2: expected `key: value`");
    CHECK(values("a: " + std::string(250'000, 'x') + "\n").at("a")[0].size() == 250'000);
    std::string many;
    for (int i = 0; i < 20'000; ++i) many += "k" + std::to_string(i) + ": v\n";
    CHECK(values(many).size() == 20'000);
}

TEST_CASE("a head without an end is refused") {
    for (const char* text : {"---", "---\n", "---\na: b\n", "---\na: b\n----\n",
                             "---\na: b\n ---\n", "---\na: b\n--- \nbody\n"}) {
        CAPTURE(text);
        CHECK(error_of(text) == "line 1: the head has no end; close it with ---");
    }
}

TEST_CASE("what is no YAML is refused with its line") {
    for (const char* head : {"a: b\nc: [d\n", "a: b\nc: \"d\n", "a: b\n\tc: d\n", "a: b\n  c: d\n",
                             "a: b\nc: @d\n", "a: b\n%d\n", "a: b\nc: \x01\n", "a: b\nc: \xff\n"}) {
        CAPTURE(head);
        std::string error = error_of_head(head);
        CHECK(error.starts_with("line "));
        CHECK(error.size() < 200);
    }
    CHECK(error_of_head("a: b\nc: d: e\n").starts_with("line 3: "));
    CHECK(error_of_head("a: b\nc: [d\n").starts_with("line "));
    CHECK(error_of_head(std::string("a: b\0c\n", 7)).starts_with("line "));
}
