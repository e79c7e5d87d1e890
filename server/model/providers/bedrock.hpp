// Amazon Bedrock by its Converse API, streamed: Claude, Nova and all others that it serves.
// Requests are signed with the keys of an account, or carry a key of Bedrock's own. Thoughts go
// back with their signatures while a tool round is continued. Does not retry. Loop thread.
#pragma once
#include <memory>

#include "http/http.hpp"
#include "model/models.hpp"

namespace thole::model {

// `http` must outlive it.
std::unique_ptr<Provider> bedrock_provider(http::Http& http, ProviderConfig config);

// The body of POST /model/<model>/converse-stream.
Json bedrock_body(const Request& request);

// Puts the key on `request`, or signs it. Its URL, body and other headers are as they will be sent.
void authorize_for_bedrock(http::Request& request, const ProviderConfig& config);

}  // namespace thole::model
