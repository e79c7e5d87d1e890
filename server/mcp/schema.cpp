#include "mcp/schema.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::mcp {
namespace {

constexpr std::size_t longest_schema = 64 * 1024;
constexpr int deepest = 24;

using Words = std::array<std::string_view, 7>;
constexpr Words types{"string", "number", "integer", "boolean", "object", "array", "null"};

// What the value of a keyword must be.
enum class Wanted { anything, text, number, count, flag, schema, schemas, named_schemas, list };

Wanted wanted_of(std::string_view keyword) {
    struct Entry {
        std::string_view keyword;
        Wanted wanted;
    };
    static constexpr std::array entries{
        Entry{"title", Wanted::text},
        Entry{"description", Wanted::text},
        Entry{"format", Wanted::text},
        Entry{"pattern", Wanted::text},
        Entry{"$comment", Wanted::text},
        Entry{"minimum", Wanted::number},
        Entry{"maximum", Wanted::number},
        Entry{"exclusiveMinimum", Wanted::number},
        Entry{"exclusiveMaximum", Wanted::number},
        Entry{"multipleOf", Wanted::number},
        Entry{"minLength", Wanted::count},
        Entry{"maxLength", Wanted::count},
        Entry{"minItems", Wanted::count},
        Entry{"maxItems", Wanted::count},
        Entry{"minProperties", Wanted::count},
        Entry{"maxProperties", Wanted::count},
        Entry{"uniqueItems", Wanted::flag},
        Entry{"deprecated", Wanted::flag},
        Entry{"readOnly", Wanted::flag},
        Entry{"writeOnly", Wanted::flag},
        Entry{"items", Wanted::schema},
        Entry{"contains", Wanted::schema},
        Entry{"additionalProperties", Wanted::schema},
        Entry{"additionalItems", Wanted::schema},
        Entry{"propertyNames", Wanted::schema},
        Entry{"not", Wanted::schema},
        Entry{"if", Wanted::schema},
        Entry{"then", Wanted::schema},
        Entry{"else", Wanted::schema},
        Entry{"anyOf", Wanted::schemas},
        Entry{"oneOf", Wanted::schemas},
        Entry{"allOf", Wanted::schemas},
        Entry{"prefixItems", Wanted::schemas},
        Entry{"properties", Wanted::named_schemas},
        Entry{"patternProperties", Wanted::named_schemas},
        Entry{"$defs", Wanted::named_schemas},
        Entry{"definitions", Wanted::named_schemas},
        Entry{"enum", Wanted::list},
        Entry{"examples", Wanted::list},
    };
    for (const Entry& entry : entries) {
        if (entry.keyword == keyword) return entry.wanted;
    }
    return Wanted::anything;
}

bool is_schema(const Json& value) {
    return value.is_object() || value.is_boolean();
}

bool is_type(const Json& value) {
    return value.is_string() && std::find(types.begin(), types.end(),
                                          value.get_ref<const std::string&>()) != types.end();
}

// A word, or several that differ.
bool is_good_type(const Json& value) {
    if (!value.is_array()) return is_type(value);
    bool are_good = !value.empty() && std::all_of(value.begin(), value.end(), is_type);
    for (auto one = value.begin(); are_good && one != value.end(); ++one) {
        are_good = std::count(value.begin(), value.end(), *one) == 1;
    }
    return are_good;
}

// "#", "#/$defs/a": a part of the same schema that is one itself, and is kept.
bool leads_somewhere(const Json& whole, const Json& reference) {
    if (!reference.is_string()) return false;
    std::string_view path = reference.get_ref<const std::string&>();
    bool is_kept = path == "#" || path.starts_with("#/$defs/") ||
                   path.starts_with("#/definitions/") || path.starts_with("#/properties/");
    if (!is_kept) return false;
    path.remove_prefix(1);
    const Json* part = &whole;
    while (!path.empty()) {
        if (path.front() != '/') return false;
        path.remove_prefix(1);
        std::size_t end = std::min(path.find('/'), path.size());
        std::string step = replace_all(path.substr(0, end), "~1", "/");
        part = &member(*part, replace_all(step, "~0", "~"));
        path.remove_prefix(end);
    }
    return is_schema(*part);
}

bool is_usable_property(const std::string& name) {
    return !name.empty() && name.size() <= 64 &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
           });
}

class Cleaner {
public:
    explicit Cleaner(const Json& whole) : whole_(whole) {}

    Json clean(const Json& schema, int depth) const {
        if (!schema.is_object()) return schema;
        Json good = Json::object();
        if (depth > deepest) return good;
        for (const auto& [keyword, value] : schema.items()) {
            if (fits(keyword, value)) good[keyword] = cleaned(keyword, value, depth + 1);
        }
        keep_required(schema, good);
        return good;
    }

private:
    bool fits(const std::string& keyword, const Json& value) const {
        if (keyword == "$schema" || keyword == "$id" || keyword == "required") return false;
        if (keyword == "type") return is_good_type(value);
        if (keyword == "$ref") return leads_somewhere(whole_, value);
        switch (wanted_of(keyword)) {
            case Wanted::anything:
                return true;
            case Wanted::text:
                return value.is_string();
            case Wanted::number:
                return value.is_number();
            case Wanted::count:
                return value.is_number_integer() && value >= 0;
            case Wanted::flag:
                return value.is_boolean();
            case Wanted::schema:
                return is_schema(value);
            case Wanted::schemas:
                return value.is_array() && !value.empty() &&
                       std::all_of(value.begin(), value.end(), is_schema);
            case Wanted::named_schemas:
                return value.is_object();
            case Wanted::list:
                return value.is_array() && !value.empty();
        }
        return false;
    }

    Json cleaned(const std::string& keyword, const Json& value, int depth) const {
        Wanted wanted = wanted_of(keyword);
        if (wanted == Wanted::schema) return clean(value, depth);
        if (wanted == Wanted::schemas) {
            Json list = Json::array();
            for (const Json& one : value) list.push_back(clean(one, depth));
            return list;
        }
        if (wanted != Wanted::named_schemas) return value;
        Json named = Json::object();
        for (const auto& [name, one] : value.items()) {
            bool is_good = is_schema(one) && (keyword != "properties" || is_usable_property(name));
            if (is_good) named[name] = clean(one, depth);
        }
        return named;
    }

    // Of the properties that are left, each once.
    static void keep_required(const Json& schema, Json& good) {
        const Json& properties = member(good, "properties");
        Json required = Json::array();
        for (const Json& name : member(schema, "required")) {
            bool is_there =
                name.is_string() && (!properties.is_object() ||
                                     properties.contains(name.get_ref<const std::string&>()));
            bool is_new = std::find(required.begin(), required.end(), name) == required.end();
            if (is_there && is_new) required.push_back(name);
        }
        if (!required.empty()) good["required"] = std::move(required);
    }

    const Json& whole_;
};

}  // namespace

Json usable_schema(const Json& schema) {
    Json any{{"type", "object"}, {"properties", Json::object()}};
    if (!schema.is_object() || dump_json(schema).size() > longest_schema) return any;
    Json usable = Cleaner(schema).clean(schema, 0);
    for (const char* key : {"oneOf", "anyOf", "allOf", "not", "if", "then", "else", "$ref"}) {
        usable.erase(key);
    }
    // Once more, for references to what has gone.
    usable = Cleaner(usable).clean(usable, 0);
    usable["type"] = "object";
    if (!usable.contains("properties")) usable["properties"] = Json::object();
    return usable;
}

}  // namespace thole::mcp
