// Names of tools as model APIs take them.
#include <doctest/doctest.h>

#include "mcp/names.hpp"

using namespace thole;

TEST_CASE("a tool is named after its server") {
    std::set<std::string> taken;
    CHECK(mcp::tool_name("git-hub", "search_code", taken) == "mcp__git-hub__search_code");
    CHECK(taken == std::set<std::string>{"mcp__git-hub__search_code"});
}

TEST_CASE("letters that no API takes become underscores, and the second of a name gets a hash") {
    std::set<std::string> taken;
    CHECK(mcp::tool_name("a b", "c/d.e", taken) == "mcp__a_b__c_d_e");
    const std::string second = mcp::tool_name("a b", "c.d/e", taken);
    CHECK(second.starts_with("mcp__a_b__c_d_e_"));
    CHECK(second.size() == std::string("mcp__a_b__c_d_e_").size() + 6);
    std::set<std::string> again;
    mcp::tool_name("a b", "c/d.e", again);
    CHECK(mcp::tool_name("a b", "c.d/e", again) == second);
}

TEST_CASE("no name is longer than 64 bytes, and long ones stay apart") {
    std::set<std::string> taken;
    const std::string server(80, 's');
    const std::string tool(200, 't');
    for (int i = 0; i < 50; ++i) {
        const std::string name = mcp::tool_name(server, tool + std::to_string(i), taken);
        CHECK(name.size() <= mcp::longest_name);
        CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos);
    }
    CHECK(taken.size() == 50);
}

TEST_CASE("a tool without a letter still has a name") {
    std::set<std::string> taken;
    CHECK(mcp::tool_name("s", "", taken) == "mcp__s___");
}
