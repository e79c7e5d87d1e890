// Servers as editors name them.
#include <doctest/doctest.h>

#include "base/json.hpp"
#include "mcp/server_config.hpp"

using namespace thole;
using mcp::ServerConfig;

namespace {

std::string error_of(const Json& json) {
    Result<ServerConfig> server = mcp::read_server(json, "x");
    return server ? "" : server.error().message;
}

}  // namespace

TEST_CASE("programs and addresses are read in every form that clients send") {
    ServerConfig program;
    program.name = "x";
    program.command = "/bin/server";
    program.args = {"-v"};
    program.env = {{"A", "b"}};
    const Json list = {{"command", "/bin/server"},
                       {"args", {"-v"}},
                       {"env", Json::array({{{"name", "A"}, {"value", "b"}}})}};
    CHECK(*mcp::read_server(list, "x") == program);
    const Json object = {
        {"type", "stdio"}, {"command", "/bin/server"}, {"args", {"-v"}}, {"env", {{"A", "b"}}}};
    CHECK(*mcp::read_server(object, "x") == program);
    ServerConfig bare;
    bare.name = "x";
    bare.command = "/bin/server";
    const Json empty = {{"command", "/bin/server"}, {"args", Json::object()}, {"env", nullptr}};
    CHECK(*mcp::read_server(empty, "x") == bare);
    ServerConfig web;
    web.name = "x";
    web.url = "https://h/mcp";
    web.headers = {{"Authorization", "Bearer abcdefgh"}};
    const Json http = {{"type", "http"},
                       {"url", "https://h/mcp"},
                       {"headers", {{"Authorization", "Bearer abcdefgh"}}}};
    CHECK(*mcp::read_server(http, "x") == web);
}

TEST_CASE("what is wrong with a server is named") {
    CHECK(error_of({{"args", Json::array()}}) ==
          "mcpServers[x].command: is missing; expected a string");
    CHECK(error_of({{"type", "sse"}, {"url", "http://h"}}) ==
          "mcpServers[x].type: 'sse' is not a way to reach a server; stdio and http are");
    CHECK(error_of({{"url", "ftp://h"}}) ==
          "mcpServers[x].url: must begin with http:// or https://");
    CHECK(error_of({{"command", "a"}, {"env", {{"A", 1}}}}) ==
          "mcpServers[x].env: 'A' must be a text");
}

TEST_CASE("what people are shown holds no secret") {
    ServerConfig server;
    server.command = "run";
    server.args = {"--key", "s3cret-value"};
    server.env = {{"API_KEY", "s3cret-value"}, {"COLOR", "blueblue"}, {"MY_PATH", "/usr/bin"}};
    CHECK(server.shown() == "run --key …");
    CHECK(server.secrets() == std::vector<std::string>{"s3cret-value"});
    ServerConfig web;
    web.url = "https://me:word@h/mcp?token=1#x";
    web.headers = {{"Authorization", "Bearer abcdefgh"}, {"Accept", "text/plain"}};
    CHECK(web.shown() == "https://h/mcp");
    CHECK(web.secrets() == std::vector<std::string>{"abcdefgh"});
}

TEST_CASE("secrets in arguments, in URLs and in variables with URLs are known as such") {
    ServerConfig server;
    server.command = "docker";
    server.args = {"run",
                   "-e",
                   "GITHUB_TOKEN=ghp-123456",
                   "--env=API_KEY=key=987",
                   "--password",
                   "word-1",
                   "--header",
                   "Authorization: Bearer tok-77",
                   "--keyboard",
                   "qwerty",
                   "https://h/?token=t-12345&page=1234567"};
    server.env = {{"DATABASE_URL", "postgres://me:pass-word@db/x"}};
    const std::vector<std::string> expected{"ghp-123456", "pass-word", "key=987",
                                            "t-12345",    "tok-77",    "word-1"};
    CHECK(server.secrets() == expected);
    CHECK(server.shown() ==
          "docker run -e GITHUB_TOKEN=… --env=API_KEY=… --password … --header Authorization: "
          "Bearer … --keyboard qwerty https://h/?token=…&page=1234567");
    ServerConfig web;
    web.url = "https://me:word-1@h/mcp?api_key=key-987#x";
    CHECK(web.secrets() == std::vector<std::string>{"key-987", "word-1"});
}

TEST_CASE("a program gets paths and locale of ours, what it was given, and no keys") {
    const std::vector<std::string> ours{"PATH=/bin", "ANTHROPIC_API_KEY=k", "LC_ALL=C", "HOME=/h",
                                        "GIT_DIR=/x"};
    const std::vector<std::string> expected{"PATH=/bin", "LC_ALL=C", "HOME=/srv", "TOKEN=t"};
    CHECK(mcp::program_environment(ours, {{"HOME", "/srv"}, {"TOKEN", "t"}}) == expected);
}
