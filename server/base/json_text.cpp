#include "base/json_text.hpp"

#include <array>

#include "base/text.hpp"

namespace thole {
namespace {

// The bytes that stand for themselves; every character of what is sent and kept is looked up here.
constexpr std::array<bool, 256> plain_bytes = [] {
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x20; byte < 0x7f; ++byte) plain[byte] = byte != '"' && byte != '\\';
    return plain;
}();

bool is_plain(char c) {
    return plain_bytes[static_cast<unsigned char>(c)];
}

void append_special(std::string& out, char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    constexpr std::string_view short_forms = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (std::size_t at = 0; at < short_forms.size(); at += 2) {
        if (short_forms[at] != c) continue;
        out += '\\';
        out += short_forms[at + 1];
        return;
    }
    auto byte = static_cast<unsigned char>(c);
    out += "\\u00";
    out += hex[byte >> 4];
    out += hex[byte & 15];
}

}  // namespace

bool append_escaped(std::string& out, std::string_view text) {
    bool is_exact = true;
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = at;
        while (end < text.size() && is_plain(text[end])) ++end;
        out.append(text.substr(at, end - at));
        at = end;
        if (at == text.size()) break;
        if (static_cast<unsigned char>(text[at]) < 0x80) {
            append_special(out, text[at++]);
            continue;
        }
        std::size_t length = utf8_sequence_length(text.substr(at));
        is_exact = is_exact && length > 0;
        out.append(length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(at, length));
        at += length == 0 ? 1 : length;
    }
    return is_exact;
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    append_escaped(out, text);
    out += '"';
    return out;
}

}  // namespace thole
