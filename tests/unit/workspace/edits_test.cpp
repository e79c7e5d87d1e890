#include "workspace/edits.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace thole;

namespace {

Result<std::string> apply(std::string_view text, std::vector<Edit> edits) {
    return apply_edits(text, edits);
}
std::string applied(std::string_view text, std::vector<Edit> edits) {
    return apply(text, std::move(edits)).value();
}
std::string error_of(std::string_view text, std::vector<Edit> edits) {
    return apply(text, std::move(edits)).error().message;
}

}  // namespace

TEST_CASE("an exact and unique piece of text is replaced") {
    CHECK(applied("a\nb\nc\n", {{"b\n", "x\ny\n"}}) == "a\nx\ny\nc\n");
    CHECK(applied("abc", {{"b", ""}}) == "ac");
    CHECK(applied("$1 \\0", {{"$1", "\\1"}}) == "\\1 \\0");
    CHECK(applied("aXbXc", {{"X", "Y", true}}) == "aYbYc");
    CHECK(applied("aaa", {{"aa", "b", true}}) == "ba");
    CHECK(applied("", {{"", "new"}}) == "new");
}

TEST_CASE("several edits see the results of those before, and all are made or none") {
    CHECK(applied("one two", {{"one", "two2"}, {"two2 two", "done"}}) == "done");
    CHECK(error_of("one two", {{"one", "1"}, {"three", "3"}}) ==
          "edit 2 of 2: old_string is not in the file and nothing like it is there; read the file "
          "again; no edit was made");
}

TEST_CASE("an edit that is not clear is refused with what to do") {
    CHECK(error_of("a", {{"a", "a"}}) == "old_string and new_string are the same");
    CHECK(error_of("a", {{"", "b"}}) ==
          "old_string is empty, which is for a new or empty file only; give the text to replace");
    CHECK(error_of("x\ny\nx\n", {{"x", "z"}}) ==
          "old_string is there 2 times (lines 1, 3); add lines around it until it is unique, or "
          "set replace_all");
    CHECK(error_of("aaa", {{"aa", "b"}}).starts_with("old_string is there 2 times"));
    std::string many;
    for (int i = 0; i < 12; ++i) many += "x\n";
    CHECK(error_of(many, {{"x", "z"}}).find("(lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …)") !=
          std::string::npos);
    CHECK(apply("a", {{"b", "c"}}).error().code == Code::invalid_argument);
}

TEST_CASE("a near miss is shown") {
    CHECK(error_of("int main() {\n\treturn 0;\n}\n", {{"int main() {\n    return 0;\n", "x"}}) ==
          "old_string is not in the file; line 1 differs only in white space:\nint main() {\n"
          "\treturn 0;");
    CHECK(error_of("first\nint counter = 1;\nlast\n", {{"int countr = 1;", "x"}}) ==
          "old_string is not in the file; most like it is line 2:\nint counter = 1;");
    CHECK(error_of("first\nalpha beta gamma\ndelta\n", {{"zz\nalpha beta gama\n", "x"}}) ==
          "old_string is not in the file; most like it is line 1:\nfirst\nalpha beta gamma");
    CHECK(error_of("abc\n", {{"\n\n", "x"}}) ==
          "old_string is not in the file; read the file again");
}

TEST_CASE("line ends of the file are kept") {
    CHECK(applied("a\r\nb\r\nc\r\n", {{"a\nb\n", "x\ny\nz\n"}}) == "x\r\ny\r\nz\r\nc\r\n");
    CHECK(applied("a\r\nb\r\n", {{"b", "x\ny"}}) == "a\r\nx\r\ny\r\n");
    CHECK(applied("a\r\nb\r\n", {{"a\r\nb", "x\r\ny"}}) == "x\r\ny\r\n");
    CHECK(applied("a\nb\n", {{"a\r\nb", "x\r\ny"}}) == "x\ny\n");
    CHECK(applied("a\r\nb\nc\n", {{"a\nb", "x\ny"}}) == "x\r\ny\nc\n");
    CHECK(applied("a\r\nb\nc\n", {{"b\nc", "x\ny"}}) == "a\r\nx\ny\n");
}

TEST_CASE("a byte order mark and other bytes stay") {
    CHECK(applied("\xef\xbb\xbf"
                  "a\nb",
                  {{"a", "x"}}) ==
          "\xef\xbb\xbf"
          "x\nb");
    CHECK(applied("caf\xe9 x", {{"x", "y"}}) == "caf\xe9 y");
}

TEST_CASE("the first changed line is counted in the new text") {
    CHECK(first_changed_line("a\nb\n", "a\nb\n") == 0);
    CHECK(first_changed_line("a\nb\n", "a\nc\n") == 2);
    CHECK(first_changed_line("", "x") == 1);
    CHECK(first_changed_line("a\n", "a\nb\n") == 2);
    CHECK(first_changed_line("a\nb\n", "a\n") == 2);
}
