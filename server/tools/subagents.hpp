// What the tools for sub-agents ask of the session that they work for; implemented by session/.
// Results are texts for the model, and so are errors. Loop thread.
#pragma once
#include <string>
#include <vector>

#include "async/task.hpp"
#include "journal/event.hpp"

namespace thole {

struct SpawnRequest {
    std::string call_id, task, agent;
    std::vector<std::string> focus_files;
    bool use_worktree = true;
    bool background = false;
};

// What merging would do, as people are shown it.
struct MergePreview {
    std::string title;               // "Merge 3 files of 20261128-1405-k3fa"
    std::vector<FileDiff> diffs;     // of text files
    std::vector<std::string> paths;  // absolute, of all files
    std::string obstacle;            // why it cannot be merged; "" when it can
};

class Subagents {
public:
    virtual ~Subagents() = default;
    // Whether such a request can be met at all: depth, limits, the agent's name.
    virtual Result<void> check(const SpawnRequest& request) const = 0;
    // Starts one and, unless it is to work in the background, waits for its end. A stop cancels it.
    // The request of a call that was interrupted goes on with the sub-agent that it had started.
    virtual async::Task<Result<std::string>> spawn(SpawnRequest request) = 0;
    // Waits for these, or for all that work in the background. A stop ends the waiting only.
    virtual async::Task<Result<std::string>> wait(std::vector<std::string> ids) = 0;
    virtual Result<std::string> message(std::string id, std::string text) = 0;
    virtual async::Task<Result<std::string>> cancel(std::string id) = 0;
    virtual async::Task<Result<MergePreview>> preview(std::string id) = 0;
    virtual async::Task<Result<std::string>> merge(std::string id) = 0;
};

}  // namespace thole
