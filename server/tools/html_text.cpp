#include "tools/html_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace thole {

namespace {

constexpr std::string_view spaces = " \t\r\n\f";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_name_char(char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 6> silent = {"script",   "style",  "svg",
                                                    "template", "iframe", "object"};
constexpr std::array<std::string_view, 24> blocks = {
    "p",      "div",     "section",    "article", "header", "footer", "main",  "nav",
    "aside",  "ul",      "ol",         "dl",      "table",  "form",   "pre",   "blockquote",
    "figure", "details", "figcaption", "address", "hr",     "title",  "thead", "tbody"};
constexpr std::array<std::string_view, 7> lines = {"br", "li",     "tr",     "dt",
                                                   "dd", "option", "summary"};

struct Entity {
    std::string_view name, text;
};
constexpr std::array<Entity, 28> entities = {{
    {"amp", "&"},        {"lt", "<"},          {"gt", ">"},         {"quot", "\""},
    {"apos", "'"},       {"nbsp", " "},        {"copy", "\u00a9"},  {"reg", "\u00ae"},
    {"trade", "\u2122"}, {"hellip", "\u2026"}, {"mdash", "\u2014"}, {"ndash", "\u2013"},
    {"lsquo", "\u2018"}, {"rsquo", "\u2019"},  {"ldquo", "\u201c"}, {"rdquo", "\u201d"},
    {"laquo", "\u00ab"}, {"raquo", "\u00bb"},  {"bull", "\u2022"},  {"middot", "\u00b7"},
    {"times", "\u00d7"}, {"deg", "\u00b0"},    {"rarr", "\u2192"},  {"larr", "\u2190"},
    {"euro", "\u20ac"},  {"sect", "\u00a7"},   {"para", "\u00b6"},  {"shy", ""},
}};

void append_utf8(std::string& out, unsigned long code) {
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) code = 0xfffd;
    if (code < 0x80) {
        out += static_cast<char>(code);
        return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    constexpr std::array<unsigned char, 4> lead = {0, 0xc0, 0xe0, 0xf0};
    out += static_cast<char>(lead[more] | (code >> (6 * more)));
    for (int i = more - 1; i >= 0; --i) {
        out += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3f));
    }
}

// `name` is what stands between '&' and ';'. False when it is no entity that we know.
bool append_entity(std::string& out, std::string_view name) {
    if (name.size() > 1 && name[0] == '#') {
        const bool hex = lower(name[1]) == 'x';
        const std::string_view digits = name.substr(hex ? 2 : 1);
        unsigned long code = 0;
        auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
        if (digits.empty() || end != digits.data() + digits.size()) return false;
        append_utf8(out, error == std::errc() ? code : 0);
        return true;
    }
    auto found = std::find_if(entities.begin(), entities.end(),
                              [&](const Entity& entity) { return entity.name == name; });
    if (found == entities.end()) return false;
    out += found->text;
    return true;
}

std::string decode(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t start = std::min(text.find('&'), text.size());
        out += text.substr(0, start);
        text.remove_prefix(start);
        if (text.empty()) break;
        const std::size_t end = text.substr(0, 12).find(';');
        if (end != std::string_view::npos && append_entity(out, text.substr(1, end - 1))) {
            text.remove_prefix(end + 1);
        } else {
            out += '&';
            text.remove_prefix(1);
        }
    }
    return out;
}

struct Tag {
    std::string name;  // lower case
    bool closing = false;
    std::string_view attributes;
};

// The value of one attribute, decoded; "" when absent.
std::string attribute(std::string_view attributes, std::string_view name) {
    std::size_t at = 0;
    while (at < attributes.size()) {
        at = attributes.find_first_not_of(" \t\r\n\f/", at);
        if (at == std::string_view::npos) break;
        const std::size_t name_end =
            std::min(attributes.find_first_of(" \t\r\n\f=/", at + 1), attributes.size());
        std::string key(attributes.substr(at, name_end - at));
        std::transform(key.begin(), key.end(), key.begin(), lower);
        at = attributes.find_first_not_of(spaces, name_end);
        std::string_view value;
        if (at != std::string_view::npos && attributes[at] == '=') {
            at = std::min(attributes.find_first_not_of(spaces, at + 1), attributes.size());
            const bool quoted =
                at < attributes.size() && (attributes[at] == '"' || attributes[at] == '\'');
            const std::size_t start = quoted ? at + 1 : at;
            const std::size_t end = std::min(quoted ? attributes.find(attributes[at], start)
                                                    : attributes.find_first_of(spaces, start),
                                             attributes.size());
            value = attributes.substr(start, end - start);
            at = quoted ? end + 1 : end;
        }
        if (key == name) return decode(value);
    }
    return {};
}

// Builds the text: white space collapses, block elements are set apart by an empty line.
class Page {
public:
    void text(std::string_view raw) {
        const std::string decoded = decode(raw);
        for (const char c : decoded) {
            if (preformatted_ > 0) {
                put(c);
            } else if (spaces.find(c) != std::string_view::npos) {
                space_ = true;
            } else {
                put(c);
            }
        }
    }

