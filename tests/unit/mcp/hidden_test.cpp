// What a server says again of the secrets that it was given.
#include <doctest/doctest.h>

#include "base/json.hpp"
#include "mcp/hidden.hpp"

using namespace thole;

TEST_CASE("secrets are replaced in every text, at any depth") {
    Json value = {{"content", Json::array({{{"type", "text"}, {"text", "it is abc-123."}}})},
                  {"deep", {{"deeper", {"abc-123", 7, nullptr}}}}};
    mcp::hide_secrets(value, {"abc-123"});
    CHECK(value ==
          Json{{"content", Json::array({{{"type", "text"}, {"text", "it is [redacted]."}}})},
               {"deep", {{"deeper", {"[redacted]", 7, nullptr}}}}});
}

TEST_CASE("words of the protocol and what goes back to the server stay") {
    const Json given = {{"type", "resource"},
                        {"role", "resource"},
                        {"requestState", "resource"},
                        {"nextCursor", "resource"},
                        {"resultType", "resource"}};
    Json value = given;
    mcp::hide_secrets(value, {"resource"});
    CHECK(value == given);
}

TEST_CASE("the longer of two secrets is replaced as a whole") {
    CHECK(mcp::without_secrets("abcdefgh abcdef", {"abcdefgh", "abcdef"}) ==
          "[redacted] [redacted]");
}
