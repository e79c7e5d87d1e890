#include "acp/params.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

namespace {

template <class Params>
std::string error_of(const Json& json) {
    Params params;
    Result<void> read_all = read(json, params);
    return read_all ? "" : read_all.error().message;
}

acp::NewParams new_params(const std::string& json) {
    acp::NewParams params;
    REQUIRE(read(*parse_json(json), params));
    return params;
}

}  // namespace

TEST_CASE("session/new takes the lists that real clients send") {
    acp::NewParams params = new_params(R"({"cwd":"/p/x/../y/","mcpServers":{},
        "additionalDirectories":["/a/"]})");
    CHECK(params.cwd == "/p/y");
    CHECK(params.additional_directories == std::vector<std::string>{"/a"});
    CHECK(params.mcp_servers.empty());
    CHECK(new_params(R"({"cwd":"/"})").cwd == "/");
    CHECK(new_params(R"({"cwd":"/p","mcpServers":null})").mcp_servers.empty());
    CHECK(new_params(R"({"cwd":"/p","mcpServers":[{"name":"a","command":"/x","env":{}},
        {"type":"odd"},7]})")
              .mcp_servers ==
          std::vector<std::string>{"a", "(without a name)", "(without a name)"});
}

TEST_CASE("session/new refuses what would do harm") {
    CHECK(error_of<acp::NewParams>(Json::object()) == "params.cwd: is missing; expected a string");
    CHECK(error_of<acp::NewParams>({{"cwd", ""}}) ==
          "params.cwd: expected an absolute path, got ''");
    CHECK(error_of<acp::NewParams>({{"cwd", "~/x"}}) ==
          "params.cwd: expected an absolute path, got '~/x'");
    CHECK(error_of<acp::NewParams>({{"cwd", "/p"}, {"mcpServers", "x"}}) ==
          "params.mcpServers: expected an array");
    CHECK(error_of<acp::NewParams>({{"cwd", "/p"}, {"additionalDirectories", {"a"}}}) ==
          "params.additionalDirectories: expected an absolute path, got 'a'");
}

TEST_CASE("values of options are strings") {
    Json option{{"sessionId", "s"}, {"configId", "mode"}, {"value", "plan"}};
    CHECK(error_of<acp::SetOptionParams>(option).empty());
    option["type"] = "select";
    CHECK(error_of<acp::SetOptionParams>(option).empty());
    option["type"] = "boolean";
    CHECK(error_of<acp::SetOptionParams>(option) == "params.type: no option of thole is boolean");
    option["value"] = true;
    CHECK(error_of<acp::SetOptionParams>(option) == "params.value: expected a string, got boolean");
}

TEST_CASE("a listing may have a filter and a place") {
    acp::ListParams params;
    REQUIRE(read(Json::object(), params));
    CHECK(params.cwd.empty());
    CHECK(error_of<acp::ListParams>({{"cwd", "p"}}) ==
          "params.cwd: expected an absolute path, got 'p'");
}

TEST_CASE("what a client can do is read leniently") {
    CHECK(acp::read_client(Json::object()) == acp::Client{});
    Json all = *parse_json(R"({"clientInfo":{"name":"zed"},"clientCapabilities":{
        "fs":{"readTextFile":true,"writeTextFile":true},"session":{"notices":{}},
        "elicitation":{"form":{}}}})");
    CHECK(acp::read_client(all) == acp::Client{"zed", true, true, true, true, true});
    Json odd = *parse_json(R"({"clientInfo":7,"clientCapabilities":{"clientInfo":{"name":"x"},
        "fs":null,"terminal":"yes","session":[],"elicitation":{}}})");
    CHECK(acp::read_client(odd) == acp::Client{"x", false, false, false, false, false});
    CHECK(acp::read_client(*parse_json(R"({"clientCapabilities":null})")) == acp::Client{});
}
