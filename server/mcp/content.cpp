#include "mcp/content.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::mcp {
namespace {

constexpr std::size_t longest_text = 4U << 20U;
constexpr std::size_t longest_image = 4U << 20U;  // of base64
constexpr std::size_t longest_images = 12U << 20U;
constexpr std::size_t most_blocks = 50;

struct ImageKind {
    std::string_view type, begin;
};
constexpr std::array<ImageKind, 4> image_kinds{{{"image/png", "\x89PNG"},
                                                {"image/jpeg", "\xff\xd8\xff"},
                                                {"image/gif", "GIF8"},
                                                {"image/webp", "RIFF"}}};

// "" unless it is an image that model APIs take, whatever the server calls it.
std::string image_type(const std::string& data) {
    Result<std::string> bytes = base64_decode(data);
    if (!bytes || bytes->size() < 16) return {};
    for (const ImageKind& kind : image_kinds) {
        if (bytes->starts_with(kind.begin)) return std::string(kind.type);
    }
    return {};
}

class Collector {
public:
    // `for_people`: they are shown the blocks, of which the model only reads images.
    explicit Collector(bool for_people) : for_people_(for_people) {}

    void add(const Json& block) {
        std::string type = text_member(block, "type");
        if (type == "text") {
            say(text_member(block, "text"));
        } else if (type == "image") {
            add_image(text_member(block, "data"), text_member(block, "mimeType"));
        } else if (type == "audio") {
            add_audio(text_member(block, "data"), text_member(block, "mimeType"));
        } else if (type == "resource_link") {
            add_link(block);
        } else if (type == "resource") {
            add_resource(member(block, "resource"));
        } else {
            remark(type.empty() ? "content" : type, text_member(block, "data").size());
        }
    }

    void add_resource(const Json& resource) {
        std::string uri = one_line(text_member(resource, "uri"), 1000);
        std::string type = text_member(resource, "mimeType");
        std::string blob = text_member(resource, "blob");
        if (blob.empty()) {
            std::string text = text_member(resource, "text");
            say("<resource uri=\"" + replace_all(uri, "\"", "%22") + "\">\n" + text +
                "\n</resource>");
        } else {
            say("resource " + uri + ":");
            add_image(blob, type);
        }
    }

    bool has_text() const { return !text_.empty(); }
    void say(std::string_view text) {
        if (text.empty() || is_full_) return;
        if (!text_.empty() && text_.back() != '\n') text_ += '\n';
        std::string_view part = clip_utf8(text, longest_text - std::min(longest_text, said_));
        text_ += to_valid_utf8(part);
        said_ += text.size();
        is_full_ = part.size() < text.size();
        if (!is_full_) return;
        text_ += "\n[" + std::to_string(text.size() - part.size()) +
                 " more bytes, and what comes after them, are left out]";
    }
    // Text that has been said since the last time.
    std::string take_text() { return std::exchange(text_, {}); }
    Json& blocks() { return blocks_; }

    Content finish() {
        Content content{std::move(text_), {}};
        if (!blocks_.empty()) content.blocks = JsonValue(std::move(blocks_));
        return content;
    }

private:
    void remark(const std::string& what, std::size_t bytes) {
        say("[" + one_line(what, 100) + ", " + std::to_string(bytes) + " bytes, not shown]");
    }

    void add_image(const std::string& data, const std::string& claimed) {
        std::string type = data.size() > longest_image ? std::string() : image_type(data);
        bool fits = images_ + data.size() <= longest_images && blocks_.size() < most_blocks;
        if (type.empty() || !fits) return remark(claimed.empty() ? "image" : claimed, data.size());
        images_ += data.size();
        blocks_.push_back({{"type", "image"}, {"mimeType", type}, {"data", data}});
    }

    // For people: no model API takes it from a tool.
    void add_audio(const std::string& data, const std::string& claimed) {
        std::string type = one_line(to_valid_utf8(claimed), 100);
        remark(type.empty() ? "audio" : type, data.size());
        bool fits = data.size() <= longest_image && images_ + data.size() <= longest_images &&
                    blocks_.size() < most_blocks && for_people_;
        bool is_audio = type.starts_with("audio/") && base64_decode(data).has_value();
        if (!fits || !is_audio || data.empty()) return;
        images_ += data.size();
        blocks_.push_back({{"type", "audio"}, {"mimeType", type}, {"data", data}});
    }

    void add_link(const Json& link) {
        std::string uri = one_line(text_member(link, "uri"), 1000);
        std::string name = one_line(text_member(link, "name"), 200);
        std::string about = one_line(text_member(link, "description"), 400);
        if (name.empty()) name = uri;
        say("[resource " + name + ": " + uri + (about.empty() ? "" : " (" + about + ")") + "]");
        if (uri.empty() || blocks_.size() >= most_blocks) return;
        Json block{{"type", "resource_link"}, {"uri", uri}, {"name", name}};
        std::string type = one_line(text_member(link, "mimeType"), 100);
        if (!type.empty()) block["mimeType"] = type;
        blocks_.push_back(std::move(block));
    }

    bool for_people_;
    std::string text_;
    Json blocks_ = Json::array();
    std::size_t said_ = 0, images_ = 0;
    bool is_full_ = false;
};

}  // namespace

Content content_of_result(const Json& result) {
    Collector collector(true);
    const Json& content = member(result, "content");
    if (content.is_array()) {
        for (const Json& block : content) collector.add(block);
    }
    const Json& structured = member(result, "structuredContent");
    if (!collector.has_text() && !structured.is_null()) collector.say(dump_json(structured));
    return collector.finish();
}

JsonValue blocks_of_prompt(const Json& result) {
    Collector collector(false);
    Json blocks = Json::array();
    const Json& messages = member(result, "messages");
    if (messages.is_array()) {
        for (const Json& message : messages) {
            bool is_model = text_member(message, "role") == "assistant";
            if (is_model) collector.say("[as if you had answered:]");
            const Json& content = member(message, "content");
            if (content.is_array()) {
                for (const Json& block : content) collector.add(block);
            } else {
                collector.add(content);
            }
            std::string text = collector.take_text();
            if (!text.empty()) blocks.push_back({{"type", "text"}, {"text", text}});
        }
    }
    for (Json& block : collector.blocks()) blocks.push_back(std::move(block));
    if (blocks.empty()) blocks.push_back({{"type", "text"}, {"text", "(an empty prompt)"}});
    return JsonValue(std::move(blocks));
}

Content content_of_resource(const Json& result) {
    Collector collector(false);
    const Json& contents = member(result, "contents");
    if (contents.is_array()) {
        for (const Json& one : contents) collector.add_resource(one);
    }
    return collector.finish();
}

std::string wanted_addresses(const Json& error_data) {
    const Json& list = member(error_data, "elicitations");
    if (!list.is_array()) return {};
    std::string text;
    for (const Json& one : list) {
        std::string url = one_line(text_member(one, "url"), 1000);
        if (!url.empty()) text += " " + url;
    }
    return text.empty() ? text : "The user has to open this first and then ask again:" + text;
}

}  // namespace thole::mcp
