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
    params = new_params(R"({"cwd":"/p","mcpServers":[{"name":"a","command":"/x","env":{}},
        {"type":"odd"},7]})");
    mcp::ServerConfig server;
    server.name = "a";
    server.command = "/x";
    server.source = "the editor";
    CHECK(params.mcp_servers == std::vector<mcp::ServerConfig>{server});
    CHECK(params.bad_servers.size() == 2);
    CHECK(params.bad_servers[0] ==
          "mcpServers[(without a name)].type: 'odd' is not a way to reach a server; stdio and "
          "http are");
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
    CHECK(error_of<acp::SetOptionParams>(option) == "params.value: expected true or false");
    option["value"] = true;
    acp::SetOptionParams params;
    REQUIRE(read(option, params));
    CHECK(params.on == true);
    option.erase("type");
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
    acp::Client zed;
    zed.name = "zed";
    zed.reads_files = zed.writes_files = zed.shows_notices = zed.shows_forms = true;
    zed.takes_withdrawal = true;
    CHECK(acp::read_client(all) == zed);
    Json odd = *parse_json(R"({"clientInfo":7,"clientCapabilities":{"clientInfo":{"name":"x"},
        "fs":null,"terminal":"yes","session":[],"elicitation":{}}})");
    acp::Client x;
    x.name = "x";
    CHECK(acp::read_client(odd) == x);
    CHECK(acp::read_client(*parse_json(R"({"clientCapabilities":null})")) == acp::Client{});
}

TEST_CASE("a client lends its terminals, or shows ours, or neither") {
    acp::Client lends, shows;
    lends.lends_terminals = shows.shows_terminals = true;
    const char* told[] = {R"({"clientCapabilities":{"terminal":true}})",
                          R"({"clientCapabilities":{"terminal":true,
                              "_meta":{"terminal_output":true}}})",
                          R"({"clientCapabilities":{"_meta":{"terminal_output":true}}})",
                          R"({"clientCapabilities":{"terminal":{},
                              "_meta":{"terminal_output":1}}})"};
    CHECK(acp::read_client(*parse_json(told[0])) == lends);
    CHECK(acp::read_client(*parse_json(told[1])) == lends);
    CHECK(acp::read_client(*parse_json(told[2])) == shows);
    CHECK(acp::read_client(*parse_json(told[3])) == acp::Client{});
}

TEST_CASE("a client says whether it knows sub-agents as sessions") {
    Json knows = *parse_json(R"({"clientCapabilities":{"subagents":{}}})");
    acp::Client expected;
    expected.shows_subagents = true;
    CHECK(acp::read_client(knows) == expected);
    CHECK(acp::read_client(*parse_json(R"({"clientCapabilities":{"subagents":true}})")) ==
          acp::Client{});
}

TEST_CASE("what our own clients can do more is read from their features") {
    acp::Client client = acp::read_client(*parse_json(R"({"clientCapabilities":{"plan":{},
        "_meta":{"thole":{"version":1,"features":{"plan":{},"agents":{},"approvals":{}}}}}})"));
    acp::Client expected;
    expected.is_ours = expected.shows_plans = expected.reviews_plans = true;
    expected.shows_agents = expected.queues_approvals = expected.takes_withdrawal = true;
    CHECK(client == expected);
    for (const char* odd : {R"({"clientCapabilities":{"plan":true,"_meta":{"thole":7}}})",
                            R"({"clientCapabilities":{"_meta":{"thole":{"features":["plan"]}}}})",
                            R"({"clientCapabilities":{"_meta":{"features":{"plan":{}}}}})",
                            R"({"_meta":{"thole":{"features":{"plan":{}}}}})"}) {
        acp::Client read = acp::read_client(*parse_json(odd));
        read.is_ours = false;  // an odd one may still be
        CHECK(read == acp::Client{});
    }
}

