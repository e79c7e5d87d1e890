#include "workspace/wildcard.hpp"

#include <cctype>
#include <cstddef>

namespace thole {

namespace {

// One element of a pattern segment: how long it is there, and whether it takes `c`.
struct Element {
    std::size_t length = 0;  // 0: malformed, matches nothing
    bool takes = false;
};

bool in_class(std::string_view name, unsigned char c) {
    if (name == "alnum") return std::isalnum(c) != 0;
    if (name == "alpha") return std::isalpha(c) != 0;
    if (name == "blank") return c == ' ' || c == '\t';
    if (name == "cntrl") return std::iscntrl(c) != 0;
    if (name == "digit") return std::isdigit(c) != 0;
    if (name == "graph") return std::isgraph(c) != 0;
    if (name == "lower") return std::islower(c) != 0;
    if (name == "print") return std::isprint(c) != 0;
    if (name == "punct") return std::ispunct(c) != 0;
    if (name == "space") return std::isspace(c) != 0;
    if (name == "upper") return std::isupper(c) != 0;
    if (name == "xdigit") return std::isxdigit(c) != 0;
    return false;
}

bool is_class_name(std::string_view name) {
    for (std::string_view known : {"alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower",
                                   "print", "punct", "space", "upper", "xdigit"}) {
        if (name == known) return true;
    }
    return false;
}

// Reads "[…]" from its "[" on.
class Bracket {
public:
    Bracket(std::string_view pattern, unsigned char c) : pattern_(pattern), c_(c) {}

    Element read() {
        bool negated = peek() == '!' || peek() == '^';
        if (negated) ++at_;
        for (bool first = true; first || peek() != ']'; first = false) {
            if (at_ >= pattern_.size() || !read_item()) return {};
        }
        return {at_ + 1, found_ != negated};
    }

private:
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0';
    }

    // One character of the set, which may be escaped; false at the end of the pattern.
    bool read_character(unsigned char& out) {
        if (peek() == '\\') ++at_;
        if (at_ >= pattern_.size()) return false;
        out = static_cast<unsigned char>(pattern_[at_++]);
        return true;
    }

    bool read_item() {
        if (peek() == '[' && peek(1) == ':') {
            std::size_t end = pattern_.find(']', at_ + 2);
            if (end == pattern_.npos) return false;
            if (pattern_[end - 1] == ':' && end > at_ + 2) return read_class(end);
        }
        unsigned char low = 0, high = 0;
        if (!read_character(low)) return false;
        high = low;
        if (peek() == '-' && peek(1) != ']' && peek(1) != '\0') {
            ++at_;
            if (!read_character(high)) return false;
        }
        found_ = found_ || (c_ >= low && c_ <= high);
        return true;
    }

    bool read_class(std::size_t end) {
        std::string_view name = pattern_.substr(at_ + 2, end - 1 - (at_ + 2));
        at_ = end + 1;
        found_ = found_ || in_class(name, c_);
        return is_class_name(name);
    }

    std::string_view pattern_;
    unsigned char c_;
    std::size_t at_ = 1;
    bool found_ = false;
};

Element element_at(std::string_view pattern, char c) {
    switch (pattern[0]) {
        case '?':
            return {1, true};
        case '[':
            return Bracket(pattern, static_cast<unsigned char>(c)).read();
        case '\\':
            if (pattern.size() < 2) return {};
            return {2, pattern[1] == c};
        default:
            return {1, pattern[0] == c};
    }
}

// Within one segment: only the last star ever needs to be tried again.
bool match_segment(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0, star = pattern.npos, resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
            continue;
        }
        Element element;
        if (p < pattern.size()) element = element_at(pattern.substr(p), text[t]);
        if (element.length > 0 && element.takes) {
            p += element.length;
            ++t;
            continue;
        }
        if (star == pattern.npos) return false;
        p = star + 1;
        t = ++resume;
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    for (;;) {
        std::size_t end = path.find('/');
        segments.push_back(path.substr(0, end));
        if (end == path.npos) return segments;
        path.remove_prefix(end + 1);
    }
}

