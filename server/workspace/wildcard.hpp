// Path patterns as git's wildmatch has them, shared by ignore files, the glob tool and permission
// rules. Pure; linear or quadratic in time whatever the pattern.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace thole {

// `*` and `?` do not cross "/", `**` between slashes does; [a-z], [!a-z], [[:alpha:]], backslash
// escapes. The pattern has to match the whole of `path`. A leading "**/" matches at any depth, a
// trailing "/**" everything below.
bool wild_match(std::string_view pattern, std::string_view path);

// As a gitignore line would: a pattern without a slash (but at its end) matches in any directory,
// and what matches a directory covers everything below it. `path` is relative, without "./".
bool wild_covers(std::string_view pattern, std::string_view path);

// "a.{c,h}" → "a.c", "a.h"; nested and several groups. At most 256 results, else the pattern as it
// is. Braces without a comma stay.
std::vector<std::string> expand_braces(std::string_view pattern);

bool has_wildcard(std::string_view pattern);

}  // namespace thole
