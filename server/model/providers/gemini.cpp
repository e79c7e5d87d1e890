#include "model/providers/gemini.hpp"

#include <charconv>
#include <map>

#include "base/json.hpp"
#include "model/providers/exchange.hpp"
#include "model/providers/gemini_schema.hpp"
#include "model/providers/gemini_stream.hpp"
#include "model/providers/history.hpp"

namespace thole::model {

namespace {

using Texts = std::map<std::string, std::string, std::less<>>;

// What the API takes for a signature of a call that another model has made.
constexpr std::string_view no_signature = "skip_thought_signature_validator";

// "gemini-3.1-pro-preview" → 3.1; 0 for others.
double generation(std::string_view model) {
    constexpr std::string_view family = "gemini-";
    if (!model.starts_with(family)) return 0;
    model.remove_prefix(family.size());
    double number = 0;
    std::from_chars(model.data(), model.data() + model.size(), number, std::chars_format::fixed);
    return number;
}

Json image_part(const Image& image) {
    return {{"inlineData", {{"mimeType", image.mime_type}, {"data", image.base64}}}};
}

// The signatures of a message, by the call that each came with.
Texts call_signatures(const Message& message) {
    Texts found;
    for (const Block& block : message.blocks) {
        const auto* thought = std::get_if<Thought>(&block);
        if (thought == nullptr) continue;
        std::optional<GeminiSignature> ours = gemini_signature(*thought);
        if (ours && !ours->call_id.empty()) found.emplace(ours->call_id, ours->signature);
    }
    return found;
}

// Of one message the parts. `with_thoughts`: it belongs to the tool round that is continued, where
// the API wants a signature with the first call of each message.
class PartWriter {
public:
    PartWriter(const Message& message, bool with_thoughts, bool is_from_3_on)
        : message_(message),
          with_thoughts_(with_thoughts),
          is_from_3_on_(is_from_3_on),
          signatures_(call_signatures(message)) {}

    Json write(const Texts& names) {
        for (const Block& block : message_.blocks) {
            const auto* result = std::get_if<ToolResult>(&block);
            if (result == nullptr) continue;
            auto name = names.find(result->id);
            write_result(*result, name == names.end() ? "unknown" : name->second);
        }
        for (Json& image : images_of_results_) parts_.push_back(std::move(image));
        for (const Block& block : message_.blocks) {
            const auto* text = std::get_if<Text>(&block);
            if (text != nullptr && !is_blank(text->text)) parts_.push_back({{"text", text->text}});
            if (const auto* image = std::get_if<Image>(&block)) {
                parts_.push_back(image_part(*image));
            }
            if (const auto* call = std::get_if<ToolCall>(&block)) write_call(*call);
            const auto* thought = std::get_if<Thought>(&block);
            if (thought != nullptr && with_thoughts_) write_thought(*thought);
        }
        return std::move(parts_);
    }

private:
    void write_call(const ToolCall& call) {
        Json part = {
            {"functionCall", {{"id", call.id}, {"name", call.name}, {"args", *call.input}}}};
        auto own = signatures_.find(call.id);
        if (with_thoughts_ && own != signatures_.end()) {
            part["thoughtSignature"] = own->second;
        } else if (with_thoughts_ && is_from_3_on_ && is_first_call_) {
            part["thoughtSignature"] = no_signature;
        }
        is_first_call_ = false;
        parts_.push_back(std::move(part));
    }
    // Before Gemini 3 images cannot be inside of results: they follow them as parts of their own.
    void write_result(const ToolResult& result, const std::string& name) {
        Json response = {{result.is_error ? "error" : "output", result.text}};
        Json written = {{"id", result.id}, {"name", name}, {"response", std::move(response)}};
        for (const Image& image : result.images) {
            Json& images = is_from_3_on_ ? written["parts"] : images_of_results_;
            images.push_back(image_part(image));
        }
        parts_.push_back({{"functionResponse", std::move(written)}});
    }
    // The signature of a text stands in an empty one after it.
    void write_thought(const Thought& thought) {
        std::optional<GeminiSignature> ours = gemini_signature(thought);
        if (!ours || !ours->call_id.empty()) return;
        parts_.push_back({{"text", ""}, {"thoughtSignature", ours->signature}});
    }

