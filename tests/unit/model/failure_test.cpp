#include "model/providers/failure.hpp"

#include <doctest/doctest.h>

#include "unit/model/scripted.hpp"

using namespace thole;
using namespace thole::test;

namespace {

const model::Peer peer{"acme", "big-1", "https://acme.test/v1/x", "ACME_KEY", "sk-secret"};

std::string failure(int status, std::string_view body) {
    return shown(model::failure_of(peer, model::read_complaint_text(body, status)));
}

std::optional<std::int64_t> wait(const char* name, const char* value) {
    http::Response response;
    response.headers = {{name, value}};
    TimePoint now = std::chrono::system_clock::from_time_t(1445412480);  // 2015-10-21 07:28:00
    auto asked = model::retry_after(response, now);
    if (!asked) return std::nullopt;
    return asked->count();
}

}  // namespace

TEST_CASE("each HTTP status of a provider becomes the failure that says what to do") {
    CHECK(failure(401, R"({"error":{"message":"bad key","type":"authentication_error"}})") ==
          "final authentication: acme did not take the API key in ACME_KEY: bad key");
    CHECK(failure(403, R"({"error":{"message":"no access"}})") ==
          "final authentication: acme did not take the API key in ACME_KEY: no access");
    CHECK(failure(404, R"({"error":{"type":"not_found_error","message":"model: big-1"}})") ==
          "final not_found: acme has no model \"big-1\": model: big-1");
    CHECK(failure(404, "404 page not found") ==
          "final not_found: acme answered 404 at https://acme.test/v1/x; check the base URL: 404 "
          "page not found");
    CHECK(
        failure(400, R"({"error":{"message":"prompt is too long: 210000 tokens > 200000"}})") ==
        "final too_large: the conversation is too long for acme/big-1: prompt is too long: 210000 "
        "tokens > 200000");
    CHECK(failure(400, R"({"error":{"message":"Too big","code":"context_length_exceeded"}})") ==
          "final too_large: the conversation is too long for acme/big-1: Too big");
    CHECK(failure(413, "") ==
          "final too_large: the conversation is too long for acme/big-1: Content Too Large");
    CHECK(failure(400, R"({"error":{"message":"messages: at least one\n is   needed"}})") ==
          "final unavailable: acme answered 400: messages: at least one is needed");
    CHECK(failure(408, "") == "transient unavailable: 408 Request Timeout");
    CHECK(failure(429, R"({"error":{"message":"slow down","type":"rate_limit_error"}})") ==
          "transient unavailable: 429 slow down");
    CHECK(failure(429, R"({"error":{"message":"no money","code":"insufficient_quota"}})") ==
          "final unavailable: acme answered 429: no money");
    CHECK(failure(500, R"({"error":"boom"})") == "transient unavailable: 500 boom");
    CHECK(failure(502, "<html>nginx</html>") == "transient unavailable: 502 Bad Gateway");
    CHECK(failure(503, R"({"detail":"loading"})") == "transient unavailable: 503 loading");
    CHECK(failure(529, "") == "transient unavailable: 529 Overloaded");
    CHECK(failure(302, "") == "final unavailable: acme answered 302: no reason given");
    CHECK(failure(402, R"({"error":{"message":"Insufficient credits","code":402}})") ==
          "final unavailable: acme answered 402: Insufficient credits");
    CHECK(failure(424, R"({"message":"the model stumbled"})") ==
          "transient unavailable: 424 the model stumbled");
}

