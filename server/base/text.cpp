#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace thole {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The bounds of the second byte exclude overlong forms, surrogates and what lies above U+10FFFF.
struct Lead {
    std::size_t length;
    unsigned char second_min, second_max;
};

Lead lead_of(unsigned char first) {
    if (first < 0x80) return {1, 0, 0};
    if (first >= 0xc2 && first <= 0xdf) return {2, 0x80, 0xbf};
    if (first == 0xe0) return {3, 0xa0, 0xbf};
    if (first == 0xed) return {3, 0x80, 0x9f};
    if (first >= 0xe1 && first <= 0xef) return {3, 0x80, 0xbf};
    if (first == 0xf0) return {4, 0x90, 0xbf};
    if (first >= 0xf1 && first <= 0xf3) return {4, 0x80, 0xbf};
    if (first == 0xf4) return {4, 0x80, 0x8f};
    return {0, 0, 0};
}

std::size_t ascii_run(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && static_cast<unsigned char>(text[end]) < 0x80) ++end;
    return end - at;
}

// Where the first byte lies that belongs to no valid sequence, from `at` on.
std::size_t first_bad_byte(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        at += ascii_run(text, at);
        if (at == text.size()) break;
        std::size_t length = utf8_sequence_length(text.substr(at));
        if (length == 0) break;
        at += length;
    }
    return at;
}

}  // namespace

std::size_t utf8_sequence_length(std::string_view text) {
    if (text.empty()) return 0;
    Lead lead = lead_of(static_cast<unsigned char>(text[0]));
    if (lead.length < 2) return lead.length;
    if (text.size() < lead.length) return 0;
    auto second = static_cast<unsigned char>(text[1]);
    if (second < lead.second_min || second > lead.second_max) return 0;
    for (std::size_t i = 2; i < lead.length; ++i) {
        if (!is_continuation(text[i])) return 0;
    }
    return lead.length;
}

bool is_valid_utf8(std::string_view text) {
    return first_bad_byte(text, 0) == text.size();
}

std::string to_valid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t bad = first_bad_byte(text, at);
        out.append(text.substr(at, bad - at));
        if (bad < text.size()) out.append("\xef\xbf\xbd");
        at = bad + 1;
    }
    return out;
}

std::string_view clip_utf8(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) return text;
    std::size_t end = max_bytes;
    for (int back = 0; back < 3 && end > 0 && is_continuation(text[end]); ++back) --end;
    if (is_continuation(text[end])) end = max_bytes;  // not UTF-8: any cut is as good
    return text.substr(0, end);
}

std::string_view clip_utf8_front(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) return text;
    std::size_t begin = text.size() - max_bytes;
    std::size_t cut = begin;
    for (int ahead = 0; ahead < 3 && cut < text.size() && is_continuation(text[cut]); ++ahead) {
        ++cut;
    }
    if (cut < text.size() && is_continuation(text[cut])) cut = begin;
    return text.substr(cut);
}

HeadTail head_and_tail(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) return {std::string(text), 0};
    std::string_view head = clip_utf8(text, max_bytes / 2);
    if (std::size_t end = head.rfind('\n'); end != head.npos && end >= head.size() / 2) {
        head = head.substr(0, end + 1);
    }
    std::string_view tail = clip_utf8_front(text, max_bytes - max_bytes / 2);
    if (std::size_t end = tail.find('\n'); end != tail.npos && end < tail.size() / 2) {
        tail = tail.substr(end + 1);
    }
    std::string_view left_out = text.substr(head.size(), text.size() - head.size() - tail.size());
    std::string out(head);
    if (!out.empty() && out.back() != '\n') out += '\n';
    out += "… [" + std::to_string(count_lines(left_out)) + " lines, " +
           std::to_string(left_out.size()) + " bytes left out] …\n";
    out += tail;
    return {std::move(out), left_out.size()};
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (end != line.npos && !line.empty() && line.back() == '\r') line.remove_suffix(1);
        lines.push_back(line);
    }
    return lines;
}

std::size_t count_lines(std::string_view text) {
    auto ends = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    return ends + (!text.empty() && text.back() != '\n' ? 1 : 0);
}

std::string one_line(std::string_view text, std::size_t max_bytes) {
    std::string line;
    for (char c : trim(text)) {
        bool space = is_space(c);
        if (!space) line += c;
        if (space && line.back() != ' ') line += ' ';
        if (line.size() > max_bytes + 4) break;
    }
    if (line.size() <= max_bytes) return line;
    constexpr std::string_view ellipsis = "…";
    if (max_bytes < ellipsis.size()) return std::string(clip_utf8(line, max_bytes));
    return std::string(clip_utf8(line, max_bytes - ellipsis.size())).append(ellipsis);
}

std::string to_lower_ascii(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool starts_with_ignore_case(std::string_view text, std::string_view prefix) {
    return equals_ignore_case(text.substr(0, prefix.size()), prefix);
}

bool equals_ignore_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
    std::string out;
    for (;;) {
        std::size_t found = text.find(from);
        out += text.substr(0, found);
        if (found == text.npos) return out;
        out += to;
        text.remove_prefix(found + from.size());
    }
}

namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
}

std::array<signed char, 256> base64_values() {
    std::array<signed char, 256> values;
    values.fill(-1);
    for (std::size_t i = 0; i < base64_alphabet.size(); ++i) {
        values[static_cast<unsigned char>(base64_alphabet[i])] = static_cast<signed char>(i);
    }
    return values;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group =
            byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
        for (int shift = 18; shift >= 0; shift -= 6) out += base64_alphabet[group >> shift & 63];
    }
    if (bytes.size() % 3 != 0) out.back() = '=';
    if (bytes.size() % 3 == 1) out[out.size() - 2] = '=';
    return out;
}

Result<std::string> base64_decode(std::string_view text) {
    static const std::array<signed char, 256> values = base64_values();
    std::string out;
    std::uint32_t group = 0;
    std::size_t digits = 0, padding = 0;
    for (char c : text) {
        if (is_space(c)) continue;
        int value = values[static_cast<unsigned char>(c)];
        bool legal = c == '=' ? ++padding <= 2 : value >= 0 && padding == 0;
        if (!legal) return fail(Code::corrupt, "base64 text has a character that it cannot have");
        group = group << 6 | static_cast<std::uint32_t>(c == '=' ? 0 : value);
        if (++digits % 4 != 0) continue;
        out += static_cast<char>(group >> 16 & 255);
        out += static_cast<char>(group >> 8 & 255);
        out += static_cast<char>(group & 255);
    }
    if (digits % 4 != 0) return fail(Code::corrupt, "base64 text is cut short");
    out.resize(out.size() - padding);
    return out;
}

}  // namespace thole
