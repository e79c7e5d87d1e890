// The words of the terminal chat that are not for the model: slash commands, and the few that need
// no slash. Pure.
#pragma once
#include <string>
#include <string_view>

namespace thole::cli {

struct Word {
    enum class Kind {
        message,  // for the model
        fresh,    // new
        resume,   // argument: an id or latest
        sessions,
        save,
        leave,         // save and leave
        leave_nosave,  // leave without a further save
        slash,         // argument: the whole, for session/slash.hpp
        unknown,       // argument: a slash command that there is not
    };
    Kind kind = Kind::message;
    std::string argument{};
    bool operator==(const Word&) const = default;
};

// sessions, new, resume <id>, save, tasks, task <N>, plan, exit, quit, q and exit-nosave stand
// alone on the line: "plan the trip" is for the model. A slash with a word that is no command is
// unknown; a path ("/usr/bin is missing") is for the model.
Word word_of(std::string_view typed);

}  // namespace thole::cli
