// The OpenAI Chat Completions API, streamed: OpenAI itself and every server that speaks it
// (OpenRouter, Ollama, llama.cpp, vLLM, …), whose slips are forgiven where the meaning is clear.
// Does not retry. Loop thread.
#pragma once
#include <memory>

#include "http/http.hpp"
#include "model/models.hpp"

namespace thole::model {

// `http` must outlive it.
std::unique_ptr<Provider> openai_provider(http::Http& http, ProviderConfig config);

// The body of POST /chat/completions. `is_openai`: OpenAI's own service, whose parameters differ
// from what others take.
Json openai_body(const Request& request, bool is_openai);

}  // namespace thole::model
