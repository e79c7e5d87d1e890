// Where the sessions of a folder lie. Looks at the disk; any thread.
#pragma once
#include <string>

namespace thole {

// `path` as a setting has it: absolute, or below the workspace.
std::string under(const std::string& workspace, const std::string& path);

}  // namespace thole
