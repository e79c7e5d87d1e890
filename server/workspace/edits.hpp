// Pure text edits, as the edit tools do them: an exact and unique piece of text is replaced. What
// fails comes back as text that a model can act on. No files here.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace thole {

struct Edit {
    std::string old_string;
    std::string new_string;
    bool replace_all = false;
    bool operator==(const Edit&) const = default;
};

// All edits one after another, or an error (invalid_argument) and nothing. An empty old_string is
// legal only when the text is empty: it then becomes new_string. Line ends: an old_string with LF
// matches text with CRLF, and the file keeps CRLF; a byte order mark stays. Errors name the edit
// (when there are several), what is near (line number and text) for no match, and the line numbers
// for more than one.
Result<std::string> apply_edits(std::string_view text, std::span<const Edit> edits);

// 1-based number of the first line that differs, in the new text; 0 when the texts are equal.
std::size_t first_changed_line(std::string_view old_text, std::string_view new_text);

}  // namespace thole
