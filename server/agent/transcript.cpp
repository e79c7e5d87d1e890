#include "agent/transcript.hpp"

#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole {
namespace {

using Kind = ContextItem::Kind;

constexpr std::size_t newest_entries = 12;
constexpr std::size_t smallest_share = 64;

// What an entry may take when there is room for all.
std::size_t usual_size(Kind kind) {
    switch (kind) {
        case Kind::summary:
            return 64 * 1024;
        case Kind::user:
            return 32 * 1024;
        case Kind::answer:
            return 8 * 1024;
        case Kind::result:
            return 4 * 1024;
        default:
            return 1024;
    }
}

std::string in_tag(const std::string& tag, const std::string& about, const std::string& text) {
    return "<" + tag + about + ">\n" + text + "\n</" + tag + ">\n";
}

std::string prompt_text(const ContextItem& item) {
    if (item.blocks.is_absent()) return item.text;
    std::string text;
    for (const Json& block : *item.blocks) {
        std::string type = text_member(block, "type");
        const Json& held = type == "resource" ? member(block, "resource") : block;
        std::string words = text_member(held, "text");
        if (type != "text") words = "[" + type + " " + text_member(held, "uri") + "] " + words;
        text += (text.empty() ? "" : "\n") + words;
    }
    return text;
}

std::string entry(const ContextItem& item, std::size_t most) {
    std::string about = item.tool.empty() ? "" : " tool=\"" + item.tool + "\"";
    auto clipped = [most](std::string_view text) { return head_and_tail(text, most).text; };
    switch (item.kind) {
        case Kind::user:
            return in_tag("user", "", clipped(prompt_text(item)));
        case Kind::answer:
            return item.text.empty() ? "" : in_tag("assistant", "", clipped(item.text));
        case Kind::call:
            return in_tag("call", about, clipped(dump_json(*item.input)));
        case Kind::result:
            return in_tag("result", about + (item.is_error ? " failed=\"true\"" : ""),
                          clipped(item.text));
        case Kind::summary:
            return in_tag("earlier_summary", "", clipped(item.text));
        case Kind::thought:
            return "";
    }
    return "";
}

std::vector<std::string> entries(std::span<const ContextItem> items, std::size_t share) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < items.size(); ++i) {
        bool is_new = i + newest_entries >= items.size();
        std::size_t most = usual_size(items[i].kind) / share;
        texts.push_back(entry(items[i], is_new ? 2 * most : most));
    }
    return texts;
}

std::size_t size_of(const std::vector<std::string>& texts) {
    std::size_t size = 0;
    for (const std::string& text : texts) size += text.size();
    return size;
}

bool is_dear(const ContextItem& item) {
    return item.kind == Kind::user || item.kind == Kind::summary;
}

// Empties entries from the oldest on until `most` is kept; the user's words last.
void leave_out(std::vector<std::string>& texts, std::span<const ContextItem> items,
               std::size_t most) {
    std::size_t size = size_of(texts);
    for (bool also_dear : {false, true}) {
        for (std::size_t i = 0; i < texts.size() && size > most; ++i) {
            if (is_dear(items[i]) && !also_dear) continue;
            size -= texts[i].size();
            texts[i].clear();
        }
    }
}

std::string joined(const std::vector<std::string>& texts) {
    std::string text;
    for (const std::string& part : texts) text += part;
    return text;
}

}  // namespace

std::string transcript(std::span<const ContextItem> items, std::size_t most) {
    std::vector<std::string> texts;
    for (std::size_t share = 1; share <= smallest_share; share *= 2) {
        texts = entries(items, share);
        if (size_of(texts) <= most) return joined(texts);
    }
    leave_out(texts, items, most);
    return "[messages were left out here: the conversation is too long]\n" + joined(texts);
}

}  // namespace thole
