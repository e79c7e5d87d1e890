#include "acp/content.hpp"

#include <algorithm>

#include "base/fields.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::acp {

namespace {

constexpr std::size_t shown_limit = 4 * 1024 * 1024;

void check_resource(Fields& fields) {
    Fields resource(fields.object("resource"), fields.path_of("resource"));
    resource.text("uri");
    if (!resource.optional_text("text") && !resource.optional_text("blob")) {
        resource.fail_at("text", "a resource needs text or blob");
    }
    fields.merge(resource);
}

Result<void> check_block(const Json& block, const std::string& path) {
    Fields fields(block, path);
    std::string type = fields.text("type");
    if (type == "text") {
        fields.text("text");
    } else if (type == "resource_link") {
        fields.text("uri");
    } else if (type == "image") {
        fields.text("data");
        fields.text("mimeType");
    } else if (type == "resource") {
        check_resource(fields);
    } else if (fields.ok()) {
        fields.fail_at("type", "content of type '" + one_line(type, 40) +
                                   "' is not supported; text, resource_link, image and resource "
                                   "are");
    }
    return fields.finish();
}

}  // namespace

Result<Prompt> read_prompt(const Json& blocks) {
    if (!blocks.is_array() || blocks.empty()) {
        return fail(Code::invalid_argument, "params.prompt: expected at least one content block");
    }
    Prompt prompt;
    bool has_text = false;
    for (std::size_t at = 0; at < blocks.size(); ++at) {
        Result<void> checked = check_block(blocks[at], "params.prompt[" + std::to_string(at) + "]");
        if (!checked) return checked.error();
        if (text_member(blocks[at], "type") != "text") continue;
        std::string text = text_member(blocks[at], "text");
        if (!has_text && text.starts_with("/")) prompt.command = text;
        if (has_text) prompt.text += '\n';
        prompt.text += text;
        has_text = true;
    }
    if (blocks.size() > 1 || !has_text) prompt.blocks = JsonValue(blocks);
    return prompt;
}

Json text_block(std::string_view text) {
    return Json{{"type", "text"}, {"text", std::string(text)}};
}

Json tool_content(Json block) {
    return Json{{"type", "content"}, {"content", std::move(block)}};
}

std::string fenced(std::string_view text) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    std::string fence(std::max<std::size_t>(3, longest + 1), '`');
    std::string out = fence + "\n" + std::string(text);
    if (!out.ends_with('\n')) out += '\n';
    return out + fence;
}

Json shown_block(const Json& block) {
    std::string type = text_member(block, "type");
    if (type.empty()) return text_block("[content that cannot be shown]");
    std::size_t bytes = dump_json(block).size();
    if (bytes <= shown_limit) return block;
    if (type == "text") {
        std::string text = text_member(block, "text");
        return text_block(std::string(clip_utf8(text, shown_limit / 4)) + "\n… [of " +
                          std::to_string(text.size()) + " bytes]");
    }
    return text_block("[" + type + " of " + std::to_string(bytes) + " bytes, not shown]");
}

}  // namespace thole::acp
