// What the demo model reads from a conversation: the user's prompts, and the calls since one of
// them with what came of them. Made anew for each request; borrows the request. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fwd.hpp"
#include "model/provider.hpp"

namespace thole::model {

// A call that the demo model makes or made.
struct DemoCall {
    std::string tool;
    std::shared_ptr<const Json> input;
};

enum class Outcome {
    none,    // not called, or interrupted before it had a result
    done,    // it worked
    failed,  // it ran, and failed
    denied   // somebody did not allow it
};

class DemoHistory {
public:
    explicit DemoHistory(const Request& request);

    // The user's last prompt, trimmed.
    const std::string& prompt() const { return prompt_; }
    // The job was asked for, now or before a prompt that only says to go on; what came before that
    // counts no more.
    bool is_job() const { return is_job_; }

    Outcome outcome(const DemoCall& call) const;
    // The text of its result, "" when there is none.
    std::string_view output(const DemoCall& call) const;

    bool has_tool(std::string_view name) const;

    std::size_t calls_in_all() const { return calls_in_all_; }

private:
    struct Made {
        const ToolCall* call;
        const ToolResult* result;
    };
    void read(const Message& message);
    void take_prompt(std::string prompt);
    const Made* find(const DemoCall& call) const;

    const Request& request_;
    std::string prompt_;
    bool is_job_ = false;
    std::vector<Made> made_;
    std::size_t calls_in_all_ = 0;
};

}  // namespace thole::model
