// /trust: what a workspace brings that does nothing before the user has looked at it, as Markdown,
// and the answer to that. What is trusted is what was shown: the answer names it by a code.
// Blocking, small files.
#pragma once
#include <string>

#include "session/sessions.hpp"

namespace thole {

// `answer`: "" shows it; "yes <code>" trusts the files as they were shown; "no" takes back all
// trust in this workspace.
std::string trust_answer(const Sessions& sessions, const Session& session,
                         const std::string& answer);

// Eight hex digits that stand for these files as they are.
std::string trust_code(const std::vector<TrustedFile>& files);

}  // namespace thole
