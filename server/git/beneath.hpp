// Paths below a folder, gone along one component at a time without following any symbolic link, so
// that nothing is read or written outside of it. Internal to git/. Blocking; any thread.
#pragma once
#include <string>
#include <string_view>

#include "async/descriptor.hpp"
#include "base/result.hpp"

namespace thole::git {

// Whether the path is relative and has no component that is empty, ".", ".." or ".git".
bool is_plain(std::string_view path);

Result<async::Descriptor> open_folder(const std::string& path);

// The folder `path` below `root`; "" is `root` itself. Missing folders are made when asked. Errors:
// denied (a link or a file on the way: names it), not_found, io.
enum class Missing { refuse, make };
Result<async::Descriptor> open_below(int root, const std::string& path, Missing missing);

// The folder that holds `path`. Errors: those of open_below, invalid_argument (not plain).
Result<async::Descriptor> open_parent(int root, const std::string& path, Missing missing);

std::string parent_of(std::string_view path);  // "" for one at the top

std::string_view name_of(std::string_view path);

}  // namespace thole::git
