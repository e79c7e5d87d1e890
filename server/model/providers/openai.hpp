// The OpenAI Chat Completions API, streamed: OpenAI itself and every server that speaks it
// (OpenRouter, Ollama, llama.cpp, vLLM, …), whose slips are forgiven where the meaning is clear.
// Does not retry. Loop thread.
#pragma once
#include <memory>

#include "http/http.hpp"
#include "model/models.hpp"
#include "model/providers/tools_text.hpp"

namespace thole::model {

// `http` must outlive it.
std::unique_ptr<Provider> openai_provider(http::Http& http, ProviderConfig config);

// Servers whose parameters differ from what all take: OpenAI's own service (Azure's too), and
// OpenRouter, which passes on what the models behind it want back.
enum class ChatDialect { openai, openrouter, other };
ChatDialect dialect_of(const ProviderConfig& config);

// The body of POST /chat/completions.
std::string openai_body(const Request& request, ChatDialect dialect, ToolsText& tools);

}  // namespace thole::model
