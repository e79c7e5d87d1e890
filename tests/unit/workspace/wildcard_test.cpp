#include "workspace/wildcard.hpp"

#include <doctest/doctest.h>

using namespace thole;
using Texts = std::vector<std::string>;

TEST_CASE("patterns match as git's wildmatch does") {
    struct Row {
        bool matches;
        const char *pattern, *path;
    };
    const Row rows[] = {
        {true, "foo", "foo"},
        {false, "foo", "bar"},
        {true, "", ""},
        {true, "???", "foo"},
        {false, "??", "foo"},
        {true, "*", "foo"},
        {true, "f*", "foo"},
        {false, "*f", "foo"},
        {true, "*foo*", "foo"},
        {true, "*ob*a*r*", "foobar"},
        {true, "*ab", "aaaaaaabababab"},
        {true, "foo\\*", "foo*"},
        {false, "foo\\*bar", "foobar"},
        {true, "f\\\\oo", "f\\oo"},
        {true, "*[al]?", "ball"},
        {false, "[ten]", "ten"},
        {true, "t[a-g]n", "ten"},
        {false, "t[!a-g]n", "ten"},
        {true, "t[!a-g]n", "ton"},
        {true, "t[^a-g]n", "ton"},
        {true, "a[]]b", "a]b"},
        {true, "a[]-]b", "a-b"},
        {false, "a[]-]b", "aab"},
        {true, "]", "]"},
        {false, "[", "["},
        {false, "[a", "a"},
        {false, "foo/*", "foo/bar/baz"},
        {true, "foo/**", "foo/bar/baz"},
        {false, "foo/**", "foo"},
        {true, "**/foo", "foo"},
        {true, "**/foo", "a/b/foo"},
        {true, "foo/**/bar", "foo/bar"},
        {true, "foo/**/bar", "foo/a/b/bar"},
        {false, "foo/**/bar", "foobar"},
        {true, "**/*.c", "x/y.c"},
        {true, "**/*.c", "y.c"},
        {false, "*.c", "x/y.c"},
        {true, "**", "a/b/c"},
        {false, "foo**bar", "foo/bar"},
        {true, "foo**bar", "foobazbar"},
        {true, "**/a/**/b/**/c", "x/a/b/y/b/c"},
        {false, "a[/]b", "a/b"},
        {true, "[[:alpha:]][[:digit:]]", "a1"},
        {false, "[[:upper:]]", "a"},
        {true, "[[:space:][:upper:]x]", "x"},
        {false, "[[:nosuch:]]", "a"},
        {true, "[a-c]", "b"},
        {false, "[c-a]", "b"},
        {true, "[\\]]", "]"},
        {true, "[!]a]", "b"},
        {true, "-*-*-*-*-*-*-12-*-*-*-m-*-*-*",
         "-adobe-courier-bold-o-normal--12-120-75-75-m-70-iso8859-1"},
        {false, "\\", "\\"},
        {true, ".*", ".x"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.pattern);
        CAPTURE(row.path);
        CHECK(wild_match(row.pattern, row.path) == row.matches);
    }
}

TEST_CASE("a pattern full of stars costs no time worth speaking of") {
    std::string stars, segments, text(3000, 'a'), path;
    for (int i = 0; i < 200; ++i) stars += "*a", segments += "**/a/", path += "a/";
    CHECK_FALSE(wild_match(stars + "b", text));
    CHECK_FALSE(wild_match(segments + "b", path + path + path));
}

TEST_CASE("a pattern covers as a line of a gitignore") {
    CHECK(wild_covers("*.c", "a/b.c"));
    CHECK(wild_covers("build", "a/build/x/y"));
    CHECK(wild_covers("build/", "build/x"));
    CHECK(wild_covers("/build", "build/x"));
    CHECK_FALSE(wild_covers("/build", "a/build"));
    CHECK(wild_covers("src/**", "src/a/b"));
    CHECK_FALSE(wild_covers("src/**", "lib/src/a"));
    CHECK_FALSE(wild_covers("src/*.c", "src/a/b.c"));
    CHECK(wild_covers("src/*", "src/a/b.c"));
}

TEST_CASE("braces are expanded") {
    CHECK(expand_braces("a.{c,h}") == Texts{"a.c", "a.h"});
    CHECK(expand_braces("{a,b{1,2}}x") == Texts{"ax", "b1x", "b2x"});
    CHECK(expand_braces("{a,b}{c,d}") == Texts{"ac", "ad", "bc", "bd"});
    CHECK(expand_braces("{a,}b") == Texts{"ab", "b"});
    CHECK(expand_braces("a{b}c") == Texts{"a{b}c"});
    CHECK(expand_braces("a{b,c") == Texts{"a{b,c"});
    CHECK(expand_braces("a\\{b,c}") == Texts{"a\\{b,c}"});
    CHECK(expand_braces("") == Texts{""});
    std::string bomb;
    for (int i = 0; i < 30; ++i) bomb += "{a,b}";
    CHECK(expand_braces(bomb) == Texts{bomb});
}
