#include "model/providers/anthropic.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "model/providers/anthropic_stream.hpp"
#include "model/providers/exchange.hpp"
#include "model/providers/history.hpp"
#include "model/providers/thinking.hpp"

namespace thole::model {

namespace {

constexpr std::int64_t fallback_output_tokens = 32000;

Json cache_mark() {
    return {{"type", "ephemeral"}};
}

Json image_block(const Image& image) {
    Json source = {{"type", "base64"}, {"media_type", image.mime_type}, {"data", image.base64}};
    return {{"type", "image"}, {"source", std::move(source)}};
}

Json result_block(const ToolResult& result) {
    Json block = {{"type", "tool_result"}, {"tool_use_id", safe_id(result.id)}};
    if (result.images.empty()) {
        block["content"] = result.text;
    } else {
        Json content = Json::array();
        if (!is_blank(result.text)) content.push_back({{"type", "text"}, {"text", result.text}});
        for (const Image& image : result.images) content.push_back(image_block(image));
        block["content"] = std::move(content);
    }
    if (result.is_error) block["is_error"] = true;
    return block;
}

struct BlockWriter {
    Json& content;
    bool with_thoughts;

    void operator()(const Text& text) const {
        if (!is_blank(text.text)) content.push_back({{"type", "text"}, {"text", text.text}});
    }
    void operator()(const Image& image) const { content.push_back(image_block(image)); }
    void operator()(const Thought& thought) const {
        if (!with_thoughts || !is_claude_thought(thought)) return;
        if (thought.redacted) {
            content.push_back({{"type", "redacted_thinking"}, {"data", thought.signature}});
        } else {
            content.push_back({{"type", "thinking"},
                               {"thinking", thought.text},
                               {"signature", thought.signature}});
        }
    }
    void operator()(const ToolCall& call) const {
        content.push_back({{"type", "tool_use"},
                           {"id", safe_id(call.id)},
                           {"name", call.name},
                           {"input", *call.input}});
    }
    void operator()(const ToolResult& result) const { content.push_back(result_block(result)); }
};

Json message_of(const Message& message, bool with_thoughts) {
    Json content = Json::array();
    BlockWriter writer{content, with_thoughts};
    for (const Block* block : results_first(message)) std::visit(writer, *block);
    bool is_user = message.role == Message::Role::user;
    return {{"role", is_user ? "user" : "assistant"}, {"content", std::move(content)}};
}

// The last block that later requests will repeat as it is.
Json& last_lasting(Json& content) {
    std::size_t last = content.size() - 1;
    if (last > 0 && text_member(content[last], "text").starts_with(session_state_mark)) --last;
    return content[last];
}

void mark_last_user_messages(Json& messages) {
    int marks = 2;
    for (auto message = messages.rbegin(); message != messages.rend() && marks > 0; ++message) {
        if ((*message)["role"] != "user") continue;
        last_lasting((*message)["content"])["cache_control"] = cache_mark();
        --marks;
    }
}

Json messages_of(const Request& request) {
    Json messages = Json::array();
    std::size_t round = tool_round_start(request.messages);
    for (std::size_t i = 0; i < request.messages.size(); ++i) {
        Json message = message_of(request.messages[i], i >= round);
        if (!message["content"].empty()) messages.push_back(std::move(message));
    }
    mark_last_user_messages(messages);
    return messages;
}

Json tools_of(const Request& request) {
    Json tools = Json::array();
    for (const ToolSpec& tool : request.tools) {
        tools.push_back({{"name", tool.name},
                         {"description", tool.description},
                         {"input_schema", *tool.schema}});
    }
    tools.back()["cache_control"] = cache_mark();
    return tools;
}

class Anthropic final : public Provider {
public:
    Anthropic(http::Http& http, ProviderConfig config) : http_(http), config_(std::move(config)) {}

    async::Task<Answer> stream(const Request& request, const PieceSink& sink) override {
        Peer peer = peer_of(config_, request.model, url());
        std::string body = anthropic_body(request, tools_);
        http::Request post = json_post(peer, config_, std::move(body));
        post.headers.emplace_back("anthropic-version", "2023-06-01");
        if (!config_.api_key.empty()) post.headers.emplace_back("x-api-key", config_.api_key);
        AnthropicStream answer(peer, sink);
        co_return co_await answered(http_, std::move(post), peer, answer);
    }

private:
    std::string url() const {
        bool has_version = config_.base_url.ends_with("/v1");
        return config_.base_url + (has_version ? "/messages" : "/v1/messages");
    }

    http::Http& http_;
    ProviderConfig config_;
    ToolsText tools_;
};

}  // namespace

std::string anthropic_body(const Request& request, ToolsText& tools) {
    std::int64_t output =
        request.max_output_tokens > 0 ? request.max_output_tokens : fallback_output_tokens;
    Json body = {{"model", request.model},
                 {"max_tokens", output},
                 {"stream", true},
                 {"messages", messages_of(request)}};
    if (!request.system.empty()) {
        body["system"] = Json::array(
            {{{"type", "text"}, {"text", request.system}, {"cache_control", cache_mark()}}});
    }
    if (!request.tools.empty()) body["tool_choice"] = {{"type", "auto"}};
    set_thinking(body, request.model, level_of(request));
    return tools.add_to(body, request, tools_of);
}

std::unique_ptr<Provider> anthropic_provider(http::Http& http, ProviderConfig config) {
    return std::make_unique<Anthropic>(http, std::move(config));
}

}  // namespace thole::model