bool is_double_star(std::string_view segment) {
    return segment.size() > 1 && segment.find_first_not_of('*') == segment.npos;
}

// "**" is to segments what "*" is to characters; at the end it needs at least one of them.
bool match_segments(const std::vector<std::string_view>& pattern,
                    const std::vector<std::string_view>& path) {
    std::size_t p = 0, t = 0, star = pattern.size(), resume = 0;
    while (t < path.size()) {
        if (p < pattern.size() && is_double_star(pattern[p])) {
            if (p + 1 == pattern.size()) return true;
            star = p++;
            resume = t;
            continue;
        }
        if (p < pattern.size() && match_segment(pattern[p], path[t])) {
            ++p;
            ++t;
            continue;
        }
        if (star == pattern.size()) return false;
        p = star + 1;
        t = ++resume;
    }
    return p == pattern.size();
}

std::size_t closing_brace(std::string_view pattern, std::size_t open) {
    int depth = 0;
    for (std::size_t i = open; i < pattern.size(); ++i) {
        if (pattern[i] == '\\')
            ++i;
        else if (pattern[i] == '{')
            ++depth;
        else if (pattern[i] == '}' && --depth == 0)
            return i;
    }
    return pattern.npos;
}

std::vector<std::string_view> alternatives(std::string_view inner) {
    std::vector<std::string_view> parts;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < inner.size(); ++i) {
        if (inner[i] == '\\')
            ++i;
        else if (inner[i] == '{')
            ++depth;
        else if (inner[i] == '}')
            --depth;
        else if (inner[i] == ',' && depth == 0) {
            parts.push_back(inner.substr(begin, i - begin));
            begin = i + 1;
        }
    }
    parts.push_back(inner.substr(begin));
    return parts;
}

constexpr std::size_t most_expansions = 256;

// False when there are too many. `done` is what is expanded already.
bool expand(const std::string& done, std::string_view rest, std::vector<std::string>& out) {
    std::size_t open = rest.find('{');
    while (open != rest.npos && open > 0 && rest[open - 1] == '\\') open = rest.find('{', open + 1);
    std::size_t close = open == rest.npos ? open : closing_brace(rest, open);
    if (close == rest.npos) {
        out.push_back(done + std::string(rest));
        return out.size() <= most_expansions;
    }
    std::string_view inner = rest.substr(open + 1, close - open - 1), tail = rest.substr(close + 1);
    std::vector<std::string_view> parts = alternatives(inner);
    std::string head = done + std::string(rest.substr(0, open));
    if (parts.size() == 1) return expand(head + "{" + std::string(inner) + "}", tail, out);
    for (std::string_view part : parts) {
        if (!expand(head, std::string(part).append(tail), out)) return false;
    }
    return true;
}

}  // namespace

bool wild_match(std::string_view pattern, std::string_view path) {
    return match_segments(segments_of(pattern), segments_of(path));
}

bool wild_covers(std::string_view pattern, std::string_view path) {
    if (pattern.ends_with('/')) pattern.remove_suffix(1);
    bool anchored = pattern.find('/') != pattern.npos;
    if (pattern.starts_with('/')) pattern.remove_prefix(1);
    std::vector<std::string_view> wanted = segments_of(pattern);
    std::vector<std::string_view> parts;
    for (std::string_view part : segments_of(path)) {
        parts.push_back(part);
        if (anchored ? match_segments(wanted, parts) : match_segment(pattern, part)) return true;
    }
    return false;
}

std::vector<std::string> expand_braces(std::string_view pattern) {
    std::vector<std::string> out;
    if (pattern.size() <= 4096 && expand("", pattern, out)) return out;
    return {std::string(pattern)};
}

bool has_wildcard(std::string_view pattern) {
    return pattern.find_first_of("*?[\\") != pattern.npos;
}

}  // namespace thole
