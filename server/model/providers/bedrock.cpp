#include "model/providers/bedrock.hpp"

#include <set>

#include "base/json.hpp"
#include "model/providers/aws_signature.hpp"
#include "model/providers/bedrock_stream.hpp"
#include "model/providers/exchange.hpp"
#include "model/providers/history.hpp"
#include "model/providers/thinking.hpp"

namespace thole::model {

namespace {

constexpr std::int64_t usual_output_tokens = 32000;

bool is_of(const Request& request, std::string_view maker) {
    return request.model.find(maker) != std::string::npos;
}

Json cache_point() {
    return {{"cachePoint", {{"type", "default"}}}};
}

Json image_block(const Image& image) {
    std::string format = image.mime_type.substr(image.mime_type.find('/') + 1);
    return {{"image", {{"format", format}, {"source", {{"bytes", image.base64}}}}}};
}

// The API refuses results without content.
Json result_block(const ToolResult& result) {
    Json content = Json::array();
    bool is_blank_text = is_blank(result.text);
    if (!is_blank_text) content.push_back({{"text", result.text}});
    for (const Image& image : result.images) content.push_back(image_block(image));
    if (content.empty()) content.push_back({{"text", "(no output)"}});
    return {{"toolResult",
             {{"toolUseId", safe_id(result.id)},
              {"content", std::move(content)},
              {"status", result.is_error ? "error" : "success"}}}};
}

struct BlockWriter {
    Json& content;
    bool with_thoughts;

