#include "base/json.hpp"

namespace nlohmann {
template class basic_json<>;
}

namespace thole {

namespace {

// Deeper values overflow the stack where they are copied or written.
constexpr int deepest = 512;

bool is_too_deep(std::string_view text) {
    if (text.size() <= deepest) return false;
    int depth = 0;
    bool is_in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '"') is_in_string = !is_in_string;
        if (is_in_string && c == '\\') ++i;
        if (is_in_string) continue;
        if (c == ']' || c == '}') --depth;
        bool opens = c == '[' || c == '{';
        if (opens && ++depth > deepest) return true;
    }
    return false;
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
    if (is_too_deep(text)) return fail(Code::corrupt, "the JSON is nested over 512 levels deep");
    try {
        return Json::parse(text);
    } catch (const Json::exception& e) {
        return fail(Code::corrupt, e.what());
    }
}

std::string dump_json(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& member(const Json& object, std::string_view key) {
    static const Json null;
    if (!object.is_object()) return null;
    auto found = object.find(key);
    return found == object.end() ? null : *found;
}

std::string text_member(const Json& object, std::string_view key) {
    const Json& value = member(object, key);
    return value.is_string() ? value.get_ref<const std::string&>() : std::string();
}

}  // namespace thole
