// Line differences of two texts (Myers), for terminals and for reviews. Pure; bounded in time: very
// different texts come out as one replacement. Bytes are not looked into.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thole {

// Lines [old_begin, old_end) of the old text became lines [new_begin, new_end) of the new one;
// 0-based. Between changes the lines are equal.
struct LineChange {
    std::size_t old_begin = 0, old_end = 0;
    std::size_t new_begin = 0, new_end = 0;
    bool operator==(const LineChange&) const = default;
};
std::vector<LineChange> line_changes(std::string_view old_text, std::string_view new_text);

// "--- a/path", "+++ b/path" and hunks, as `diff -u` writes them, with "\ No newline at end of
// file" where it is due. "" when the texts are equal. A new or deleted file (`old_text` or
// `new_text` empty) names /dev/null on that side.
std::string unified_diff(std::string_view old_text, std::string_view new_text,
                         std::string_view path, std::size_t context = 3);

struct DiffStat {
    std::size_t added = 0;
    std::size_t removed = 0;
    bool operator==(const DiffStat&) const = default;
};
DiffStat diff_stat(std::string_view old_text, std::string_view new_text);

}  // namespace thole
