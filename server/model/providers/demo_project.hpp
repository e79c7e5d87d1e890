// The sample project of `thole demo`: a few shell scripts with two real faults, and tests that show
// them. cli/ writes it to a scratch directory; the demo model knows how to repair it. Constants.
#pragma once
#include <span>
#include <string_view>

namespace thole::model {

struct DemoFile {
    std::string_view path;  // relative to the project
    std::string_view content;
};

std::span<const DemoFile> demo_project();

// What `thole demo` asks for.
std::string_view demo_prompt();

// In the project's README.md, and in no other's.
inline constexpr std::string_view demo_mark = "Sample project of `thole demo`";

}  // namespace thole::model
