// The opaque place in a listing where the next page begins. It holds the filter that it was made
// for, so that it cannot be used with another one. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "session/sessions.hpp"

namespace thole::acp {

struct Page {
    std::vector<SessionRow> rows;
    std::optional<std::string> next;  // cursor; absent on the last page
};

// At most `size` of `rows` (any order), newest first, after `cursor` ("" = from the start).
// `filter` is what the listing was restricted to. Errors: invalid_argument (no cursor of ours, or
// one for another filter).
Result<Page> page_of(std::vector<SessionRow> rows, const std::string& filter,
                     const std::string& cursor, std::size_t size);

}  // namespace thole::acp
