// Keeping what goes to a client small: lines stay far below the 10 MiB at which clients give up,
// and what is cut says so. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/json_fwd.hpp"
#include "journal/event.hpp"

namespace thole::acp {

// The last `max_bytes` of a text, after a line that says that there was more.
std::string clip_front(std::string_view text, std::size_t max_bytes);

// The first `max_bytes` of a text that is long, to a line's end, with a line before and one after
// that say so and where all of it is.
std::string clip_back(std::string_view text, std::size_t max_bytes, std::string_view where);

// An object like `value` (which may be none: then {}) of at most about 64 KiB of JSON: long strings
// are cut, then big members are replaced by a remark.
Json clip_object(const Json& value);

// The tool content {"type":"diff",…} of a change. Whole texts when they are not big, else the
// changed lines with some around them (_meta.thole.partial); a text item when even those are too
// big. A file that is gone has _meta.thole.deleted.
Json diff_content(const FileDiff& diff);

}  // namespace thole::acp
