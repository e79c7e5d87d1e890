#include "model/providers/gemini_schema.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace thole::model {

namespace {

template <std::size_t size>
using Words = std::array<std::string_view, size>;

constexpr Words<13> plain{"$id",     "$ref",        "$anchor", "type",     "format",
                          "title",   "description", "enum",    "minItems", "maxItems",
                          "minimum", "maximum",     "required"};
constexpr Words<2> with_schema{"items", "additionalProperties"};
constexpr Words<3> with_list{"anyOf", "oneOf", "prefixItems"};
constexpr Words<2> with_names{"properties", "$defs"};

template <std::size_t size>
bool is_of(const Words<size>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

Json each(const Json& schemas) {
    Json made = schemas;
    if (!schemas.is_structured()) return made;
    for (Json& one : made) one = gemini_schema(one);
    return made;
}

}  // namespace

Json gemini_schema(const Json& schema) {
    if (!schema.is_object()) return schema;
    Json made = Json::object();
    for (const auto& [key, value] : schema.items()) {
        if (is_of(plain, key)) made[key] = value;
        if (is_of(with_schema, key)) made[key] = gemini_schema(value);
        if (is_of(with_list, key) || is_of(with_names, key)) made[key] = each(value);
        if (key == "const") made["enum"] = Json::array({value});
    }
    return made;
}

}  // namespace thole::model