    void tag(const Tag& tag) {
        if (tag.name == "pre")
            preformatted_ = tag.closing ? std::max(0, preformatted_ - 1) : preformatted_ + 1;
        if (is_heading(tag.name)) {
            break_line(2);
            if (!tag.closing) literal(std::string(tag.name[1] - '0', '#') + " ");
        } else if (is_one_of(tag.name, blocks)) {
            break_line(2);
        } else if (is_one_of(tag.name, lines)) {
            break_line(1);
            if (tag.name == "li" && !tag.closing) literal("- ");
        } else if ((tag.name == "td" || tag.name == "th") && tag.closing) {
            space_ = false;
            literal(" | ");
        } else if (tag.name == "a") {
            link(tag);
        } else if (tag.name == "img" && !attribute(tag.attributes, "alt").empty()) {
            text("[" + attribute(tag.attributes, "alt") + "]");
        }
    }

    std::string take() {
        const std::size_t end = out_.find_last_not_of(" \t\n|");
        out_.resize(end == std::string::npos ? 0 : end + 1);
        return std::move(out_);
    }

private:
    static bool is_heading(std::string_view name) {
        return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6';
    }
    void put(char c) {
        if (breaks_ > 0 && !out_.empty()) {
            out_.erase(out_.find_last_not_of(" \t") + 1);
            const std::size_t text_end = out_.find_last_not_of('\n') + 1;
            const int have = static_cast<int>(out_.size() - text_end);
            if (have < breaks_) out_.append(static_cast<std::size_t>(breaks_ - have), '\n');
        } else if (space_ && !out_.empty() && out_.back() != ' ' && out_.back() != '\n') {
            out_ += ' ';
        }
        breaks_ = 0;
        space_ = false;
        out_ += c;
    }
    void literal(std::string_view text) {
        for (const char c : text) put(c);
    }
    void break_line(int count) { breaks_ = std::max(breaks_, count); }
    void link(const Tag& tag) {
        if (!tag.closing) {
            address_ = attribute(tag.attributes, "href");
            link_start_ = out_.size();
            return;
        }
        const std::string address = std::exchange(address_, {});
        const bool is_shown = !address.empty() && address[0] != '#' && link_start_ < out_.size() &&
                              address.rfind("javascript:", 0) != 0 &&
                              out_.find(address, link_start_) == std::string::npos;
        if (is_shown) literal(" (" + address + ")");
    }

    std::string out_, address_;
    std::size_t link_start_ = 0;
    int breaks_ = 0, preformatted_ = 0;
    bool space_ = false;
};

// The position just after `end`, searched without regard to case; the end of the text if it isn't
// there.
std::size_t after(std::string_view html, std::string_view end, std::size_t from) {
    auto found =
        std::search(html.begin() + static_cast<std::ptrdiff_t>(from), html.end(), end.begin(),
                    end.end(), [](char a, char b) { return lower(a) == lower(b); });
    if (found == html.end()) return html.size();
    return static_cast<std::size_t>(found - html.begin()) + end.size();
}

// The end of a tag: the first '>' outside quotes.
std::size_t tag_end(std::string_view html, std::size_t at) {
    char quote = 0;
    for (; at < html.size(); ++at) {
        const char c = html[at];
        if (quote == 0 && c == '>') return at;
        if (quote == 0 && (c == '"' || c == '\'') && html[at - 1] == '=') {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        }
    }
    return at;
}

// Reads the tag that begins at `at` ('<'), shows it, and gives the position after it (and after its
// content where that is never shown).
std::size_t read_tag(Page& page, std::string_view html, std::size_t at) {
    if (html.substr(at, 4) == "<!--") return after(html, "-->", at + 4);
    const bool closing = html.substr(at + 1, 1) == "/";
    const std::size_t name_start = at + (closing ? 2 : 1);
    std::size_t name_end = name_start;
    while (name_end < html.size() && is_name_char(html[name_end])) ++name_end;
    const bool is_declaration = html.substr(at + 1, 1) == "!" || html.substr(at + 1, 1) == "?";
    if (name_end == name_start && !is_declaration && !closing) {
        page.text("<");
        return at + 1;
    }
    const std::size_t end = tag_end(html, name_end);
    std::string name(html.substr(name_start, name_end - name_start));
    std::transform(name.begin(), name.end(), name.begin(), lower);
    const std::string_view attributes = html.substr(name_end, end - name_end);
    const bool is_empty = !attributes.empty() && attributes.back() == '/';
    const std::size_t next = std::min(end + 1, html.size());
    if (!closing && !is_empty && is_one_of(name, silent)) {
        const std::size_t content_end = after(html, "</" + name, next);
        return std::min(html.find('>', content_end), html.size() - 1) + 1;
    }
    page.tag(Tag{name, closing, attributes});
    return next;
}

}  // namespace

std::string html_to_text(std::string_view html) {
    Page page;
    std::size_t at = 0;
    while (at < html.size()) {
        const std::size_t start = std::min(html.find('<', at), html.size());
        page.text(html.substr(at, start - at));
        at = start < html.size() ? read_tag(page, html, start) : start;
    }
    return page.take();
}

}  // namespace thole
