#include "tools/html_text.hpp"

#include <doctest/doctest.h>

using namespace thole;

TEST_CASE("a page becomes its title, headings, paragraphs and lists") {
    CHECK(html_to_text("<!DOCTYPE html><html><head><title>Oars &amp; tholes</title>"
                       "<style>p { color: red }</style></head><body><h1>Oars</h1>"
                       "<p>One\n  two <b>three</b>.</p><ul><li>a</li><li>b</li></ul>"
                       "<script>alert('<p>no</p>')</script></body></html>") ==
          "Oars & tholes\n\n# Oars\n\nOne two three.\n\n- a\n- b");
}

TEST_CASE("links keep their address, but not fragments and scripts") {
    CHECK(html_to_text("see <a href=\"https://x.test/a?b=1&amp;c=2\">the page</a>, "
                       "<a href='#top'>top</a>, <a href=\"javascript:go()\">go</a>, "
                       "<a href=/rel>rel</a>, <a href=\"https://y.test\">https://y.test</a>") ==
          "see the page (https://x.test/a?b=1&c=2), top, go, rel (/rel), https://y.test");
}

TEST_CASE("entities are decoded once, unknown ones stay") {
    CHECK(html_to_text("&lt;p&gt; &#65;&#x42; &amp;lt; &nope; a & b &mdash; &#xd800; &#;") ==
          "<p> AB &lt; &nope; a & b \u2014 \ufffd &#;");
}

TEST_CASE("preformatted text keeps its white space") {
    CHECK(html_to_text("<p>x</p><pre>if (a)\n    b;</pre><p>y</p>") == "x\n\nif (a)\n    b;\n\ny");
}

TEST_CASE("table cells and pictures are shown as text") {
    CHECK(html_to_text("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
                       "<img src=x alt=\"a boat\">") == "a | b |\n1 | 2 |\n\n[a boat]");
}

TEST_CASE("broken pages give text and no error") {
    CHECK(html_to_text("") == "");
    CHECK(html_to_text("a < b") == "a < b");
    CHECK(html_to_text("a <b") == "a");
    CHECK(html_to_text("a <!-- b") == "a");
    CHECK(html_to_text("a <script>b") == "a");
    CHECK(html_to_text("a</pre></p><p title='x > y'>b") == "a\n\nb");
    CHECK(html_to_text("<a href=\"x\">") == "");
    CHECK(html_to_text("<") == "<");
}
