#include "journal/codec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/json_text.hpp"
#include "base/text.hpp"

namespace thole::codec {

namespace {

constexpr std::string_view blob_key = "$blob";
bool is_deeper_than(const Json& json, int levels) {
    if (!json.is_structured()) return false;
    if (levels == 0) return true;
    return std::any_of(json.begin(), json.end(),
                       [&](const Json& inner) { return is_deeper_than(inner, levels - 1); });
}

// "$blob", "$$blob", …
bool is_mark(std::string_view name) {
    const auto dollars = std::min(name.find_first_not_of('$'), name.size());
    return dollars > 0 && name.substr(dollars) == blob_key.substr(1);
}

bool holds_marks(const Json& json) {
    if (json.is_array()) return std::any_of(json.begin(), json.end(), holds_marks);
    if (!json.is_object()) return false;
    const auto items = json.items();
    return std::any_of(items.begin(), items.end(), [](const auto& item) {
        return is_mark(item.key()) || holds_marks(item.value());
    });
}

// Whether the text of `json` reads back as the same.
bool is_exact(const Json& json) {
    if (json.is_string()) return is_valid_utf8(json.get_ref<const std::string&>());
    if (json.is_number_float()) return std::isfinite(json.get<double>());
    if (json.is_array()) return std::all_of(json.begin(), json.end(), is_exact);
    if (!json.is_object()) return !json.is_binary() && !json.is_discarded();
    const auto items = json.items();
    return std::all_of(items.begin(), items.end(), [](const auto& item) {
        return is_valid_utf8(item.key()) && is_exact(item.value());
    });
}

bool is_reference(const Json& json) {
    return json.is_object() && member(json, blob_key).is_string();
}

}  // namespace

// Of an event of a later version a name may be anything.
void Writer::key(std::string_view name) {
    const auto changed = secrets_ ? secrets_->redacted(name) : std::nullopt;
    if (changed) ++hidden_in_object_;
    quoted(changed ? std::string_view(*changed) : name);
    out_ += ':';
}

void Writer::value(std::string_view text) {
    if (!secrets_ || is_exact_) return plain_text(text);
    const auto changed = secrets_->redacted(text);
    if (changed) ++hidden_in_object_;
    plain_text(changed ? std::string_view(*changed) : text);
}

void Writer::plain_text(std::string_view text) {
    const bool is_long = store_ && text.size() > limit_;
    if (is_long && !is_valid_utf8(text)) {
        is_lossy_ = true;
        return plain_text(to_valid_utf8(text));
    }
    if (!stored(text, false)) quoted(text);
}

void Writer::value(std::int64_t number) {
    out_ += std::to_string(number);
}
void Writer::value(std::uint64_t number) {
    out_ += std::to_string(number);
}

void Writer::value(double number) {
    if (!std::isfinite(number)) {
        is_lossy_ = true;
        number = 0;
    }
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    out_.append(text.data(), end);
}

void Writer::value(const JsonValue& json) {
    value(*json);
}

void Writer::value(const Json& json) {
    if (is_deeper_than(json, nesting_limit - 2)) {
        is_lossy_ = true;
        return quoted("[left out: nested too deeply]");
    }
    const auto changed = secrets_ ? hidden(json, "") : std::nullopt;
    if (changed) ++hidden_in_object_;
    plain_json(changed ? *changed : json);
}

void Writer::plain_json(const Json& json) {
    std::string text = dump_json(json);
    if (!is_exact(json)) {
        is_lossy_ = true;
        return plain_json(parse_json(text).value_or(Json()));
    }
    const bool is_long = store_ && text.size() > limit_;
    if (is_long || text.find("\"$") != std::string::npos) text = dump_json(with_references(json));
    if (!stored(text, true)) out_ += text;
}

// The tree without its secrets; nothing when it has none. Strings are looked at, not their text in
// JSON: there an escape may stand in the middle of a key.
std::optional<Json> Writer::hidden(const Json& json, std::string_view name) const {
    if (json.is_string()) {
        auto changed = secrets_->redacted_member(name, json.get_ref<const std::string&>());
        return changed ? std::optional<Json>(std::move(*changed)) : std::nullopt;
    }
    if (json.is_object()) return hidden_object(json);
    std::optional<Json> copy;
    for (std::size_t i = 0; json.is_array() && i < json.size(); ++i) {
        auto changed = hidden(json[i], name);
        if (!changed) continue;
        if (!copy) copy = json;
        (*copy)[i] = std::move(*changed);
    }
    return copy;
}

std::optional<Json> Writer::hidden_object(const Json& json) const {
    std::optional<Json> copy;
    for (const auto& [name, inner] : json.items()) {
        const auto new_name = secrets_->redacted(name);
        auto changed = hidden(inner, name);
        if (!new_name && !changed) continue;
        if (!copy) copy = json;
        if (new_name) copy->erase(name);
        (*copy)[new_name.value_or(name)] = changed ? std::move(*changed) : inner;
    }
    return copy;
}

void Writer::quoted(std::string_view text) {
    out_ += '"';
    if (!append_escaped(out_, text)) is_lossy_ = true;
    out_ += '"';
}

bool Writer::stored(std::string_view text, bool is_json) {
    if (!store_ || text.size() <= limit_) return false;
    const std::string sha256 = (*store_)(text);
    if (sha256.empty()) return false;
    out_ += R"({"$blob":")" + sha256 + R"(","size":)" + std::to_string(text.size());
    out_ += is_json ? R"(,"json":true})" : "}";
    return true;
}

Json Writer::with_references(const Json& json) {
    if (json.is_string()) {
        std::string text;
        Writer inner(text);
        if (store_) inner.store_ = store_, inner.limit_ = limit_;
        const auto& held = json.get_ref<const std::string&>();
        if (!inner.stored(held, false)) return json;
        return Json::parse(text);
    }
    if (json.is_object()) {
        Json copy = Json::object();
        for (const auto& [name, inner] : json.items()) {
            copy[is_mark(name) ? "$" + name : name] = with_references(inner);
        }
        return copy;
    }
    Json copy = json;
    if (json.is_array()) {
        for (Json& inner : copy) inner = with_references(inner);
    }
    return copy;
}

bool Reader::wrong(std::string_view wanted) {
    wanted_ = wanted;
    return false;
}

bool Reader::inside(std::string_view step) {
    const bool joins = path_.empty() || path_.front() == '[';
    path_ = std::string(step) + (joins ? "" : ".") + path_;
    return false;
}

bool Reader::value(Json& json, std::string& out) {
    if (is_reference(json)) return out = loaded(json), true;
    if (!json.is_string()) return wrong("a string");
    out = std::move(json.get_ref<std::string&>());
    return true;
}

bool Reader::value(Json& json, bool& out) {
    if (!json.is_boolean()) return wrong("true or false");
    out = json.get<bool>();
    return true;
}

bool Reader::value(Json& json, std::int64_t& out) {
    const bool fits = !json.is_number_unsigned() || json.get<std::uint64_t>() <= INT64_MAX;
    if (!json.is_number_integer() || !fits) return wrong("a whole number");
    out = json.get<std::int64_t>();
    return true;
}

bool Reader::value(Json& json, std::uint64_t& out) {
    const bool fits = json.is_number_unsigned() || (json.is_number_integer() && json >= 0);
    if (!fits) return wrong("a whole number of at least 0");
    out = json.get<std::uint64_t>();
    return true;
}

bool Reader::value(Json& json, double& out) {
    if (!json.is_number()) return wrong("a number");
    out = json.get<double>();
    return true;
}

bool Reader::value(Json& json, JsonValue& out) {
    out = holds_marks(json) ? JsonValue(resolved(json)) : JsonValue(std::move(json));
    return true;
}

std::string Reader::loaded(const Json& reference) {
    const Json& size = member(reference, "size");
    const std::int64_t bytes = size.is_number_integer() ? size.get<std::int64_t>() : -1;
    if (!load_) return dump_json(reference);
    return (*load_)(text_member(reference, blob_key), bytes);
}

Json Reader::resolved(Json& json) {
    if (is_reference(json)) {
        if (!load_) return std::move(json);
        std::string text = loaded(json);
        if (member(json, "json") != true) return text;
        if (nests_too_deeply(text)) return "[left out: nested too deeply]";
        auto tree = parse_json(text);
        return tree ? resolved(*tree) : Json(std::move(text));
    }
    if (json.is_array()) {
        for (Json& inner : json) inner = resolved(inner);
    }
    if (!json.is_object()) return std::move(json);
    Json object = Json::object();
    for (auto& [name, inner] : json.items()) {
        const bool is_escaped = is_mark(name) && name != blob_key;
        object[is_escaped ? name.substr(1) : name] = resolved(inner);
    }
    return object;
}

bool nests_too_deeply(std::string_view json) {
    int depth = 0;
    bool is_quoted = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (is_quoted && c == '\\') {
            ++i;
        } else if (c == '"') {
            is_quoted = !is_quoted;
        } else if (!is_quoted && (c == '[' || c == '{')) {
            if (++depth > nesting_limit) return true;
        } else if (!is_quoted && (c == ']' || c == '}')) {
            --depth;
        }
    }
    return false;
}

}  // namespace thole::codec
