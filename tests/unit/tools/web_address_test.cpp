#include "tools/web_address.hpp"

#include <doctest/doctest.h>

using namespace thole;

namespace {

std::string host(std::string_view url) {
    Result<WebAddress> address = parse_web_address(url);
    return address ? address->host : "(" + address.error().message + ")";
}
std::string joined(std::string_view base, std::string_view location) {
    return resolve_web_address(base, location).value_or("refused");
}

}  // namespace

TEST_CASE("an address has a scheme, a host and a path") {
    Result<WebAddress> address = parse_web_address("HTTPS://Example.Test:443/a/b?c=d#e");
    REQUIRE(address);
    CHECK(*address == WebAddress{"https", "example.test", "/a/b?c=d"});
    CHECK(*parse_web_address("http://x.test?q") == WebAddress{"http", "x.test", "/?q"});
    CHECK(host("http://127.0.0.1:8080/") == "127.0.0.1:8080");
    CHECK(host("http://[::1]:80/") == "[::1]");
    CHECK(host("http://[::1]:81/") == "[::1]:81");
    CHECK(host("https://x.test:80") == "x.test:80");
}

TEST_CASE("addresses whose host could be read in two ways are refused") {
    for (const char* url :
         {"", "x.test", "ftp://x.test/", "file:///etc/passwd", "http://", "http:///a",
          "http://good.test@evil.test/", "http://good.test\\@evil.test/", "http://a b/",
          "http://a/\n", "http://a:b/", "http://a:/", "http://:80/", "http://a%2f/", "https:x.test",
          "javascript://x.test/", "http://a:123456/"}) {
        CAPTURE(url);
        CHECK_FALSE(parse_web_address(url));
    }
    CHECK_FALSE(parse_web_address("http://x.test/" + std::string(8192, 'a')));
}

TEST_CASE("a redirect is resolved against where it came from") {
    const char* base = "https://x.test/a/b?q=1";
    CHECK(joined(base, "c") == "https://x.test/a/c");
    CHECK(joined(base, "/c?d") == "https://x.test/c?d");
    CHECK(joined(base, "?d=e:f") == "https://x.test/a/b?d=e:f");
    CHECK(joined(base, "c?u=http://z.test/") == "https://x.test/a/c?u=http://z.test/");
    CHECK(joined(base, "//y.test/z") == "https://y.test/z");
    CHECK(joined(base, " http://y.test ") == "http://y.test/");
    CHECK(joined(base, "ftp://y.test") == "refused");
    CHECK(joined(base, "mailto:a@b") == "refused");
    CHECK(joined(base, "file:/etc/passwd") == "refused");
}

TEST_CASE("only the same host is followed, and never down to http") {
    CHECK(may_follow("http://x.test/a", "http://x.test:80/b"));
    CHECK(may_follow("http://x.test/a", "https://x.test/b"));
    CHECK_FALSE(may_follow("https://x.test/a", "http://x.test/b"));
    CHECK_FALSE(may_follow("http://x.test/a", "http://www.x.test/a"));
    CHECK_FALSE(may_follow("http://x.test:80/a", "http://x.test:81/a"));
}
