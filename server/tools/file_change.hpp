// The way that write_file, edit_file and multi_edit share: a change of one file is worked out and
// shown before it is decided on, and made only if the file still is what was shown.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "tools/tool.hpp"

namespace thole {

// The file as it is. `exists` is false when there is none, then `content` is empty.
struct CurrentFile {
    std::string path;
    bool exists = false;
    std::string content;
    std::string seen_version;  // sha256 of what the model has seen, "" when it has seen nothing
};

// What a tool makes of the file: the new content, or an error for the model. Pure.
using NewContent = std::function<Result<std::string>(const CurrentFile&)>;

// Path, title, diff, location and hashes. What lies outside the roots is not read before somebody
// has agreed to it: such a call has no diff yet, and is checked when it runs. Errors are for the
// model. `verb` begins the title: "Edit", "Write".
async::Task<Result<Prepared>> prepare_change(ToolContext& context, std::string given_path,
                                             std::string verb, NewContent new_content);

// Makes the change that `prepared` shows. Fails, with nothing changed, when the file is not what it
// was then. The outcome shows the changed lines.
async::Task<ToolOutcome> make_change(ToolContext& context, const Prepared& prepared,
                                     NewContent new_content);

// For people: both texts whole while they are short, else the changed region with some lines
// around it.
FileDiff shown_diff(const std::string& path, bool created, std::string_view old_text,
                    std::string_view new_text);

}  // namespace thole
