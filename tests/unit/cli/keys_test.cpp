#include "cli/keys.hpp"

#include <doctest/doctest.h>

using namespace thole::cli;
using Kind = Key::Kind;

namespace {

std::vector<Key> keys_of(std::string_view bytes) {
    KeyReader reader;
    return reader.take(bytes);
}

std::vector<Key> keys_of_single_bytes(std::string_view bytes) {
    KeyReader reader;
    std::vector<Key> keys;
    for (char byte : bytes) {
        for (Key& key : reader.take({&byte, 1})) keys.push_back(std::move(key));
    }
    return keys;
}

}  // namespace

TEST_CASE("characters of any length are one key each") {
    const std::vector<Key> expected = {
        {Kind::chars, "a"}, {Kind::chars, "é"}, {Kind::chars, "漢"}, {Kind::chars, "🚣"}};
    CHECK(keys_of("aé漢🚣") == expected);
    CHECK(keys_of_single_bytes("aé漢🚣") == expected);
}

TEST_CASE("bytes that are no character are left out, and what follows them is not") {
    CHECK(keys_of("\xff\xc3(a\x80") == std::vector<Key>{{Kind::chars, "("}, {Kind::chars, "a"}});
}

TEST_CASE("Enter ends the text; Ctrl+J, Alt+Enter and Shift+Enter are line breaks in it") {
    CHECK(keys_of("\n") == std::vector<Key>{{Kind::enter, ""}});
    for (const char* bytes : {"\r", "\x1b\n", "\x1b\r", "\x1b[13;2u"}) {
        CHECK(keys_of(bytes) == std::vector<Key>{{Kind::newline, ""}});
    }
}

TEST_CASE("arrows become what an editor in Emacs mode knows") {
    const std::vector<Key> expected = {{Kind::chars, "\x10"},
                                       {Kind::chars, "\x0e"},
                                       {Kind::chars, "\x10"},
                                       {Kind::remove, ""},
                                       {Kind::chars,
                                        "\x1b"
                                        "f"}};
    const std::string bytes = "\x1b[A\x1b[B\x1bOA\x1b[3~\x1b[1;5C";
    CHECK(keys_of(bytes) == expected);
    CHECK(keys_of_single_bytes(bytes) == expected);
}

TEST_CASE("a sequence that means nothing here types nothing") {
    CHECK(keys_of("\x1b[24~\x1b[?1;2cx") == std::vector<Key>{{Kind::chars, "x"}});
}

TEST_CASE("pasted text is one key with its lines, whatever it holds") {
    const std::string bytes = "\x1b[200~a\r\nb\rc\n\nd\x1b[A\x1b[201~\n";
    const std::vector<Key> expected = {{Kind::paste, "a\nb\nc\n\nd\x1b[A"}, {Kind::enter, ""}};
    CHECK(keys_of(bytes) == expected);
    CHECK(keys_of_single_bytes(bytes) == expected);
}

TEST_CASE("Tab, Ctrl+D and Ctrl+L are keys of their own, other controls are characters") {
    const std::vector<Key> expected = {
        {Kind::tab, ""}, {Kind::end, ""}, {Kind::clear, ""}, {Kind::chars, "\x01"}};
    CHECK(keys_of("\t\x04\x0c\x01") == expected);
}
