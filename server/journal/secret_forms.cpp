#include "journal/secret_forms.hpp"

#include <algorithm>

#include "journal/secret_rules.hpp"

namespace thole {

namespace {

constexpr std::size_t longest_value = 2048;
constexpr std::size_t longest_block = 64 * 1024;
constexpr std::size_t longest_label = 64;
constexpr std::size_t npos = std::string_view::npos;

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool is_blank(char c) {
    return c == ' ' || c == '\t';
}
bool is_base64(char c) {
    return (is_word(c) && c != '_') || c == '+' || c == '/' || c == '=';
}

// Goes over a text from one place.
struct Cursor {
    std::string_view text;
    std::size_t at;

    char now() const { return at < text.size() ? text[at] : '\0'; }
    bool take(std::string_view wanted) {
        if (!text.substr(std::min(at, text.size())).starts_with(wanted)) return false;
        at += wanted.size();
        return true;
    }
    template <class Is>
    std::size_t skip(Is is, std::size_t most) {
        const std::size_t from = at;
        while (at < text.size() && at - from < most && is(text[at])) ++at;
        return at - from;
    }
};

// How the value is tied to the name.
enum class Tie { none, sign, flag, speech, line };

bool begins_line(std::string_view text, std::size_t at) {
    while (at > 0 && is_blank(text[at - 1])) --at;
    return at == 0 || text[at - 1] == '\n';
}

Tie tie_of(Cursor& cursor, Span word) {
    const std::string_view text = cursor.text;
    std::size_t begin = word.begin;
    while (begin > 0 && word.begin - begin < 40 &&
           (is_word(text[begin - 1]) || text[begin - 1] == '-'))
        --begin;
    const bool is_flag = text.substr(begin).starts_with("--");
    cursor.skip([](char c) { return is_word(c) || c == '-'; }, 32);
    cursor.take("\\");
    if (cursor.skip([](char c) { return c == '"' || c == '\'' || c == '`'; }, 1) > 0) {
        cursor.take("]");
    }
    const std::size_t blanks = cursor.skip(is_blank, 16);
    for (const std::string_view sign : {":=", "=>", "===", "==", "=", ":"}) {
        if (cursor.take(sign)) return Tie::sign;
    }
    if (is_flag && blanks > 0) return Tie::flag;
    if (blanks > 0 && cursor.take("is ")) return Tie::speech;
    return blanks > 0 && begins_line(text, begin) ? Tie::line : Tie::none;
}

bool is_name(std::string_view value) {
    const bool begins = !value.empty() && is_word(value.front()) && !(value.front() <= '9');
    return begins && std::all_of(value.begin(), value.end(), is_word);
}

// What stands without quotes may be code: a name, a call, a member.
bool may_be_bare(std::string_view value, char next, bool has_blank) {
    if (next == '(' || next == '[' || value.find("->") != npos || value.find("::") != npos) {
        return false;
    }
    if (value.find_first_of("({[") != npos || value.starts_with('$')) return false;
    if (value.find('.') != npos && value.size() < 40) return false;
    return !has_blank || !is_name(value) || value.size() >= 20;
}

bool is_place(std::string_view value) {
    return value.starts_with('/') || value.starts_with("./") || value.starts_with("~/") ||
           value.find("://") != npos || value.starts_with("${") || value.starts_with("<") ||
           value.starts_with("[") || value.starts_with(":") || value.starts_with("{") ||
           value.starts_with("%");
}

// b"…", r"…", f"…", @"…"
void skip_prefix(Cursor& cursor) {
    const char next = cursor.at + 1 < cursor.text.size() ? cursor.text[cursor.at + 1] : '\0';
    if (next != '"' && next != '\'') return;
    cursor.skip([](char c) { return c == 'b' || c == 'r' || c == 'f' || c == '@'; }, 1);
}

// ?token=…&next=…
bool is_of_query(std::string_view text, std::size_t at) {
    const std::size_t least = at - std::min<std::size_t>(at, 40);
    while (at > least && (is_word(text[at - 1]) || text[at - 1] == '-')) --at;
    return at > 0 && (text[at - 1] == '?' || text[at - 1] == '&');
}

// A full stop ends the sentence, not the value.
std::size_t end_of_bare(std::string_view text, std::size_t from, bool is_query) {
    const std::string_view stops =
        is_query ? " \t\r\n\"'`<>)}]&#\\\x1b" : " \t\r\n\"'`<>)}],;|\\\x1b";
    std::size_t end = std::min(text.find_first_of(stops, from), text.size());
    while (end > from && text[end - 1] == '.') --end;
    return end;
}

// The end of a quoted value, or nothing when it is no single word.
std::optional<std::size_t> end_of_quoted(std::string_view text, std::size_t from, char quote) {
    const char stops[] = {quote, ' ', '\t', '\r', '\n', '\0'};
    std::size_t end = text.find_first_of(stops, from);
    if (end == npos) return text.size();
    if (text[end] != quote) return {};
    if (end > from && text[end - 1] == '\\') --end;
    return end;
}

// Leaves out a line's number, a diff's sign, quotes and escaped line ends.
void skip_margin(Cursor& cursor) {
    const auto is_margin = [](char c) {
        return is_blank(c) || c == '\r' || c == '\n' || c == '"' || c == '\'' || c == '|' ||
               c == ':' || c == '\\' || c == ',' || c == '>' || c == '#' || c == '*' || c == '-';
    };
    cursor.skip(is_margin, 80);
    Cursor number = cursor;
    const bool has_number = number.skip([](char c) { return c >= '0' && c <= '9'; }, 7) > 0;
    if (has_number &&
        number.skip([](char c) { return is_blank(c) || c == ':' || c == '|'; }, 8) > 0) {
        cursor = number;
        cursor.skip(is_margin, 80);
    }
}

// Lines of base64 as long as there are some. An escaped "\n" leaves its n to the text.
std::size_t end_of_base64(std::string_view text, std::size_t from) {
    Cursor cursor{text, from};
    std::size_t end = from;
    while (true) {
        skip_margin(cursor);
        const std::size_t line = cursor.skip(is_base64, longest_block);
        const bool ends_block = line > 0 && text[cursor.at - 1] == '=';
        const std::string_view rest = text.substr(cursor.at);
        const bool is_cut = line > 0 && end > from && (rest.empty() || rest.starts_with("\n…"));
        if (line < 16 && !ends_block && !is_cut) return end;
        end = cursor.at;
    }
}

// Behind "-----BEGIN …PRIVATE KEY…-----" at `begin`.
std::optional<std::size_t> end_of_label(std::string_view text, std::size_t begin,
                                        std::string_view word) {
    const std::string_view label = text.substr(begin + word.size(), longest_label);
    const std::size_t end = label.find("-----");
    if (end == npos || label.substr(0, end).find("PRIVATE KEY") == npos) return {};
    return begin + word.size() + end + 5;
}

// Whether most of it is lines of base64.
bool holds_key(std::string_view body) {
    std::size_t run = 0;
    std::size_t sum = 0;
    for (const char c : body) {
        run = is_base64(c) ? run + 1 : 0;
        if (run == 24) sum += run;
        if (run > 24) ++sum;
    }
    return sum > 0 && sum * 2 >= body.size();
}

}  // namespace

std::optional<Span> assigned_secret(std::string_view text, Span word) {
    Cursor cursor{text, word.end};
    const Tie tie = tie_of(cursor, word);
    if (tie == Tie::none) return {};
    const bool has_blank = cursor.skip(is_blank, 8) > 0 && tie == Tie::sign;
    skip_prefix(cursor);
    cursor.take("\\");
    const char quote = cursor.now();
    const bool is_quoted = quote == '"' || quote == '\'' || quote == '`';
    if (is_quoted) ++cursor.at;
    const std::size_t from = cursor.at;
    if (from >= text.size()) return {};
    // A text that goes on for ever without a blank must not be gone through for each word in it.
    const std::string_view near = text.substr(0, from + longest_value + 1);
    const auto end = is_quoted ? end_of_quoted(near, from, quote)
                               : end_of_bare(near, from, is_of_query(text, word.begin));
    if (!end || *end - from > longest_value) return {};
    const std::string_view value = text.substr(from, *end - from);
    const char next = *end < text.size() ? text[*end] : '\0';
    if (is_place(value) || (!is_quoted && !may_be_bare(value, next, has_blank))) return {};
    const char first = text[word.begin];
    const bool is_for_people = first == 'p' || first == 'P';
    if (tie == Tie::line) {  // of a .netrc
        const bool ends_line = next == '\n' || next == '\r' || next == '\0';
        const bool is_one = is_for_people && ends_line && value.size() >= 6;
        return is_one && is_no_placeholder(value) ? std::optional(Span{from, *end}) : std::nullopt;
    }
    if (!is_strong(value) && !(is_for_people && is_password(value))) return {};
    return Span{from, *end};
}

std::optional<Span> private_key_from(std::string_view text, std::size_t begin) {
    const auto body = end_of_label(text, begin, "-----BEGIN");
    if (!body) return {};
    const std::size_t end = text.substr(0, begin + longest_block).find("-----", *body);
    const bool has_end = end != npos && text.substr(end).starts_with("-----END");
    const auto behind = has_end ? end_of_label(text, end, "-----END") : std::nullopt;
    if (behind && holds_key(text.substr(*body, end - *body))) return Span{begin, *behind};
    const std::size_t cut = end_of_base64(text, *body);
    return cut > *body ? std::optional(Span{begin, cut}) : std::nullopt;
}

std::optional<Span> private_key_until(std::string_view text, std::size_t end) {
    const auto behind = end_of_label(text, end, "-----END");
    if (!behind) return {};
    std::size_t begin = end;
    while (begin > 0) {
        const std::size_t newline = begin < 2 ? npos : text.rfind('\n', begin - 2);
        const std::size_t start = newline == npos ? 0 : newline + 1;
        Cursor line{text.substr(0, begin), start};
        skip_margin(line);
        const std::size_t run = line.skip(is_base64, longest_block);
        const bool is_last = begin == end && run > 0;
        if ((!is_last && run < 24) || line.at + 3 < begin) break;
        begin = start;
    }
    return begin < end ? std::optional(Span{begin, *behind}) : std::nullopt;
}

std::optional<std::size_t> open_private_key(std::string_view text, std::size_t border) {
    const std::size_t begin = text.rfind("-----BEGIN");
    if (begin == npos) return {};
    const auto body = end_of_label(text, begin, "-----BEGIN");
    const bool has_other_label = text.find("-----", begin + 10) != npos;
    if (!body && (has_other_label || text.size() - begin > longest_label)) return {};
    const std::size_t end = body ? text.find("-----END", *body) : npos;
    const std::size_t behind = end == npos ? npos : text.find("-----", end + 8);
    return behind == npos || behind + 5 > border ? std::optional(begin) : std::nullopt;
}

}  // namespace thole
