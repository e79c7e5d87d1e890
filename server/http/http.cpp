#include "http/http.hpp"

#include <algorithm>

namespace thole::http {

namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string Response::header(std::string_view name) const {
    for (const auto& [known, value] : headers) {
        if (is_same_name(known, name)) return value;
    }
    return {};
}

}  // namespace thole::http
