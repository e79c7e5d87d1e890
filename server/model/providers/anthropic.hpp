// The Anthropic Messages API, streamed. Prompt caching is always asked for. Thoughts go back with
// their signatures while a tool round is continued and not after, so that a later change of the
// history cannot invalidate them. Does not retry. Loop thread.
#pragma once
#include <memory>

#include "http/http.hpp"
#include "model/models.hpp"

namespace thole::model {

// `http` must outlive it.
std::unique_ptr<Provider> anthropic_provider(http::Http& http, ProviderConfig config);

// The body of POST /v1/messages.
Json anthropic_body(const Request& request);

}  // namespace thole::model
