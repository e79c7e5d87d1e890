// Signature Version 4 of AWS, as its documentation has it ("Create a signed AWS API request"), for
// all services but S3: the path is encoded once more. Pure. Why libcurl's is not used:
// docs/decisions/0045.
#pragma once
#include <string>

#include "base/clock.hpp"
#include "http/http.hpp"
#include "model/models.hpp"

namespace thole::model {

// Where a request is to be valid.
struct AwsScope {
    std::string region, service;
};

// Adds X-Amz-Date, X-Amz-Security-Token (when the keys are of a session) and Authorization to a
// request whose URL has its path percent-encoded. Signed are these, the host and the content type.
void sign_for_aws(http::Request& request, const AwsKeys& keys, const AwsScope& scope,
                  TimePoint now);

}  // namespace thole::model