    void operator()(const Text& text) const {
        if (!is_blank(text.text)) content.push_back({{"text", text.text}});
    }
    void operator()(const Image& image) const { content.push_back(image_block(image)); }
    void operator()(const Thought& thought) const {
        if (!with_thoughts || !is_claude_thought(thought)) return;
        Json reasoning;
        if (thought.redacted) {
            reasoning["redactedContent"] = thought.signature;
        } else {
            reasoning["reasoningText"] = {{"text", thought.text}, {"signature", thought.signature}};
        }
        content.push_back({{"reasoningContent", std::move(reasoning)}});
    }
    void operator()(const ToolCall& call) const {
        content.push_back(
            {{"toolUse",
              {{"toolUseId", safe_id(call.id)}, {"name", call.name}, {"input", *call.input}}}});
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

// After the last block of the latest two of the user's messages that later requests will repeat.
void mark_last_user_messages(Json& messages) {
    int marks = 2;
    for (auto message = messages.rbegin(); message != messages.rend() && marks > 0; ++message) {
        if ((*message)["role"] != "user") continue;
        Json& content = (*message)["content"];
        bool has_state = content.size() > 1 &&
                         text_member(content.back(), "text").starts_with(session_state_mark);
        content.insert(content.end() - (has_state ? 1 : 0), cache_point());
        --marks;
    }
}

Json messages_of(const Request& request, bool caches) {
    Json messages = Json::array();
    std::size_t round = tool_round_start(request.messages);
    for (std::size_t i = 0; i < request.messages.size(); ++i) {
        Json message = message_of(request.messages[i], i >= round);
        if (!message["content"].empty()) messages.push_back(std::move(message));
    }
    if (caches) mark_last_user_messages(messages);
    return messages;
}

Json tool_of(std::string_view name, std::string_view description, const Json& schema) {
    return {{"toolSpec",
             {{"name", name}, {"description", description}, {"inputSchema", {{"json", schema}}}}}};
}

// A conversation with calls is refused without their tools, even when none is to be used.
Json tools_of(const Request& request) {
    Json tools = Json::array();
    for (const ToolSpec& tool : request.tools) {
        tools.push_back(tool_of(tool.name, tool.description, *tool.schema));
    }
    if (!tools.empty()) return tools;
    std::set<std::string> names;
    for (const Message& message : request.messages) {
        for (const Block& block : message.blocks) {
            if (const auto* call = std::get_if<ToolCall>(&block)) names.insert(call->name);
        }
    }
    for (const std::string& name : names) {
        tools.push_back(tool_of(name, "Not to be used now.", {{"type", "object"}}));
    }
    return tools;
}

// Each maker's models have their own words for how much to think.
void set_fields_of_maker(Json& body, const Request& request) {
    Json fields;
    bool thinks = request.thought_level != ThoughtLevel::off;
    if (is_of(request, "anthropic.")) {
        fields = {{"max_tokens", request.max_output_tokens > 0 ? request.max_output_tokens
                                                               : usual_output_tokens}};
        set_thinking(fields, request.model, level_of(request));
        fields.erase("max_tokens");
    } else if (thinks && is_of(request, "amazon.nova-2")) {
        fields["reasoningConfig"] = {
            {"type", "enabled"}, {"maxReasoningEffort", thought_level_name(request.thought_level)}};
        // The highest effort takes no limit.
        if (request.thought_level == ThoughtLevel::high) body.erase("inferenceConfig");
    } else if (thinks && is_of(request, "openai.")) {
        fields["reasoning_effort"] = thought_level_name(request.thought_level);
    }
    if (!fields.empty()) body["additionalModelRequestFields"] = std::move(fields);
}

class BodyOfMessages final : public BodyReader {
public:
    explicit BodyOfMessages(BedrockStream& answer) : answer_(answer) {}

    void feed(std::string_view chunk) override {
        parser_.feed(chunk, [this](const http::EventStreamMessage& message) {
            has_events_ = true;
            answer_.take_message(message);
        });
    }
    bool has_events() const override { return has_events_; }
    std::string fault() const override { return parser_.fault(); }

private:
    BedrockStream& answer_;
    http::EventStreamParser parser_;
    bool has_events_ = false;
};

class Bedrock final : public Provider {
public:
    Bedrock(http::Http& http, ProviderConfig config) : http_(http), config_(std::move(config)) {}

    async::Task<Answer> stream(const Request& request, const PieceSink& sink) override {
        std::string path = "/model/" + percent_encoded(request.model) + "/converse-stream";
        Peer peer = peer_of(config_, request.model, url_below(config_, path));
        Json body = bedrock_body(request);
        http::Request post =
            json_post(peer, config_, dump_json(body), "application/vnd.amazon.eventstream");
        authorize_for_bedrock(post, config_);
        BedrockStream answer(peer, sink, request.messages.size());
        BodyOfMessages reader(answer);
        std::optional<Failure> broken = co_await exchange(http_, std::move(post), peer, reader);
        co_return answer.finish(std::move(broken));
    }

private:
    http::Http& http_;
    ProviderConfig config_;
};

}  // namespace

void authorize_for_bedrock(http::Request& request, const ProviderConfig& config) {
    if (!config.api_key.empty()) return add_header(request, bearer_header(config));
    if (config.aws.secret_access_key.empty()) return;  // a gateway that needs none
    sign_for_aws(request, config.aws, {config.region, "bedrock"}, SystemClock().now());
}

Json bedrock_body(const Request& request) {
    bool is_claude = is_of(request, "anthropic.");
    bool caches = is_claude || is_of(request, "amazon.nova");
    Json body = {{"messages", messages_of(request, caches)}};
    if (!request.system.empty()) {
        body["system"] = Json::array({{{"text", request.system}}});
        if (caches) body["system"].push_back(cache_point());
    }
    std::int64_t output = request.max_output_tokens;
    if (output > 0) body["inferenceConfig"] = {{"maxTokens", output}};
    if (output <= 0 && is_claude) body["inferenceConfig"] = {{"maxTokens", usual_output_tokens}};
    if (Json tools = tools_of(request); !tools.empty()) {
        if (is_claude) tools.push_back(cache_point());
        body["toolConfig"] = {{"tools", std::move(tools)}};
    }
    set_fields_of_maker(body, request);
    return body;
}

std::unique_ptr<Provider> bedrock_provider(http::Http& http, ProviderConfig config) {
    return std::make_unique<Bedrock>(http, std::move(config));
}

}  // namespace thole::model
