// The head of a Markdown file: YAML between two lines of "---", with keys whose values are text or
// lists of text. Blocking is nothing here: it works on a text. The only <yaml.h> include.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace thole {

struct FrontMatter {
    std::map<std::string, std::vector<std::string>> values;  // a text is a list of one
    std::string body;                                        // what follows, trimmed
    bool operator==(const FrontMatter&) const = default;
};

// `skips_more`: values of other kinds (maps, lists in lists) are left out instead of being errors,
// for heads that are written for other programs too.
// A text without a head is all body. Errors: invalid_argument, with the line.
Result<FrontMatter> read_front_matter(std::string_view text, bool skips_more = false);

// "a, b" and lists of such as one list.
std::vector<std::string> names_in(const std::vector<std::string>& texts);
// A text, or the texts of a list with commas between.
std::string one_text(const std::vector<std::string>& texts);

}  // namespace thole
