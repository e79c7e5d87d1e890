#include "session/known_workspaces.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "workspace/files.hpp"

namespace thole {

std::vector<std::string> KnownWorkspaces::read() const {
    std::vector<std::string> known;
    std::string text = read_file(file(), 4 << 20).value_or("");
    for (std::string_view line : split_lines(text)) {
        if (!line.empty() && line.front() == '/') known.emplace_back(line);
    }
    return known;
}

void KnownWorkspaces::add(const std::string& workspace) {
    if (workspace == last_added_ || workspace.find('\n') != std::string::npos) return;
    last_added_ = workspace;
    std::vector<std::string> known = read();
    if (std::find(known.begin(), known.end(), workspace) != known.end()) return;
    known.push_back(workspace);
    std::string text;
    for (const std::string& path : known) text += path + "\n";
    if (!make_private_directory(directory_)) return;
    WriteOptions options;
    options.mode = 0600;
    options.durable = false;
    (void)write_file_atomically(file(), text, options);
}

}  // namespace thole
