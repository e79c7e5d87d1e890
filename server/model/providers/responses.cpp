#include "model/providers/responses.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "model/providers/effort.hpp"
#include "model/providers/exchange.hpp"
#include "model/providers/history.hpp"
#include "model/providers/responses_stream.hpp"

namespace thole::model {

namespace {

Json text_part(std::string_view text) {
    return {{"type", "input_text"}, {"text", text}};
}

Json image_part(const Image& image) {
    return {{"type", "input_image"},
            {"image_url", "data:" + image.mime_type + ";base64," + image.base64},
            {"detail", "auto"}};
}

Json output_of(const ToolResult& result) {
    if (result.images.empty()) return result.text;
    Json parts = Json::array();
    if (!is_blank(result.text)) parts.push_back(text_part(result.text));
    for (const Image& image : result.images) parts.push_back(image_part(image));
    return parts;
}

// Of a conversation the items; texts and images of one message are joined to one.
class ItemWriter {
public:
    ItemWriter(Json& items, const std::string& tag) : items_(items), tag_(tag) {}

    void write(const Message& message, bool with_thoughts) {
        bool is_user = message.role == Message::Role::user;
        for (const Block& block : message.blocks) {
            if (const auto* result = std::get_if<ToolResult>(&block)) write_result(*result);
        }
        Json parts = Json::array();
        for (const Block& block : message.blocks) {
            if (const auto* image = std::get_if<Image>(&block)) parts.push_back(image_part(*image));
            const auto* text = std::get_if<Text>(&block);
            if (text != nullptr && !is_blank(text->text)) write_text(*text, is_user, parts);
            if (const auto* call = std::get_if<ToolCall>(&block)) write_call(*call);
            const auto* thought = std::get_if<Thought>(&block);
            if (thought != nullptr && with_thoughts) write_thought(*thought);
        }
        if (parts.empty()) return;
        items_.push_back({{"type", "message"}, {"role", "user"}, {"content", std::move(parts)}});
    }

private:
    void write_text(const Text& text, bool is_user, Json& parts) {
        if (is_user) {
            parts.push_back(text_part(text.text));
        } else {
            items_.push_back({{"type", "message"}, {"role", "assistant"}, {"content", text.text}});
        }
    }
    void write_call(const ToolCall& call) {
        items_.push_back({{"type", "function_call"},
                          {"call_id", call.id},
                          {"name", call.name},
                          {"arguments", dump_json(*call.input)}});
    }
    void write_result(const ToolResult& result) {
        items_.push_back({{"type", "function_call_output"},
                          {"call_id", result.id},
                          {"output", output_of(result)}});
    }
    void write_thought(const Thought& thought) {
        std::optional<std::string_view> ours = tagged(thought, tag_);
        if (!ours) return;
        std::size_t colon = std::min(ours->find(':'), ours->size());
        std::string_view encrypted = ours->substr(std::min(colon + 1, ours->size()));
        if (encrypted.empty()) return;
        Json summary = Json::array();
        if (!thought.text.empty()) {
            summary.push_back({{"type", "summary_text"}, {"text", thought.text}});
        }
        items_.push_back({{"type", "reasoning"},
                          {"id", ours->substr(0, colon)},
                          {"summary", std::move(summary)},
                          {"encrypted_content", encrypted}});
    }

    Json& items_;
    const std::string& tag_;
};

Json input_of(const Request& request, const std::string& provider) {
    Json items = Json::array();
    std::string tag = responses_tag(provider);
    ItemWriter writer(items, tag);
    std::size_t round = tool_round_start(request.messages);
    for (std::size_t i = 0; i < request.messages.size(); ++i) {
        writer.write(request.messages[i], i >= round);
    }
    return items;
}

Json tools_of(const Request& request) {
    Json tools = Json::array();
    for (const ToolSpec& tool : request.tools) {
        tools.push_back({{"type", "function"},
                         {"name", tool.name},
                         {"description", tool.description},
                         {"parameters", *tool.schema},
                         {"strict", false}});
    }
    return tools;
}

// Models that do not think refuse to hear of it.
void set_reasoning(Json& body, const Request& request) {
    std::string_view effort = effort_of(request.model, request.thought_level);
    bool thinks = request.thought_level != ThoughtLevel::off;
    if (!effort.empty()) body["reasoning"]["effort"] = effort;
    if (thinks) body["reasoning"]["summary"] = "auto";
    if (!thinks && !is_reasoning_model(request.model)) return;
    body["include"] = Json::array({"reasoning.encrypted_content"});
}

class Responses final : public Provider {
public:
    Responses(http::Http& http, ProviderConfig config) : http_(http), config_(std::move(config)) {}

    async::Task<Answer> stream(const Request& request, const PieceSink& sink) override {
        Peer peer = peer_of(config_, request.model, url_below(config_, "/responses"));
        std::string body = responses_body(request, config_.name, tools_);
        http::Request post = json_post(peer, config_, std::move(body));
        add_header(post, bearer_header(config_));
        ResponsesStream answer(peer, sink, request.messages.size());
        co_return co_await answered(http_, std::move(post), peer, answer);
    }

private:
    http::Http& http_;
    ProviderConfig config_;
    ToolsText tools_;
};

}  // namespace

std::string responses_body(const Request& request, const std::string& provider, ToolsText& tools) {
    Json body = {{"model", request.model},
                 {"input", input_of(request, provider)},
                 {"stream", true},
                 {"store", false}};
    if (!request.system.empty()) body["instructions"] = request.system;
    if (request.max_output_tokens > 0) body["max_output_tokens"] = request.max_output_tokens;
    if (!request.tools.empty()) body["tool_choice"] = "auto";
    set_reasoning(body, request);
    return tools.add_to(body, request, tools_of);
}

std::unique_ptr<Provider> responses_provider(http::Http& http, ProviderConfig config) {
    return std::make_unique<Responses>(http, std::move(config));
}

}  // namespace thole::model
