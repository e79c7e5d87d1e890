#include "session/places.hpp"

#include <unistd.h>

#include "journal/catalog.hpp"
#include "session/config.hpp"
#include "session/sessions.hpp"

namespace thole {

std::string under(const std::string& workspace, const std::string& path) {
    return path.front() == '/' ? path : workspace + "/" + path;
}

std::string workspace_of(const std::string& cwd) {
    std::string home = home_directory(environment_variable);
    for (std::string at = cwd; at.size() > 1 && at != home; at = at.substr(0, at.rfind('/'))) {
        for (const char* mark : {"/.thole/sessions", "/.git"}) {
            if (access((at + mark).c_str(), F_OK) == 0) return at;
        }
    }
    return cwd;
}

Result<std::string> resolve_session(const Config& config, const std::string& cwd,
                                    std::string_view name) {
    std::string workspace = workspace_of(cwd);
    return find_session(under(workspace, config.history_dir), name,
                        under(workspace, config.last_session_file));
}

}  // namespace thole
