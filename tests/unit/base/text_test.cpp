#include "base/text.hpp"

#include <doctest/doctest.h>

using namespace thole;
using Views = std::vector<std::string_view>;

TEST_CASE("bytes that are not UTF-8 become the replacement character, each by itself") {
    CHECK(to_valid_utf8("") == "");
    CHECK(to_valid_utf8("naïve — 𝄞") == "naïve — 𝄞");
    CHECK(to_valid_utf8("a\xff"
                        "b") ==
          "a\xef\xbf\xbd"
          "b");
    CHECK(to_valid_utf8("\xe2\x82") == "\xef\xbf\xbd\xef\xbf\xbd");  // cut short
    CHECK(to_valid_utf8("\xc0\xaf") == "\xef\xbf\xbd\xef\xbf\xbd");  // overlong
    CHECK(to_valid_utf8("\xed\xa0\x80").size() == 9);                // surrogate
    CHECK(to_valid_utf8("\xf4\x90\x80\x80").size() == 12);           // above U+10FFFF
    CHECK(to_valid_utf8(std::string_view("\0x", 2)) ==
          std::string("\0x", 2));  // NUL is a character
}

TEST_CASE("valid and invalid UTF-8 are told apart at every border of the table") {
    for (const char* good : {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                             "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
        CAPTURE(good);
        CHECK(is_valid_utf8(good));
    }
    for (const char* bad : {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                            "\xf5\x80\x80\x80", "\xe2\x28\xa1", "\xf0\x9f\x98"}) {
        CAPTURE(bad);
        CHECK_FALSE(is_valid_utf8(bad));
    }
}

TEST_CASE("clipping never cuts a character in two, from either end") {
    CHECK(clip_utf8("héllo", 2) == "h");
    CHECK(clip_utf8("héllo", 3) == "hé");
    CHECK(clip_utf8("abc", 10) == "abc");
    CHECK(clip_utf8("𝄞", 3) == "");
    CHECK(clip_utf8("\x80\x80\x80\x80\x80", 4) == "\x80\x80\x80\x80");
    CHECK(clip_utf8_front("hellé", 1) == "");
    CHECK(clip_utf8_front("hellé", 2) == "é");
    CHECK(clip_utf8_front("abc", 3) == "abc");
}

TEST_CASE("head and tail keep a short text whole and cut a long one at line borders") {
    CHECK(head_and_tail("abc", 3) == HeadTail{"abc", 0});
    std::string text;
    for (int i = 10; i < 30; ++i) text += "line " + std::to_string(i) + "\n";
    CHECK(
        head_and_tail(text, 40) ==
        HeadTail{"line 10\nline 11\n… [16 lines, 128 bytes left out] …\nline 28\nline 29\n", 128});
}

TEST_CASE("head and tail of one endless line still add up") {
    std::string text(1000, 'x');
    HeadTail cut = head_and_tail(text, 100);
    CHECK(cut.omitted_bytes == 900);
    CHECK(cut.text ==
          std::string(50, 'x') + "\n… [1 lines, 900 bytes left out] …\n" + std::string(50, 'x'));
    CHECK(head_and_tail(text, 0).omitted_bytes == 1000);
}

TEST_CASE("lines are split without their ends") {
    CHECK(split_lines("") == Views{});
    CHECK(split_lines("a") == Views{"a"});
    CHECK(split_lines("a\n") == Views{"a"});
    CHECK(split_lines("a\r\n\nb\r") == Views{"a", "", "b\r"});
    CHECK(count_lines("a\n\n") == 2);
    CHECK(count_lines("a\nb") == 2);
    CHECK(count_lines("") == 0);
}

TEST_CASE("one line has no line breaks and says when it was cut") {
    CHECK(one_line("  a\n\t b \n", 20) == "a b");
    CHECK(one_line("abcdefgh", 6) == "abc…");
    CHECK(one_line("ab", 1) == "a");
    CHECK(one_line("", 5) == "");
    CHECK(one_line("éééé", 6) == "é…");
}

TEST_CASE("case is folded for ASCII only") {
    CHECK(to_lower_ascii("ABC é É") == "abc é É");
    CHECK(starts_with_ignore_case("Bearer x", "bearer "));
    CHECK_FALSE(starts_with_ignore_case("Bear", "bearer"));
    CHECK(equals_ignore_case("YES", "yes"));
    CHECK_FALSE(equals_ignore_case("yes", "ye"));
}

TEST_CASE("trim takes white space from both ends and replace_all replaces from the left") {
    CHECK(trim(" \r\n a b\t") == "a b");
    CHECK(trim(" \n") == "");
    CHECK(replace_all("aaa", "aa", "b") == "ba");
    CHECK(replace_all("x", "y", "z") == "x");
}

TEST_CASE("base64 has the vectors of RFC 4648 both ways") {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"},
                                                           {"\xff\xfe", "//4="}};
    for (auto [bytes, text] : vectors) {
        CHECK(base64_encode(bytes) == text);
        CHECK(base64_decode(text).value() == bytes);
    }
    CHECK(base64_decode("Zm9v\nYg==\n").value() == "foob");
}

TEST_CASE("broken base64 is refused") {
    for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "Z===", "Zm9v!", "Zg==Zg=="}) {
        CAPTURE(bad);
        CHECK(base64_decode(bad).has_value() == false);
    }
}
