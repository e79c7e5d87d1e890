// Slash commands that every front end offers: /help /sessions /tasks /task N /mode M /model M /new
// … They answer with Markdown and are not part of the conversation. A front end asks
// run_slash_command before it sends a prompt.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "session/sessions.hpp"

namespace thole {

struct SlashCommand {
    std::string name;         // without the slash
    std::string description;  // one line
    std::string hint;         // of its argument; "" = takes none
};
const std::vector<SlashCommand>& slash_commands();
// These, and those that the user and the workspace of the session add: commands and skills. Names
// are unique.
std::vector<SlashCommand> slash_commands(const Sessions& sessions, const Session& session);

// The first word of what was typed and what follows it, without the blanks around them.
struct Typed {
    std::string word, rest;
};
Typed split_typed(std::string_view text);

// nullopt: `text` is no known slash command and goes to the model. Otherwise what to show, as
// Markdown; errors are text too.
async::Task<std::optional<std::string>> run_slash_command(Sessions& sessions, Session& session,
                                                          std::string text);

// The prompt that a command of the user's or the workspace's, or a skill, makes of what was typed
// (`text`) and of further content blocks that came with it; nullopt: `text` is none. Errors: those
// of with_named_files; denied (a skill that is not trusted any more).
async::Task<Result<std::optional<SendMessage>>> made_prompt(Sessions& sessions, Session& session,
                                                            std::string text, JsonValue blocks);

// Parts of a state as Markdown; the same for slash commands and the terminal.
std::string tasks_as_text(const State& state);  // the list with boxes and progress
// One task with what was done while it was in progress, and the last words of the sub-agents that
// did it. Looks at the disk. Errors: invalid_argument, naming the numbers there are.
Result<std::string> task_as_text(const SessionFiles& files, const State& state,
                                 std::string_view number);
std::string plan_as_text(const State& state);  // with status, revision and approved hash

}  // namespace thole