namespace {

// The whole review as JSON, with the session that it is for.
Json review_in(const std::string& json) {
    acp::PlanReviewParams params;
    Result<void> read_all = read(*parse_json(json), params);
    REQUIRE_MESSAGE(read_all, (read_all ? "" : read_all.error().message));
    const ReviewPlan& review = params.review;
    Json told{{"session", params.session_id}, {"decision", review.decision},
              {"feedback", review.feedback},  {"revision", review.revision},
              {"mode", review.mode},          {"comments", Json::array()}};
    if (review.edits) told["edits"] = *review.edits;
    for (const PlanComment& comment : review.comments) {
        CHECK(comment.quote == "");
        told["comments"].push_back(
            Json::array({comment.start_line, comment.end_line, comment.text}));
    }
    return told;
}

std::string review_error(const Json& changes) {
    Json json{{"sessionId", "s"}, {"decision", "feedback"}};
    json.update(changes);
    return error_of<acp::PlanReviewParams>(json);
}

}  // namespace

TEST_CASE("a review of a plan may be a decision alone, or have all that a review can have") {
    CHECK(review_in(R"({"sessionId":"s","decision":"approved"})") ==
          *parse_json(R"({"session":"s","decision":"approved","feedback":"","revision":0,
            "mode":"","comments":[]})"));
    CHECK(review_in(R"({"sessionId":"s","decision":"feedback","feedback":"shorter",
            "edits":"# Plan\n","revision":3,"mode":"accept-edits","comments":[
              {"startLine":2,"endLine":4,"text":"why?"},{"startLine":7,"text":"no"}],
            "later":"ignored"})") ==
          *parse_json(R"({"session":"s","decision":"feedback","feedback":"shorter","revision":3,
            "mode":"accept-edits","comments":[[2,4,"why?"],[7,7,"no"]],"edits":"# Plan\n"})"));
    CHECK(review_in(R"({"sessionId":"s","decision":"rejected","feedback":null,"edits":null,
            "revision":null,"mode":null,"comments":null})")["decision"] == Json("rejected"));
}

TEST_CASE("a review that is not one is refused by the name of what is wrong") {
    CHECK(error_of<acp::PlanReviewParams>(Json::object()) ==
          "params.sessionId: is missing; expected a string");
    CHECK(error_of<acp::PlanReviewParams>({{"sessionId", "s"}})
              .starts_with("params.decision: is missing"));
    const std::string decision = review_error({{"decision", "yes"}});
    for (const char* word : {"params.decision", "approved", "rejected", "feedback", "yes"}) {
        CHECK_MESSAGE(decision.find(word) != std::string::npos, decision);
    }
    CHECK(review_error({{"feedback", 7}}) == "params.feedback: expected a string, got number");
    CHECK(review_error({{"edits", Json::array()}}) == "params.edits: expected a string, got array");
    CHECK(review_error({{"revision", 0}}).starts_with("params.revision: "));
    CHECK(review_error({{"revision", "3"}}).starts_with("params.revision: expected an integer"));
    CHECK(review_error({{"comments", "x"}}).starts_with("params.comments: expected an array"));
    const auto comment = [](const Json& one) {
        return review_error({{"comments", Json::array({{{"startLine", 1}, {"text", "x"}}, one})}});
    };
    CHECK(comment("x") == "params.comments[1]: expected an object, got string");
    CHECK(comment({{"text", "x"}}).starts_with("params.comments[1].startLine: is missing"));
    CHECK(comment({{"startLine", 0}, {"text", "x"}}).starts_with("params.comments[1].startLine: "));
    CHECK(comment({{"startLine", 2}, {"endLine", 1.5}, {"text", "x"}})
              .starts_with("params.comments[1].endLine: "));
    CHECK(comment({{"startLine", 2}}) == "params.comments[1].text: is missing; expected a string");
}

TEST_CASE("tasks are asked for as a list or one by its number") {
    acp::TasksParams params;
    REQUIRE(read(Json{{"sessionId", "s"}}, params));
    CHECK(params.session_id == "s");
    CHECK(params.number == 0);
    REQUIRE(read(Json{{"sessionId", "s"}, {"number", 2}}, params));
    CHECK(params.number == 2);
    CHECK(error_of<acp::TasksParams>({{"sessionId", "s"}, {"number", 0}})
              .starts_with("params.number: "));
    CHECK(error_of<acp::TasksParams>({{"number", 2}}) ==
          "params.sessionId: is missing; expected a string");
}