    const Message& message_;
    bool with_thoughts_, is_from_3_on_;
    bool is_first_call_ = true;
    Texts signatures_;
    Json parts_ = Json::array();
    Json images_of_results_ = Json::array();
};

Json contents_of(const Request& request) {
    Json contents = Json::array();
    Texts names;  // of the calls so far
    std::size_t round = tool_round_start(request.messages);
    bool is_from_3_on = generation(request.model) >= 3;
    for (std::size_t i = 0; i < request.messages.size(); ++i) {
        const Message& message = request.messages[i];
        for (const Block& block : message.blocks) {
            if (const auto* call = std::get_if<ToolCall>(&block)) names[call->id] = call->name;
        }
        Json parts = PartWriter(message, i >= round, is_from_3_on).write(names);
        if (parts.empty()) continue;
        bool is_user = message.role == Message::Role::user;
        contents.push_back({{"role", is_user ? "user" : "model"}, {"parts", std::move(parts)}});
    }
    return contents;
}

Json tools_of(const Request& request) {
    Json functions = Json::array();
    for (const ToolSpec& tool : request.tools) {
        functions.push_back({{"name", tool.name},
                             {"description", tool.description},
                             {"parametersJsonSchema", gemini_schema(*tool.schema)}});
    }
    return Json::array({{{"functionDeclarations", std::move(functions)}}});
}

std::int64_t budget_of(std::string_view model, ThoughtLevel level) {
    switch (level) {
        case ThoughtLevel::off:  // Pro cannot be stopped from thinking
            return model.find("pro") != std::string_view::npos ? 128 : 0;
        case ThoughtLevel::low:
            return 4096;
        case ThoughtLevel::medium:
            return 10000;
        case ThoughtLevel::high:
            return 24000;
    }
    return 0;
}

std::string_view level_word(ThoughtLevel level) {
    if (level == ThoughtLevel::high) return "HIGH";
    return level == ThoughtLevel::medium ? "MEDIUM" : "LOW";
}

// From 3 on by levels, of which all models but the first know these; 2.5 by a budget of tokens.
Json thinking_of(const Request& request) {
    ThoughtLevel level = request.thought_level;
    double number = generation(request.model);
    if (number < 2.5 && level == ThoughtLevel::off) return {};
    Json thinking = {{"includeThoughts", level != ThoughtLevel::off}};
    if (number >= 3 || number == 0) {
        bool lacks_medium = request.model.starts_with("gemini-3-pro");
        if (level == ThoughtLevel::medium && lacks_medium) level = ThoughtLevel::high;
        thinking["thinkingLevel"] = level_word(level);
    } else {
        thinking["thinkingBudget"] = budget_of(request.model, level);
    }
    return thinking;
}

class Gemini final : public Provider {
public:
    Gemini(http::Http& http, ProviderConfig config) : http_(http), config_(std::move(config)) {}

    async::Task<Answer> stream(const Request& request, const PieceSink& sink) override {
        Peer peer = peer_of(config_, request.model, url(request.model));
        std::string body = gemini_body(request, tools_);
        http::Request post = json_post(peer, config_, std::move(body));
        add_header(post, {"x-goog-api-key", config_.api_key});
        GeminiStream answer(peer, sink, request.messages.size());
        co_return co_await answered(http_, std::move(post), peer, answer);
    }

private:
    std::string url(const std::string& model) const {
        return gemini_base(config_) + "/models/" + percent_encoded(model) +
               ":streamGenerateContent?alt=sse";
    }

    http::Http& http_;
    ProviderConfig config_;
    ToolsText tools_;
};

}  // namespace

std::string gemini_body(const Request& request, ToolsText& tools) {
    Json body = {{"contents", contents_of(request)}};
    if (!request.system.empty()) {
        body["systemInstruction"] = {{"parts", Json::array({{{"text", request.system}}})}};
    }
    Json generation = Json::object();
    if (request.max_output_tokens > 0) generation["maxOutputTokens"] = request.max_output_tokens;
    if (Json thinking = thinking_of(request); !thinking.empty()) {
        generation["thinkingConfig"] = std::move(thinking);
    }
    if (!generation.empty()) body["generationConfig"] = std::move(generation);
    return tools.add_to(body, request, tools_of);
}

std::unique_ptr<Provider> gemini_provider(http::Http& http, ProviderConfig config) {
    return std::make_unique<Gemini>(http, std::move(config));
}

}  // namespace thole::model
