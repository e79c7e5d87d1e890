// Skills: folders with a SKILL.md, instructions for a kind of work. Of each only name and
// description stand in the system prompt; the model reads the rest with the tool `skill`, which
// sees nothing outside the skill's folder. Which skills there are is session/extensions.hpp's
// business.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace thole {

inline constexpr const char* skill_tool_name = "skill";
inline constexpr const char* skill_file = "SKILL.md";

struct Skill {
    std::string name, description;
    std::string folder;  // absolute, resolved
    // ".thole/skills/sew": what is in it counts only as far as the user trusts it. "": the user's
    // own.
    std::string of_workspace;
    bool is_command = true;  // may be started as /name; not when another command has the name
    bool operator==(const Skill&) const = default;
};
using SkillList = std::shared_ptr<const std::vector<Skill>>;

struct SkillShelf {
    std::function<SkillList()> current{};  // of now; null: none
    // Whether this content of a file of the workspace (relative path) was trusted.
    std::function<bool(const std::string& path, const std::string& content)> is_trusted{};
};

// "- name: description" lines, at most 8 KiB of them; then how many are left out.
std::string skill_index(const std::vector<Skill>& skills);

// A text file of the skill's folder ("SKILL.md", "references/stitches.md"). Blocking. Errors:
// invalid_argument (leads outside the folder, no text), not_found, denied (not trusted), too_large.
Result<std::string> read_skill_file(const SkillShelf& shelf, const Skill& skill,
                                    const std::string& file);
// The SKILL.md without its head, then where the folder is and what else is in it. Blocking.
Result<std::string> skill_instructions(const SkillShelf& shelf, const Skill& skill);

// Paths of the files of a skill's folder, relative to it, sorted: at most 100, at most 4 folders
// deep, no hidden ones, links neither followed nor listed. Blocking.
std::vector<std::string> skill_files(const std::string& folder);

}  // namespace thole
