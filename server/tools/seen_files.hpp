// Which version of a file the model has seen in this session: by reading it, or by writing it
// whole. Owned by the session, loop thread only; forgotten with the process, so after a resume a
// file is read again before it is replaced.
#pragma once
#include <map>
#include <string>

namespace thole {

class SeenFiles {
public:
    void record(const std::string& path, std::string sha256) { seen_[path] = std::move(sha256); }

    // The sha256 of the content that was seen last; "" when it never was. `path` is resolved.
    std::string version(const std::string& path) const {
        auto found = seen_.find(path);
        return found == seen_.end() ? std::string() : found->second;
    }

private:
    std::map<std::string, std::string> seen_;
};

}  // namespace thole
