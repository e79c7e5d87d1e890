#include "model/aws_profile.hpp"

#include <doctest/doctest.h>

using namespace thole;

namespace {

const char* const credentials = R"(# keys
[default]
aws_access_key_id=D
aws_secret_access_key=DS
[work]
; a comment
AWS_ACCESS_KEY_ID = W
aws_secret_access_key = W/S+=
aws_session_token = T==
[ half ]
aws_access_key_id = H
)";

const char* const config = R"([default]
region = us-west-2
[profile work]
region=eu-west-1
s3 =
    region = nowhere
    aws_access_key_id = nobody
[profile sso]
sso_session = corp
region = eu-west-3
[sso-session corp]
region = us-east-1
[profile role]
role_arn = arn:aws:iam::1:role/x
source_profile = default
[profile program]
credential_process = /bin/keys
)";

// "key secret token region fault"
std::string read(const char* name) {
    model::AwsProfile found = model::read_aws_profile(name, credentials, config);
    return found.keys.access_key_id + "|" + found.keys.secret_access_key + "|" +
           found.keys.session_token + "|" + found.region + "|" + found.fault;
}

}  // namespace

TEST_CASE("a profile's keys come from one file and its region from the other") {
    CHECK(read("default") == "D|DS||us-west-2|");
    CHECK(read("work") == "W|W/S+=|T==|eu-west-1|");
}

TEST_CASE("a profile whose keys do not lie in the files says what to do") {
    const std::string rest =
        ", which thole cannot do: `aws configure export-credentials --profile sso --format env` "
        "prints what to set";
    CHECK(read("sso") == "|||eu-west-3|the AWS profile 'sso' signs in for its keys" + rest);
    CHECK(read("role").starts_with("||||the AWS profile 'role' takes on a role for its keys, "));
    CHECK(
        read("program").starts_with("||||the AWS profile 'program' runs a program for its keys, "));
    CHECK(read("half").starts_with("||||the AWS profile 'half' has no keys, "));
    CHECK(read("nobody") == "||||there is no AWS profile 'nobody'");
}

TEST_CASE("files that are no profiles hold none") {
    CHECK(model::read_aws_profile("x", "[x", "]\n=\n[\n[]\nx").fault ==
          "there is no AWS profile 'x'");
}
