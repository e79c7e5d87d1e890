#include "base/fields.hpp"

#include <algorithm>
#include <cmath>

#include "base/json.hpp"

namespace thole {

namespace {

const Json& empty_array() {
    static const Json empty = Json::array();
    return empty;
}

const Json& empty_object() {
    static const Json empty = Json::object();
    return empty;
}

std::string listed(std::initializer_list<std::string_view> names) {
    std::string out;
    for (std::string_view name : names) {
        if (!out.empty()) out += ", ";
        out += name;
    }
    return out;
}

std::string bounds(std::int64_t min, std::int64_t max) {
    if (max == Fields::highest) return "at least " + std::to_string(min);
    if (min == Fields::lowest) return "at most " + std::to_string(max);
    return "between " + std::to_string(min) + " and " + std::to_string(max);
}

std::string with_article(std::string_view noun) {
    bool vowel = noun.starts_with('a') || noun.starts_with('i') || noun.starts_with('o');
    return (vowel ? "an " : "a ") + std::string(noun);
}

}  // namespace

Fields::Fields(const Json& object, std::string path) : object_(object), path_(std::move(path)) {
    if (object.is_object() || object.is_null()) return;
    error_ = fail(Code::invalid_argument,
                  path_ + ": expected an object, got " + std::string(object.type_name()));
}

std::string Fields::path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void Fields::fail_at(std::string_view key, std::string_view what) {
    if (error_) return;
    error_ = fail(Code::invalid_argument, path_of(key) + ": " + std::string(what));
}

void Fields::merge(const Fields& part) {
    if (!error_) error_ = part.error_;
}

Result<void> Fields::finish() const {
    if (error_) return *error_;
    return {};
}

bool Fields::wrong_type(std::string_view key, std::string_view expected, const Json& got) {
    fail_at(key, "expected " + with_article(expected) + ", got " + got.type_name());
    return false;
}

// Null when it is absent; an absent required member is an error.
const Json* Fields::present(std::string_view key, bool required, std::string_view expected) {
    const Json& value = member(object_, key);
    if (!value.is_null()) return &value;
    if (required) fail_at(key, "is missing; expected " + with_article(expected));
    return nullptr;
}

std::optional<std::string> Fields::read_text(std::string_view key, bool required) {
    const Json* value = present(key, required, "string");
    if (!value) return std::nullopt;
    if (!value->is_string()) {
        wrong_type(key, "string", *value);
        return std::nullopt;
    }
    return value->get_ref<const std::string&>();
}

std::string Fields::text(std::string_view key) {
    return read_text(key, true).value_or("");
}

std::string Fields::text_or(std::string_view key, std::string fallback) {
    return read_text(key, false).value_or(std::move(fallback));
}

std::optional<std::string> Fields::optional_text(std::string_view key) {
    return read_text(key, false);
}

std::vector<std::string> Fields::read_texts(std::string_view key, bool required) {
    const Json* value = present(key, required, "array");
    std::vector<std::string> out;
    if (!value) return out;
    if (!value->is_array()) {
        wrong_type(key, "array", *value);
        return out;
    }
    for (std::size_t i = 0; i < value->size(); ++i) {
        const Json& item = (*value)[i];
        std::string place = std::string(key) + "[" + std::to_string(i) + "]";
        if (!item.is_string() && !wrong_type(place, "string", item)) return {};
        out.push_back(item.get<std::string>());
    }
    return out;
}

std::vector<std::string> Fields::texts(std::string_view key) {
    return read_texts(key, true);
}

std::vector<std::string> Fields::optional_texts(std::string_view key) {
    return read_texts(key, false);
}

std::optional<std::int64_t> Fields::read_integer(std::string_view key, bool required) {
    const Json* value = present(key, required, "integer");
    if (!value) return std::nullopt;
    bool too_big = value->is_number_unsigned() &&
                   value->get<std::uint64_t>() > static_cast<std::uint64_t>(highest);
    if (value->is_number_integer() && !too_big) return value->get<std::int64_t>();
    double number = value->is_number() ? value->get<double>() : std::nan("");
    // Beyond 2^53 a double is no longer the number that was written.
    if (!too_big && number == std::floor(number) && std::fabs(number) <= 9007199254740992.0) {
        return static_cast<std::int64_t>(number);
    }
    if (value->is_number()) {
        fail_at(key, "expected an integer, got " + value->dump());
    } else {
        wrong_type(key, "integer", *value);
    }
    return std::nullopt;
}

std::int64_t Fields::integer(std::string_view key, std::int64_t min, std::int64_t max) {
    present(key, true, "integer");
    return optional_integer(key, min, max).value_or(0);
}

std::optional<std::int64_t> Fields::optional_integer(std::string_view key, std::int64_t min,
                                                     std::int64_t max) {
    std::optional<std::int64_t> value = read_integer(key, false);
    if (value && (*value < min || *value > max)) {
        fail_at(key, "must be " + bounds(min, max) + ", got " + std::to_string(*value));
        return std::nullopt;
    }
    return value;
}

std::optional<double> Fields::optional_number(std::string_view key) {
    const Json* value = present(key, false, "number");
    if (!value) return std::nullopt;
    if (value->is_number()) return value->get<double>();
    wrong_type(key, "number", *value);
    return std::nullopt;
}

bool Fields::flag(std::string_view key, bool fallback) {
    const Json* value = present(key, false, "boolean");
    if (!value) return fallback;
    if (value->is_boolean()) return value->get<bool>();
    wrong_type(key, "boolean", *value);
    return fallback;
}

std::optional<std::string> Fields::optional_one_of(std::string_view key,
                                                   std::initializer_list<std::string_view> legal) {
    std::optional<std::string> value = read_text(key, false);
    if (!value || std::find(legal.begin(), legal.end(), *value) != legal.end()) return value;
    fail_at(key, "must be one of " + listed(legal) + ", got '" + *value + "'");
    return std::nullopt;
}

std::string Fields::one_of(std::string_view key, std::initializer_list<std::string_view> legal) {
    present(key, true, "string");
    return optional_one_of(key, legal).value_or("");
}

const Json& Fields::optional_array(std::string_view key) {
    const Json* value = present(key, false, "array");
    if (value && value->is_array()) return *value;
    if (value) wrong_type(key, "array", *value);
    return empty_array();
}

const Json& Fields::optional_object(std::string_view key) {
    const Json* value = present(key, false, "object");
    if (value && value->is_object()) return *value;
    if (value) wrong_type(key, "object", *value);
    return empty_object();
}

const Json& Fields::array(std::string_view key) {
    present(key, true, "array");
    return optional_array(key);
}

const Json& Fields::object(std::string_view key) {
    present(key, true, "object");
    return optional_object(key);
}

const Json& Fields::any(std::string_view key) const {
    return member(object_, key);
}

bool Fields::has(std::string_view key) const {
    return !any(key).is_null();
}

void Fields::only(std::initializer_list<std::string_view> known) {
    if (!object_.is_object()) return;
    for (auto item = object_.begin(); item != object_.end(); ++item) {
        if (std::find(known.begin(), known.end(), item.key()) != known.end()) continue;
        fail_at(item.key(), "is not known here; known are " + listed(known));
        return;
    }
}

}  // namespace thole
