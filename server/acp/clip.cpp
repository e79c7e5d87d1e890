#include "acp/clip.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::acp {

namespace {

constexpr std::size_t string_limit = 16 * 1024;
constexpr std::size_t object_limit = 60 * 1024;
constexpr std::size_t member_limit = 4 * 1024;
constexpr std::size_t whole_file_limit = 256 * 1024;
constexpr std::size_t region_limit = 1024 * 1024;
constexpr int context_lines = 20;

std::string omitted(std::size_t bytes) {
    return "[" + std::to_string(bytes) + " bytes left out]";
}

void clip_strings(Json& value, std::size_t limit) {
    if (value.is_string()) {
        std::string& text = value.get_ref<std::string&>();
        if (text.size() <= limit) return;
        std::size_t size = text.size();
        text = std::string(clip_utf8(text, limit));
        text += "\n… " + omitted(size - text.size());
        return;
    }
    if (!value.is_structured()) return;
    for (Json& item : value) clip_strings(item, limit);
}

}  // namespace

std::string clip_front(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) return to_valid_utf8(text);
    std::string_view end = clip_utf8_front(text, max_bytes);
    return "[earlier output left out] …\n" + to_valid_utf8(end);
}

std::string clip_back(std::string_view text, std::size_t max_bytes, std::string_view where) {
    if (text.size() <= max_bytes) return to_valid_utf8(text);
    std::string_view begin = clip_utf8(text, max_bytes);
    std::size_t line = begin.rfind('\n');
    if (line != begin.npos && line >= begin.size() / 2) begin = begin.substr(0, line);
    std::string place = "all of it is in `" + std::string(where) + "`";
    return "[This is the beginning of a text of " + std::to_string(text.size()) + " bytes; " +
           place + "]\n\n" + to_valid_utf8(begin) + "\n\n… " + omitted(text.size() - begin.size()) +
           "; " + place + "\n";
}

Json clip_object(const Json& value) {
    if (!value.is_object()) return Json::object();
    std::size_t size = dump_json(value).size();
    if (size <= object_limit) return value;
    Json clipped = value;
    clip_strings(clipped, string_limit);
    if (dump_json(clipped).size() <= object_limit) return clipped;
    clip_strings(clipped, member_limit);
    for (Json& item : clipped) {
        std::size_t bytes = dump_json(item).size();
        if (bytes > 2 * member_limit) item = omitted(bytes);
    }
    if (dump_json(clipped).size() <= object_limit) return clipped;
    return Json{{"left_out", omitted(size)}};
}

namespace {

// The common lines at the start and at the end of two texts, in bytes.
struct Common {
    std::size_t head = 0;
    std::size_t tail = 0;
};

std::size_t back_by_lines(std::string_view text, std::size_t at, int lines) {
    while (at > 0 && lines > 0) {
        std::size_t before = at < 2 ? std::string_view::npos : text.rfind('\n', at - 2);
        at = before == std::string_view::npos ? 0 : before + 1;
        --lines;
    }
    return at;
}

Common common_lines(std::string_view a, std::string_view b) {
    Common common;
    std::size_t shorter = std::min(a.size(), b.size());
    std::size_t same = std::mismatch(a.begin(), a.begin() + shorter, b.begin()).first - a.begin();
    std::size_t line = same == 0 ? std::string_view::npos : a.rfind('\n', same - 1);
    common.head = line == std::string_view::npos ? 0 : line + 1;
    std::size_t rest = shorter - common.head;
    while (common.tail < rest && a[a.size() - 1 - common.tail] == b[b.size() - 1 - common.tail]) {
        ++common.tail;
    }
    // Only whole lines.
    std::size_t begin = a.find('\n', a.size() - common.tail);
    common.tail = begin == std::string_view::npos ? 0 : a.size() - begin - 1;
    return common;
}

std::string region(std::string_view text, const Common& common) {
    std::size_t begin = back_by_lines(text, common.head, context_lines);
    std::size_t end = text.size() - common.tail;
    for (int line = 0; line < context_lines && end < text.size(); ++line) {
        std::size_t next = text.find('\n', end);
        end = next == std::string_view::npos ? text.size() : next + 1;
    }
    return std::string(text.substr(begin, end - begin));
}

Json diff_item(const FileDiff& diff, std::string old_text, std::string new_text) {
    Json item{{"type", "diff"}, {"path", diff.path}, {"newText", std::move(new_text)}};
    if (!diff.created) item["oldText"] = std::move(old_text);
    if (diff.deleted) item["_meta"]["thole"]["deleted"] = true;
    if (diff.partial) item["_meta"]["thole"]["partial"] = true;
    return item;
}

}  // namespace

Json diff_content(const FileDiff& diff) {
    if (diff.old_text.size() <= whole_file_limit && diff.new_text.size() <= whole_file_limit) {
        return diff_item(diff, diff.old_text, diff.new_text);
    }
    Common common = common_lines(diff.old_text, diff.new_text);
    std::string old_part = region(diff.old_text, common);
    std::string new_part = region(diff.new_text, common);
    if (old_part.size() <= region_limit && new_part.size() <= region_limit) {
        Json item = diff_item(diff, std::move(old_part), std::move(new_part));
        item["_meta"]["thole"]["partial"] = true;
        return item;
    }
    std::string remark = "The change of `" + diff.path +
                         "` is too big to show: " + std::to_string(diff.old_text.size()) +
                         " bytes become " + std::to_string(diff.new_text.size()) + ".";
    Json text{{"type", "text"}, {"text", remark}};
    return Json{{"type", "content"}, {"content", text}};
}

}  // namespace thole::acp