TEST_CASE("what gateways answer with another status is taken for what it is") {
    CHECK(failure(400, R"({"error":"Incorrect API key provided: xai-1"})") ==
          "final authentication: acme did not take the API key in ACME_KEY: Incorrect API key "
          "provided: xai-1");
    CHECK(failure(400, R"({"error":{"message":"z/big-1 is not a valid model ID","code":400}})") ==
          "final not_found: acme has no model \"big-1\": z/big-1 is not a valid model ID");
    CHECK(failure(404, R"({"error":{"message":"No endpoints found that support image input"}})") ==
          "final not_found: acme has no model \"big-1\": No endpoints found that support image "
          "input");
    CHECK(failure(403,
                  R"({"message":"You don't have access to the model with the specified ID."})") ==
          "final not_found: acme does not let this account use the model \"big-1\": You don't have "
          "access to the model with the specified ID.");
    CHECK(failure(400, R"({"error":{"message":"No","code":"content_policy_violation"}})") ==
          "final refused: acme refused the prompt: No");
}

TEST_CASE("MiniMax's errors come with status 200 and codes of their own") {
    auto status = [](int code) {
        Json answer = {{"base_resp", {{"status_code", code}, {"status_msg", "because"}}}};
        CHECK(model::complains(answer) == (code != 0));
        return failure(0, answer.dump());
    };
    CHECK(status(1004) ==
          "final authentication: acme did not take the API key in ACME_KEY: because");
    CHECK(status(1002) == "transient unavailable: 429 because");
    CHECK(status(1008) == "final unavailable: acme answered 402: because");
    CHECK(status(1026) == "final refused: acme refused the prompt: because");
    CHECK(status(1013) == "transient unavailable: 500 because");
    CHECK_FALSE(model::complains(Json{{"base_resp", {{"status_code", 0}}}, {"choices", 1}}));
}

TEST_CASE(
    "another model may stand in for one that is overloaded, unknown, closed or not paid for") {
    auto is_of_model = [](int status, const char* body) {
        return model::failure_of(peer, model::read_complaint_text(body, status)).is_of_model;
    };
    CHECK(is_of_model(529, ""));
    CHECK(is_of_model(503, ""));
    CHECK(is_of_model(402, R"({"error":"Insufficient Balance"})"));
    CHECK(is_of_model(429, R"({"error":{"code":"insufficient_quota"}})"));
    CHECK(is_of_model(404, R"({"error":{"type":"not_found_error"}})"));
    CHECK(is_of_model(403, R"({"message":"You don't have access to the model"})"));
    CHECK(is_of_model(400, R"({"error":{"message":"Your credit balance is too low"}})"));
    CHECK_FALSE(is_of_model(429, ""));
    CHECK_FALSE(is_of_model(400, ""));
    CHECK_FALSE(is_of_model(401, ""));
    CHECK_FALSE(is_of_model(500, ""));
}

TEST_CASE("a provider without a key of ours is not said to have refused one") {
    model::Peer open = peer;
    open.api_key_env = "";
    model::Complaint complaint{401, "", "who are you?"};
    CHECK(shown(model::failure_of(open, complaint)) ==
          "final authentication: acme asks for a key: who are you?");
}

TEST_CASE("a key never stands in an error") {
    CHECK(failure(401, R"({"error":{"message":"sk-secret is not valid; sk-secret!"}})") ==
          "final authentication: acme did not take the API key in ACME_KEY: [key] is not valid; "
          "[key]!");
}

TEST_CASE("the start of a key does not stay where a message was clipped") {
    for (std::size_t size = 270; size < 310; ++size) {
        CAPTURE(size);
        std::string text =
            failure(500, std::string(size, 'x') + " sk-secret " + std::string(99, 'y'));
        CHECK(text.find("sk-s") == std::string::npos);
    }
}

TEST_CASE("a provider's message is clipped to one line") {
    std::string text = failure(400, std::string(5000, 'x'));
    CHECK(text.size() < 400);
    CHECK(text.find('\n') == std::string::npos);
}

TEST_CASE("an error object in a stream has the status of its code or its type") {
    auto complaint = [](const char* text) {
        return model::read_complaint(Json::parse(text), 0).status;
    };
    CHECK(complaint(R"({"error":{"code":502,"message":"x"}})") == 502);
    CHECK(complaint(R"({"error":{"code":"rate_limit_exceeded"}})") == 429);
    CHECK(complaint(R"({"error":{"type":"permission_error"}})") == 403);
    CHECK(complaint(R"({"error":{"type":"never heard of"}})") == 500);
    CHECK(complaint(R"({"error":{"code":7}})") == 500);
    CHECK(complaint(R"({"error":{"code":"429"}})") == 429);
    CHECK(complaint(R"({"error":{"code":"image_too_large"}})") == 400);
    CHECK(complaint(R"({"error":{"code":"99999999999999999999"}})") == 500);
    CHECK(complaint(R"({"error":{"code":18446744073709551615}})") == 500);
    CHECK(complaint("[]") == 500);
}

TEST_CASE("Retry-After is read in milliseconds, seconds or as a date, and nonsense is ignored") {
    CHECK(wait("retry-after-ms", "1500") == 1500);
    CHECK(wait("retry-after", "12") == 12000);
    CHECK(wait("retry-after", "0.5") == 500);
    CHECK(wait("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT") == 30000);
    CHECK(wait("retry-after", "Wed, 21 Oct 2015 07:00:00 GMT") == 0);
    CHECK(wait("retry-after", "soon") == std::nullopt);
    CHECK(wait("retry-after", "-5") == std::nullopt);
    CHECK(wait("retry-after", "inf") == std::nullopt);
    CHECK(wait("x-other", "5") == std::nullopt);
}
