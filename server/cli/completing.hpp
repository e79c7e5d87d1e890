// What Tab offers in the chat: slash commands at the start, and after them modes, models and
// session ids; paths after an @. Reads directories, nothing else.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/line_editor.hpp"

namespace thole::cli {

struct Vocabulary {
    std::vector<std::string> commands;  // without the slash
    std::vector<std::string> modes, models, session_ids;
    std::string cwd;  // where paths begin
};

Completion complete(std::string_view before, const Vocabulary& vocabulary);

}  // namespace thole::cli
