// Text that people, models and terminals read: UTF-8 repair, clipping on character borders, lines,
// base64. Pure functions on any bytes; none of them throws or fails but where it says so.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace thole {

// Length of the valid UTF-8 sequence at the start of `text` (1 to 4), or 0 when there is none.
std::size_t utf8_sequence_length(std::string_view text);
bool is_valid_utf8(std::string_view text);

// Each byte that belongs to no valid sequence becomes U+FFFD.
std::string to_valid_utf8(std::string_view text);

// At most `max_bytes` from the start, or from the end, never cutting a character in two.
std::string_view clip_utf8(std::string_view text, std::size_t max_bytes);
std::string_view clip_utf8_front(std::string_view text, std::size_t max_bytes);

struct HeadTail {
    std::string text;
    std::size_t omitted_bytes = 0;  // 0: `text` is the whole
    bool operator==(const HeadTail&) const = default;
};
// Start and end of a long text with "… [N lines, M bytes left out] …" on a line of its own between
// them; cuts at line borders when there is one near. The marker comes on top of `max_bytes`.
HeadTail head_and_tail(std::string_view text, std::size_t max_bytes);

// Without white space at both ends.
std::string_view trim(std::string_view text);

// Views into `text` without their line ends ("\n" or "\r\n"). A last "\n" starts no further line:
// "" has none, "a\n" has one, "a\n\n" has two.
std::vector<std::string_view> split_lines(std::string_view text);
std::size_t count_lines(std::string_view text);  // split_lines(text).size()

// Runs of white space become one space; clipped to `max_bytes`, the last of them "…" when cut.
std::string one_line(std::string_view text, std::size_t max_bytes);

std::string to_lower_ascii(std::string_view text);
bool starts_with_ignore_case(std::string_view text, std::string_view prefix);
bool equals_ignore_case(std::string_view a, std::string_view b);

// Text with every `from` replaced by `to`, from left to right. `from` must not be empty.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

// RFC 4648 with padding. Decoding skips white space; error: corrupt.
std::string base64_encode(std::string_view bytes);
Result<std::string> base64_decode(std::string_view text);

}  // namespace thole
