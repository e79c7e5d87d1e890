#include "base/json.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "base/json_text.hpp"

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

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 24> digits;
    auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text);
    out += '"';
}

void append_json(std::string& out, const Json& value);

void append_object(std::string& out, const Json& object) {
    char before = '{';
    for (auto member = object.begin(); member != object.end(); ++member) {
        out += std::exchange(before, ',');
        append_string(out, member.key());
        out += ':';
        append_json(out, *member);
    }
    out += before == '{' ? "{}" : "}";
}

void append_array(std::string& out, const Json& array) {
    char before = '[';
    for (const Json& one : array) {
        out += std::exchange(before, ',');
        append_json(out, one);
    }
    out += before == '[' ? "[]" : "]";
}

// What Json::dump() gives, but for U+007F, which is escaped here. In half of its time, which counts
// because the whole conversation is written for each request.
void append_json(std::string& out, const Json& value) {
    switch (value.type()) {
        case Json::value_t::object:
            return append_object(out, value);
        case Json::value_t::array:
            return append_array(out, value);
        case Json::value_t::string:
            return append_string(out, value.get_ref<const std::string&>());
        case Json::value_t::number_integer:
            return append_number(out, value.get<std::int64_t>());
        case Json::value_t::number_unsigned:
            return append_number(out, value.get<std::uint64_t>());
        default:
            out += value.dump();
    }
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
    std::string out;
    append_json(out, value);
    return out;
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
