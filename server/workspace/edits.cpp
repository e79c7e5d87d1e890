#include "workspace/edits.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.hpp"

namespace thole {

namespace {

using Positions = std::vector<std::size_t>;

std::size_t line_of(std::string_view text, std::size_t position) {
    std::string_view before = text.substr(0, position);
    return static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
}

// Overlapping ones too: "aa" is not unique in "aaa".
Positions occurrences(std::string_view text, std::string_view wanted) {
    Positions found;
    for (std::size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1)) {
        found.push_back(at);
    }
    return found;
}

std::string to_lf(std::string_view text) {
    return replace_all(text, "\r\n", "\n");
}
std::string to_crlf(std::string_view text) {
    return replace_all(to_lf(text), "\n", "\r\n");
}

bool has_only_crlf(std::string_view text) {
    if (text.find('\n') == text.npos) return false;
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
        if (at == 0 || text[at - 1] != '\r') return false;
    }
    return true;
}

// The edit with the line ends that make it fit the text, when others than its own do.
Edit fitted(std::string_view text, const Edit& edit) {
    if (has_only_crlf(text)) {
        return {to_crlf(edit.old_string), to_crlf(edit.new_string), edit.replace_all};
    }
    if (text.find(edit.old_string) != text.npos) return edit;
    if (std::string old = to_crlf(edit.old_string); text.find(old) != text.npos) {
        return {old, to_crlf(edit.new_string), edit.replace_all};
    }
    if (std::string old = to_lf(edit.old_string); text.find(old) != text.npos) {
        return {old, to_lf(edit.new_string), edit.replace_all};
    }
    return edit;
}

std::string without_space(std::string_view line) {
    std::string out;
    for (char c : line) {
        if (c != ' ' && c != '\t' && c != '\r') out += c;
    }
    return out;
}

// How many pairs of neighbouring characters two lines share, from 0 to 1.
double similarity(std::string_view a, std::string_view b) {
    if (a.size() < 2 || b.size() < 2) return a == b ? 1 : 0;
    std::vector<int> pairs(65536);
    auto pair_at = [](std::string_view text, std::size_t i) {
        return static_cast<unsigned char>(text[i]) * 256 + static_cast<unsigned char>(text[i + 1]);
    };
    for (std::size_t i = 0; i + 1 < a.size(); ++i) ++pairs[pair_at(a, i)];
    std::size_t shared = 0;
    for (std::size_t i = 0; i + 1 < b.size(); ++i) {
        if (pairs[pair_at(b, i)]-- > 0) ++shared;
    }
    return 2.0 * static_cast<double>(shared) / static_cast<double>(a.size() + b.size() - 2);
}

struct Region {
    std::size_t line = 0;  // 0-based
    bool only_space_differs = false;
};

std::optional<Region> region_but_for_space(const std::vector<std::string_view>& lines,
                                           const std::vector<std::string_view>& wanted) {
    std::vector<std::string> packed, packed_wanted;
    for (std::string_view line : lines) packed.push_back(without_space(line));
    for (std::string_view line : wanted) packed_wanted.push_back(without_space(line));
    auto found =
        std::search(packed.begin(), packed.end(), packed_wanted.begin(), packed_wanted.end());
    if (found == packed.end()) return std::nullopt;
    return Region{static_cast<std::size_t>(found - packed.begin()), true};
}

// Looks for the longest line of what is wanted: it says the most.
std::optional<Region> similar_region(const std::vector<std::string_view>& lines,
                                     const std::vector<std::string_view>& wanted) {
    constexpr std::size_t most_lines = 20'000;
    auto longest = std::max_element(wanted.begin(), wanted.end(),
                                    [](auto a, auto b) { return a.size() < b.size(); });
    std::string_view sought = trim(clip_utf8(*longest, 400));
    double best = 0.6;
    std::optional<std::size_t> place;
    for (std::size_t i = 0; i < std::min(lines.size(), most_lines); ++i) {
        std::string_view line = trim(clip_utf8(lines[i], 400));
        if (line.size() > 3 * sought.size() || sought.size() > 3 * line.size()) continue;
        double score = similarity(line, sought);
        if (score <= best) continue;
        best = score;
        place = i;
    }
    if (!place) return std::nullopt;
    auto above = static_cast<std::size_t>(longest - wanted.begin());
    return Region{*place - std::min(above, *place), false};
}

