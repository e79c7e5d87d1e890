// Names of tools as model APIs take them, and as rules about a server mean them.
#include <doctest/doctest.h>

#include "mcp/names.hpp"

using namespace thole;

namespace {

std::string part(const std::string& server) {
    std::set<std::string> taken;
    return mcp::server_part(server, taken);
}

}  // namespace

TEST_CASE("a tool is named after its server") {
    std::set<std::string> taken;
    CHECK(mcp::tool_name("git-hub", "search_code", taken) == "mcp__git-hub__search_code");
    CHECK(taken == std::set<std::string>{"mcp__git-hub__search_code"});
}

TEST_CASE("letters that no API takes become underscores, and the second of a name gets a hash") {
    std::set<std::string> taken;
    CHECK(mcp::tool_name("a_b", "c/d.e", taken) == "mcp__a_b__c_d_e");
    const std::string second = mcp::tool_name("a_b", "c.d/e", taken);
    CHECK(second.starts_with("mcp__a_b__c_d_e_"));
    CHECK(second.size() == std::string("mcp__a_b__c_d_e_").size() + 6);
    std::set<std::string> again;
    mcp::tool_name("a_b", "c/d.e", again);
    CHECK(mcp::tool_name("a_b", "c.d/e", again) == second);
}

TEST_CASE("no server's name can stand for another's in a rule") {
    CHECK(part("github") == "github");
    CHECK(part("github__evil") == "github_evil");
    CHECK(part("github_") == "github");
    CHECK(part("_.github") == "github");
    CHECK(part("a b/ü") == "a_b");
    CHECK(part("...") == "server");
    CHECK(part("") == "server");
    std::set<std::string> taken;
    CHECK(mcp::server_part("github", taken) == "github");
    const std::string second = mcp::server_part("github.", taken);
    CHECK(second.starts_with("github_"));
    CHECK(second.size() == std::string("github_").size() + 6);
    CHECK(mcp::server_part("github__", taken) != second);
}

TEST_CASE("a server's name is typed as one word") {
    CHECK(mcp::typed_name("git.hub") == "git.hub");
    CHECK(mcp::typed_name("my server:1") == "my_server_1");
    CHECK(mcp::typed_name("") == "_");
}

TEST_CASE("no name is longer than 64 bytes, and long ones stay apart") {
    std::set<std::string> taken, servers;
    const std::string tool(200, 't');
    for (int i = 0; i < 50; ++i) {
        const std::string server =
            mcp::server_part(std::string(80, 's') + std::to_string(i), servers);
        const std::string name = mcp::tool_name(server, tool, taken);
        CHECK(name.size() <= mcp::longest_name);
        CHECK(name.find("__t") != std::string::npos);
        CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos);
        mcp::tool_name(server, tool + "x", taken);
    }
    CHECK(servers.size() == 50);
    CHECK(taken.size() == 100);
}

TEST_CASE("a tool without a letter still has a name") {
    std::set<std::string> taken;
    CHECK(mcp::tool_name("s", "", taken) == "mcp__s___");
}
