#include "mcp/hidden.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::mcp {
namespace {

bool is_exact(std::string_view name) {
    constexpr std::array<std::string_view, 6> names{"type",       "role",         "method",
                                                    "resultType", "requestState", "nextCursor"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
    for (const std::string& secret : secrets) text = replace_all(text, secret, "[redacted]");
    return text;
}

void hide_secrets(Json& value, const std::vector<std::string>& secrets) {
    if (secrets.empty()) return;
    if (value.is_string()) {
        std::string& text = value.get_ref<std::string&>();
        text = without_secrets(std::move(text), secrets);
    } else if (value.is_array()) {
        for (Json& one : value) hide_secrets(one, secrets);
    } else if (value.is_object()) {
        for (auto& [name, one] : value.items()) {
            bool is_word = one.is_string() && is_exact(name);
            if (!is_word) hide_secrets(one, secrets);
        }
    }
}

}  // namespace thole::mcp
