// What the servers of a session may ask of it, and what they tell it. Implemented by session/. Loop
// thread. Everything that comes from a server is somebody else's word.
#pragma once
#include <string>
#include <vector>

#include "async/task.hpp"
#include "journal/event.hpp"

namespace thole::mcp {

class Host {
public:
    virtual ~Host() = default;
    // Absolute; the first is where the session works.
    virtual std::vector<std::string> roots() const = 0;
    // Whether people can be shown a question of a server.
    virtual bool asks() const = 0;
    // {"kind":…, "text":…} as in QuestionResolved. Errors: denied (nobody is there, or no turn
    // runs), cancelled.
    virtual async::Task<Result<JsonValue>> ask(QuestionRequested question) = 0;
    // A sentence that people should read.
    virtual void tell(const std::string& notice) = 0;
    // A server stands differently, or its tools or prompts have changed.
    virtual void servers_changed() = 0;
};

}  // namespace thole::mcp
