// The workspaces that this user has sessions in, one path a line in <state>/workspaces, so that all
// sessions can be listed. Only a memory aid: losing it loses no session.
#pragma once
#include <string>
#include <vector>

namespace thole {

class KnownWorkspaces {
public:
    explicit KnownWorkspaces(std::string state_directory)
        : directory_(std::move(state_directory)) {}
    std::vector<std::string> read() const;
    // Does nothing when it is known, or when the file cannot be written.
    void add(const std::string& workspace);

private:
    std::string file() const { return directory_ + "/workspaces"; }
    std::string directory_;
    std::string last_added_;
};

}  // namespace thole
