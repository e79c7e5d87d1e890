// The files that a folder of agents, commands, skills or hooks offers, of the user or of a
// workspace. Bounded, in the order of their names. What a workspace offers is read only where it
// lies, after every link, inside the workspace. Blocking, small files.
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "session/trust.hpp"

namespace thole {

struct OfferedFolder {
    std::string root;            // absolute: the workspace, or the user's folder
    std::string folder;          // below it; "": the root itself
    bool is_workspaces = false;  // confined to the root
};

struct Offered {
    std::vector<std::string> paths;       // relative to the root, by name
    std::vector<std::string> complaints;  // what is left out, and why
    std::vector<std::string> places;      // absolute: folders that were looked into
};

// <folder>/*.md, at most 200 of them.
Offered offered_markdown(const OfferedFolder& where);
// <folder>/*/SKILL.md, at most 100.
Offered offered_skills(const OfferedFolder& where);
// All files right in the folder, at most 100.
Offered offered_files(const OfferedFolder& where);

// Whether there is something of that name, if only a link.
bool offers(const OfferedFolder& where, const std::string& path);
// At most 256 KiB of valid UTF-8; else it has a fault.
TrustedFile read_offered(const OfferedFolder& where, const std::string& path);
std::vector<TrustedFile> read_offered(const OfferedFolder& where, const Offered& offered);

// "bow" of ".thole/commands/bow.md", and of ".thole/skills/bow/SKILL.md".
std::string offered_name(const std::string& path);
// Why a name is none: it must be lower-case letters, digits, - and _, at most 64; "" when it is
// one.
std::string fault_of_name(const std::string& name);

}  // namespace thole