std::string quoted_region(const std::vector<std::string_view>& lines, std::size_t from,
                          std::size_t count) {
    std::string out;
    for (std::size_t i = from; i < std::min(from + std::min<std::size_t>(count, 8), lines.size());
         ++i) {
        out += "\n" + std::string(clip_utf8(lines[i], 200));
    }
    return out;
}

std::string near_miss(std::string_view text, std::string_view old_string) {
    std::vector<std::string_view> lines = split_lines(text), wanted = split_lines(old_string);
    while (!wanted.empty() && trim(wanted.back()).empty()) wanted.pop_back();
    while (!wanted.empty() && trim(wanted.front()).empty()) wanted.erase(wanted.begin());
    if (wanted.empty() || lines.empty()) return "; read the file again";
    std::optional<Region> region = region_but_for_space(lines, wanted);
    if (!region) region = similar_region(lines, wanted);
    if (!region) return " and nothing like it is there; read the file again";
    std::string line = std::to_string(region->line + 1);
    std::string says = region->only_space_differs
                           ? "; line " + line + " differs only in white space:"
                           : "; most like it is line " + line + ":";
    return says + quoted_region(lines, region->line, wanted.size());
}

std::string listed_lines(std::string_view text, const Positions& found) {
    constexpr std::size_t most = 10;
    std::string out;
    for (std::size_t i = 0; i < std::min(found.size(), most); ++i) {
        out += (i ? ", " : "") + std::to_string(line_of(text, found[i]));
    }
    return found.size() > most ? out + ", …" : out;
}

std::string in_all_places(std::string_view text, const Edit& edit) {
    return replace_all(text, edit.old_string, edit.new_string);
}

Result<std::string> apply_to_nothing(std::string_view text, const Edit& edit) {
    if (text.empty()) return edit.new_string;
    return fail(Code::invalid_argument,
                "old_string is empty, which is for a new or empty file only; give the text to "
                "replace");
}

Result<std::string> apply_one(std::string_view text, const Edit& given) {
    if (given.old_string == given.new_string) {
        return fail(Code::invalid_argument, "old_string and new_string are the same");
    }
    if (given.old_string.empty()) return apply_to_nothing(text, given);
    Edit edit = fitted(text, given);
    Positions found = occurrences(text, edit.old_string);
    if (found.empty()) {
        return fail(Code::invalid_argument,
                    "old_string is not in the file" + near_miss(text, given.old_string));
    }
    if (edit.replace_all) return in_all_places(text, edit);
    if (found.size() > 1) {
        return fail(Code::invalid_argument, "old_string is there " + std::to_string(found.size()) +
                                                " times (lines " + listed_lines(text, found) +
                                                "); add lines around it until it is unique, or "
                                                "set replace_all");
    }
    std::string out(text.substr(0, found[0]));
    out += edit.new_string;
    out += text.substr(found[0] + edit.old_string.size());
    return out;
}

}  // namespace

Result<std::string> apply_edits(std::string_view text, std::span<const Edit> edits) {
    std::string current(text);
    for (std::size_t i = 0; i < edits.size(); ++i) {
        Result<std::string> next = apply_one(current, edits[i]);
        if (next) {
            current = std::move(*next);
            continue;
        }
        if (edits.size() == 1) return next.error();
        return fail(next.error().code, "edit " + std::to_string(i + 1) + " of " +
                                           std::to_string(edits.size()) + ": " +
                                           next.error().message + "; no edit was made");
    }
    return current;
}

std::size_t first_changed_line(std::string_view old_text, std::string_view new_text) {
    if (old_text == new_text) return 0;
    auto [in_old, in_new] =
        std::mismatch(old_text.begin(), old_text.end(), new_text.begin(), new_text.end());
    return line_of(new_text, static_cast<std::size_t>(in_new - new_text.begin()));
}

}  // namespace thole
