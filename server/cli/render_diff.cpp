// Diffs as lines for a terminal.
#include <charconv>

#include "base/text.hpp"
#include "cli/render.hpp"
#include "workspace/diff.hpp"

namespace thole::cli {
namespace {

// The first line of the new text that a "@@ -a,b +c,d @@" speaks of.
std::size_t first_new_line(std::string_view hunk) {
    std::size_t plus = hunk.find('+');
    std::size_t number = 0;
    if (plus == std::string_view::npos) return 0;
    std::from_chars(hunk.data() + plus + 1, hunk.data() + hunk.size(), number);
    return number;
}

std::string numbered(std::size_t number) {
    std::string digits = std::to_string(number);
    return std::string(digits.size() < 6 ? 6 - digits.size() : 0, ' ') + digits + " ";
}

struct Lines {
    const Look& look;
    std::size_t next = 0;  // line of the new text
    bool has_hunk = false;
    std::string text{};

    void add(std::string_view line) {
        if (line.substr(0, 2) == "@@") {
            if (has_hunk) text += look.paint(Ink::dim, "     ⋯") + "\n";
            has_hunk = true;
            next = first_new_line(line);
            return;
        }
        char sign = line.empty() ? ' ' : line[0];
        std::string rest = printable(line.empty() ? line : line.substr(1));
        std::string body = fit(std::string(1, sign) + " " + rest, look.width - 7);
        Ink ink = sign == '+' ? Ink::green : sign == '-' ? Ink::red : Ink::dim;
        text += look.paint(Ink::dim, numbered(next)) + look.paint(ink, body) + "\n";
        if (sign != '-') ++next;
    }
};

}  // namespace

std::string diff_text(const FileDiff& change, const Look& look, std::size_t max_lines) {
    std::string unified = unified_diff(change.old_text, change.new_text, change.path, 2);
    Lines lines{look};
    std::size_t count = 0, left_out = 0;
    for (std::string_view line : split_lines(unified)) {
        bool is_head = !lines.has_hunk && line.substr(0, 2) != "@@";
        if (is_head || line.substr(0, 1) == "\\") continue;
        if (count == max_lines) {
            left_out += line.substr(0, 2) != "@@";
            continue;
        }
        lines.add(line);
        count += line.substr(0, 2) != "@@";
    }
    if (left_out > 0) {
        std::string more = "       … " + std::to_string(left_out) + " more lines";
        lines.text += look.paint(Ink::dim, more) + "\n";
    }
    return std::move(lines.text);
}

}  // namespace thole::cli
