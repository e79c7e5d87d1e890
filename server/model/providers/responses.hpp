// The OpenAI Responses API, streamed and without storage: thoughts come encrypted, are kept in
// Thought::signature as "openai/<provider>:<id>:<encrypted content>", and go back while a tool
// round is continued. GPT-5.2 and later think and use tools only here. Does not retry. Loop thread.
#pragma once
#include <memory>

#include "http/http.hpp"
#include "model/models.hpp"
#include "model/providers/tools_text.hpp"

namespace thole::model {

// `http` must outlive it.
std::unique_ptr<Provider> responses_provider(http::Http& http, ProviderConfig config);

// The body of POST /responses. `provider`: whose thoughts it can take back.
std::string responses_body(const Request& request, const std::string& provider, ToolsText& tools);

}  // namespace thole::model
