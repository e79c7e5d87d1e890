#include "model/providers/aws_signature.hpp"

#include <doctest/doctest.h>

using namespace thole;

namespace {

// 2015-08-30T12:36:00Z and the keys of the test suite that AWS publishes for Signature Version 4.
const TimePoint then = std::chrono::system_clock::from_time_t(1440938160);
const model::AwsKeys keys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};

http::Request request(const char* method, const char* path) {
    http::Request made;
    made.method = method;
    made.url = std::string("https://example.amazonaws.com") + path;
    return made;
}

std::string value_of(const http::Request& request, std::string_view name) {
    for (const auto& [header, value] : request.headers) {
        if (header == name) return value;
    }
    return "";
}

std::string signature(http::Request made, const model::AwsKeys& with = keys,
                      const char* service = "service") {
    model::sign_for_aws(made, with, {"us-east-1", service}, then);
    std::string authorization = value_of(made, "authorization");
    return authorization.substr(authorization.find("SignedHeaders="));
}

}  // namespace

TEST_CASE("requests of the published test suite get the published signatures") {
    CHECK(signature(request("GET", "/")) ==
          "SignedHeaders=host;x-amz-date, "
          "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    CHECK(signature(request("POST", "")) ==
          "SignedHeaders=host;x-amz-date, "
          "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    CHECK(signature(request("GET", "/?Param2=value2&Param1=value1")) ==
          "SignedHeaders=host;x-amz-date, "
          "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    http::Request form = request("POST", "/");
    form.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"accept", "unsigned"}};
    form.body = "Param1=value1";
    CHECK(signature(form) ==
          "SignedHeaders=content-type;host;x-amz-date, "
          "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

TEST_CASE("a session's token is signed and sent") {
    model::AwsKeys session = keys;
    session.session_token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfp"
        "SPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQ"
        "DYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+s"
        "cqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
    CHECK(signature(request("POST", "/"), session) ==
          "SignedHeaders=host;x-amz-date;x-amz-security-token, "
          "Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead");
    http::Request sent = request("POST", "/");
    model::sign_for_aws(sent, session, {"us-east-1", "service"}, then);
    CHECK(value_of(sent, "x-amz-security-token") == session.session_token);
    CHECK(value_of(sent, "x-amz-date") == "20150830T123600Z");
}

// By @smithy/signature-v4; libcurl 7.88 signs the path as it is, which Bedrock refuses.
TEST_CASE("a path that is percent-encoded is encoded once more for the signature") {
    http::Request converse =
        request("POST", "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream");
    converse.headers = {{"content-type", "application/json"}};
    converse.body = R"({"messages":[]})";
    CHECK(signature(converse, keys, "bedrock") ==
          "SignedHeaders=content-type;host;x-amz-date, "
          "Signature=73f4226ab2e3a6846550d0cd114618e634f706a8967bc7202688cdb6ef936ca0");
}

TEST_CASE("keys, day, region and service are named") {
    http::Request sent = request("GET", "/");
    model::sign_for_aws(sent, keys, {"eu-west-1", "bedrock"}, then);
    CHECK(value_of(sent, "authorization")
              .starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/bedrock/"
                           "aws4_request, SignedHeaders="));
    CHECK(value_of(sent, "x-amz-security-token").empty());
}
