// The Anthropic Messages API, streamed. Prompt caching is always asked for. Thoughts go back with
// their signatures while a tool round is continued and not after, so that a later change of the
// history cannot invalidate them. Does not retry. Loop thread.
#pragma once
#include <memory>

#include "http/http.hpp"
#include "model/models.hpp"
#include "model/providers/tools_text.hpp"

namespace thole::model {

// `http` must outlive it.
std::unique_ptr<Provider> anthropic_provider(http::Http& http, ProviderConfig config);

// The body of POST /v1/messages.
std::string anthropic_body(const Request& request, ToolsText& tools);

}  // namespace thole::model
