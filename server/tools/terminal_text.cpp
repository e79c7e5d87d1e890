#include "tools/terminal_text.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace thole {

namespace {

// How many bytes a sequence that starts with `lead` should have.
std::size_t announced_length(unsigned char lead) {
    if (lead < 0xc2 || lead > 0xf4) return 1;
    if (lead >= 0xf0) return 4;
    return lead >= 0xe0 ? 3 : 2;
}

// Where the last sequence begins if it has fewer bytes than its first one announces; else the end.
std::size_t torn_tail(std::string_view text) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const auto lead = static_cast<unsigned char>(text[text.size() - back]);
        if ((lead & 0xc0) == 0x80) continue;
        return announced_length(lead) > back ? text.size() - back : text.size();
    }
    return text.size();
}

std::size_t skip_until(std::string_view text, std::size_t at, char first, char last) {
    while (at < text.size() && !(text[at] >= first && text[at] <= last)) ++at;
    return std::min(at + 1, text.size());
}

// A string that ends with BEL or ESC backslash: window titles, hyperlinks.
std::size_t skip_string(std::string_view text, std::size_t at) {
    for (; at < text.size(); ++at) {
        if (text[at] == '\a') return at + 1;
        if (text[at] == '\x1b') return text.substr(at + 1, 1) == "\\" ? at + 2 : at;
    }
    return at;
}

// The position after the escape sequence that begins at `at`.
std::size_t skip_escape(std::string_view text, std::size_t at) {
    if (at + 1 >= text.size()) return text.size();
    const char kind = text[at + 1];
    if (kind == '[') return skip_until(text, at + 2, '@', '~');
    if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_') {
        return skip_string(text, at + 2);
    }
    if (kind >= ' ' && kind <= '/') return skip_until(text, at + 2, '0', '~');
    return at + 2;
}

bool is_control(unsigned char c) {
    return c < 0x20 || c == 0x7f;
}

// Where the printable text that begins at `at` ends.
std::size_t end_of_plain(std::string_view text, std::size_t at) {
    while (at < text.size() && !is_control(static_cast<unsigned char>(text[at]))) ++at;
    return at;
}

class Screen {
public:
    void put(std::string_view text) {
        if (returned_) line_.clear();
        returned_ = false;
        line_ += text;
    }
    void control(char c) {
        if (c == '\n') {
            out_ += std::exchange(line_, {});
            out_ += '\n';
            returned_ = false;
        } else if (c == '\r') {
            returned_ = true;
        } else if (c == '\b') {
            drop_last();
        } else if (c == '\t') {
            put("\t");
        }
    }
    std::string take() {
        out_ += line_;
        return std::move(out_);
    }

private:
    void drop_last() {
        while (!line_.empty() && (static_cast<unsigned char>(line_.back()) & 0xc0) == 0x80) {
            line_.pop_back();
        }
        if (!line_.empty()) line_.pop_back();
    }

    std::string out_, line_;
    bool returned_ = false;
};

}  // namespace

std::string terminal_text(std::string_view bytes) {
    const std::string text = to_valid_utf8(bytes);
    Screen screen;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = end_of_plain(text, at);
        if (end > at) screen.put(std::string_view(text).substr(at, end - at));
        at = end;
        if (at == text.size()) break;
        if (text[at] == '\x1b') {
            at = skip_escape(text, at);
        } else {
            screen.control(text[at++]);
        }
    }
    return screen.take();
}

std::string Utf8Pieces::add(std::string_view bytes) {
    kept_ += bytes;
    const std::size_t end = torn_tail(kept_);
    std::string out = to_valid_utf8(std::string_view(kept_).substr(0, end));
    kept_.erase(0, end);
    return out;
}

std::string Utf8Pieces::finish() {
    return to_valid_utf8(std::exchange(kept_, {}));
}

}  // namespace thole
