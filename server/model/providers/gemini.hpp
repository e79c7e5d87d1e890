// Google's Gemini API (generateContent), streamed. Thought signatures are kept as thoughts without
// text, "gemini:<signature>:<id of the call that it came with>", and go back while a tool round is
// continued. Does not retry. Loop thread.
#pragma once
#include <memory>

#include "http/http.hpp"
#include "model/models.hpp"
#include "model/providers/tools_text.hpp"

namespace thole::model {

// `http` must outlive it.
std::unique_ptr<Provider> gemini_provider(http::Http& http, ProviderConfig config);

// The body of POST /v1beta/models/<model>:streamGenerateContent.
std::string gemini_body(const Request& request, ToolsText& tools);

}  // namespace thole::model
