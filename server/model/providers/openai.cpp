#include "model/providers/openai.hpp"

#include "base/json.hpp"
#include "model/providers/effort.hpp"
#include "model/providers/exchange.hpp"
#include "model/providers/history.hpp"
#include "model/providers/openai_stream.hpp"
#include "model/providers/think_tags.hpp"

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

// As it stood in the text.
std::string tagged_text(const Thought& thought) {
    return std::string(think_begins) + thought.text + std::string(think_ends) + "\n\n";
}

// Back into the field that it came in; OpenRouter's details into its own.
void add_thought(Json& message, const Thought& thought, ChatDialect dialect) {
    if (auto field = tagged(thought, field_tag)) {
        std::string name(*field);
        if (!message.contains(name)) message[name] = "";
        message[name].get_ref<std::string&>() += thought.text;
    }
    auto details = tagged(thought, details_tag);
    if (!details || dialect != ChatDialect::openrouter) return;
    Result<Json> parsed = parse_json(*details);
    if (!parsed || !parsed->is_array()) return;
    Json& all = message["reasoning_details"];
    for (Json& detail : *parsed) all.push_back(std::move(detail));
}

Json assistant_message(const Message& message, bool with_thoughts, ChatDialect dialect) {
    Json result = {{"role", "assistant"}, {"content", nullptr}};
    std::string text;
    Json calls = Json::array();
    for (const Block& block : message.blocks) {
        if (const auto* part = std::get_if<Text>(&block)) text += part->text;
        if (const auto* call = std::get_if<ToolCall>(&block)) calls.push_back(call_of(*call));
        const auto* thought = std::get_if<Thought>(&block);
        if (thought == nullptr || !with_thoughts) continue;
        if (thought->signature == text_tag) text += tagged_text(*thought);
        add_thought(result, *thought, dialect);
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

Json messages_of(const Request& request, ChatDialect dialect) {
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
            bool with_thoughts = i >= round && dialect != ChatDialect::openai;
            messages.push_back(assistant_message(message, with_thoughts, dialect));
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

void set_effort(Json& body, const Request& request, ChatDialect dialect) {
    std::string_view effort;
    if (dialect == ChatDialect::openai) {
        effort = chat_effort_of(request);
    } else if (request.thought_level != ThoughtLevel::off) {
        effort = thought_level_name(request.thought_level);
    }
    if (!effort.empty()) body["reasoning_effort"] = effort;
}

// Claude's models cache what is marked, at OpenRouter too; all others cache by themselves.
void mark_for_cache(Json& message) {
    Json& content = message["content"];
    if (content.is_string()) content = Json::array({text_part(content.get<std::string>())});
    for (auto part = content.rbegin(); part != content.rend(); ++part) {
        if ((*part)["type"] != "text") continue;
        (*part)["cache_control"] = {{"type", "ephemeral"}};
        return;
    }
}

void mark_ends(Json& messages) {
    if (messages.front()["role"] == "system") mark_for_cache(messages.front());
    for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
        if ((*message)["role"] != "user" && (*message)["role"] != "tool") continue;
        return mark_for_cache(*message);
    }
}

class OpenAi final : public Provider {
public:
    OpenAi(http::Http& http, ProviderConfig config) : http_(http), config_(std::move(config)) {}

    async::Task<Answer> stream(const Request& request, const PieceSink& sink) override {
        Peer peer = peer_of(config_, request.model, url_below(config_, "/chat/completions"));
        std::string body = openai_body(request, dialect_of(config_), tools_);
        http::Request post = json_post(peer, config_, std::move(body));
        add_header(post, bearer_header(config_));
        OpenAiStream answer(peer, sink, request.messages.size());
        co_return co_await answered(http_, std::move(post), peer, answer);
    }

private:
    http::Http& http_;
    ProviderConfig config_;
    ToolsText tools_;
};

}  // namespace

ChatDialect dialect_of(const ProviderConfig& config) {
    if (is_of_host(config, "openrouter.ai")) return ChatDialect::openrouter;
    bool is_openai = config.name == "openai" || is_of_host(config, "api.openai.com");
    return is_openai || is_azure(config) ? ChatDialect::openai : ChatDialect::other;
}

std::string openai_body(const Request& request, ChatDialect dialect, ToolsText& tools) {
    Json body = {{"model", request.model},
                 {"messages", messages_of(request, dialect)},
                 {"stream", true},
                 {"stream_options", {{"include_usage", true}}}};
    if (request.max_output_tokens > 0) {
        bool is_openai = dialect == ChatDialect::openai;
        body[is_openai ? "max_completion_tokens" : "max_tokens"] = request.max_output_tokens;
    }
    if (!request.tools.empty()) body["tool_choice"] = "auto";
    set_effort(body, request, dialect);
    bool must_mark = dialect == ChatDialect::openrouter && request.model.starts_with("anthropic/");
    if (must_mark && !body["messages"].empty()) mark_ends(body["messages"]);
    return tools.add_to(body, request, tools_of);
}

std::unique_ptr<Provider> openai_provider(http::Http& http, ProviderConfig config) {
    return std::make_unique<OpenAi>(http, std::move(config));
}

}  // namespace thole::model
