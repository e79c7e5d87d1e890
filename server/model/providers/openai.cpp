#include "model/providers/openai.hpp"

#include <charconv>

#include "base/json.hpp"
#include "model/providers/exchange.hpp"
#include "model/providers/history.hpp"
#include "model/providers/openai_stream.hpp"

namespace thole::model {

namespace {

Json text_part(std::string_view text) {
    return {{"type", "text"}, {"text", text}};
}

Json image_part(const Image& image) {
    Json url = {{"url", "data:" + image.mime_type + ";base64," + image.base64}};
    return {{"type", "image_url"}, {"image_url", std::move(url)}};
}

Json call_of(const ToolCall& call) {
    Json function = {{"name", call.name}, {"arguments", dump_json(*call.input)}};
    return {{"id", call.id}, {"type", "function"}, {"function", std::move(function)}};
}

void add_thought(Json& message, const Thought& thought) {
    if (!is_unsigned_thought(thought)) return;
    std::string field = thought.signature.substr(unsigned_prefix.size());
    if (!message.contains(field)) message[field] = "";
    message[field].get_ref<std::string&>() += thought.text;
}

Json assistant_message(const Message& message, bool with_thoughts) {
    Json result = {{"role", "assistant"}, {"content", nullptr}};
    std::string text;
    Json calls = Json::array();
    for (const Block& block : message.blocks) {
        if (const auto* part = std::get_if<Text>(&block)) text += part->text;
        if (const auto* call = std::get_if<ToolCall>(&block)) calls.push_back(call_of(*call));
        const auto* thought = std::get_if<Thought>(&block);
        if (thought != nullptr && with_thoughts) add_thought(result, *thought);
    }
    if (!text.empty() || calls.empty()) result["content"] = std::move(text);
    if (!calls.empty()) result["tool_calls"] = std::move(calls);
    return result;
}

// A text alone goes as a string, which every server takes.
Json content_of(Json parts) {
    bool is_plain = parts.size() == 1 && parts[0]["type"] == "text";
    return is_plain ? parts[0]["text"] : parts;
}

// Results as messages of their own; the API takes no images in them, so these follow as the user's.
void add_user_messages(Json& messages, const Message& message) {
    Json parts = Json::array();
    for (const Block& block : message.blocks) {
        const auto* result = std::get_if<ToolResult>(&block);
        if (result == nullptr) continue;
        messages.push_back(
            {{"role", "tool"}, {"tool_call_id", result->id}, {"content", result->text}});
        if (!result->images.empty()) parts.push_back(text_part("Images of the tool's result:"));
        for (const Image& image : result->images) parts.push_back(image_part(image));
    }
    for (const Block& block : message.blocks) {
        const auto* text = std::get_if<Text>(&block);
        const auto* image = std::get_if<Image>(&block);
        if (text != nullptr && !text->text.empty()) parts.push_back(text_part(text->text));
        if (image != nullptr) parts.push_back(image_part(*image));
    }
    if (parts.empty()) return;
    messages.push_back({{"role", "user"}, {"content", content_of(std::move(parts))}});
}

Json messages_of(const Request& request, bool is_openai) {
    Json messages = Json::array();
    if (!request.system.empty()) {
        messages.push_back({{"role", "system"}, {"content", request.system}});
    }
    std::size_t round = tool_round_start(request.messages);
    for (std::size_t i = 0; i < request.messages.size(); ++i) {
        const Message& message = request.messages[i];
        if (message.role == Message::Role::user) {
            add_user_messages(messages, message);
        } else {
            messages.push_back(assistant_message(message, i >= round && !is_openai));
        }
    }
    return messages;
}

Json tools_of(const Request& request) {
    Json tools = Json::array();
    for (const ToolSpec& tool : request.tools) {
        Json function = {
            {"name", tool.name}, {"description", tool.description}, {"parameters", *tool.schema}};
        tools.push_back({{"type", "function"}, {"function", std::move(function)}});
    }
    return tools;
}

// "gpt-5.6-sol" → 5.6; 0 for others.
double gpt_generation(std::string_view model) {
    if (!model.starts_with("gpt-")) return 0;
    model.remove_prefix(4);
    double generation = 0;
    std::from_chars(model.data(), model.data() + model.size(), generation,
                    std::chars_format::fixed);
    return generation;
}

// From GPT-5.2 on this API refuses tools while the model thinks, and most of those models think
// unless they are told not to. Those that cannot be told are left to complain.
bool must_not_think(const Request& request) {
    double generation = gpt_generation(request.model);
    bool is_always_thinking = generation > 6 || request.model.starts_with("gpt-6-astra");
    return generation >= 5.2 && !is_always_thinking && !request.tools.empty();
}

void set_effort(Json& body, const Request& request, bool is_openai) {
    if (is_openai && must_not_think(request)) {
        body["reasoning_effort"] = "none";
    } else if (request.thought_level != ThoughtLevel::off) {
        body["reasoning_effort"] = thought_level_name(request.thought_level);
    }
}

class OpenAi final : public Provider {
public:
    OpenAi(http::Http& http, ProviderConfig config) : http_(http), config_(std::move(config)) {}

    async::Task<Answer> stream(const Request& request, const PieceSink& sink) override {
        Peer peer = peer_of(config_, request.model, config_.base_url + "/chat/completions");
        Json body = openai_body(request, is_openai());
        http::Request post = json_post(peer, config_, body);
        if (!config_.api_key.empty()) {
            post.headers.emplace_back("authorization", "Bearer " + config_.api_key);
        }
        OpenAiStream answer(peer, sink, request.messages.size());
        http::SseParser::Sink on_event = [&answer](const http::SseEvent& event) {
            answer.take(event.data);
        };
        std::optional<Failure> broken = co_await exchange(http_, std::move(post), peer, on_event);
        co_return answer.finish(std::move(broken));
    }

private:
    bool is_openai() const {
        return config_.name == "openai" ||
               config_.base_url.find("://api.openai.com") != std::string::npos;
    }

    http::Http& http_;
    ProviderConfig config_;
};

}  // namespace

Json openai_body(const Request& request, bool is_openai) {
    Json body = {{"model", request.model},
                 {"messages", messages_of(request, is_openai)},
                 {"stream", true},
                 {"stream_options", {{"include_usage", true}}}};
    if (request.max_output_tokens > 0) {
        body[is_openai ? "max_completion_tokens" : "max_tokens"] = request.max_output_tokens;
    }
    if (!request.tools.empty()) {
        body["tools"] = tools_of(request);
        body["tool_choice"] = "auto";
    }
    set_effort(body, request, is_openai);
    return body;
}

std::unique_ptr<Provider> openai_provider(http::Http& http, ProviderConfig config) {
    return std::make_unique<OpenAi>(http, std::move(config));
}

}  // namespace thole::model
