#include "base/json.hpp"

namespace nlohmann {
template class basic_json<>;
}

namespace thole {

Result<Json> parse_json(std::string_view text) {
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
