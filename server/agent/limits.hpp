// How much the agent may do before it stops by itself.
#pragma once
#include <cstdint>

namespace thole {

struct Limits {
    std::int64_t max_turns_per_run = 128;        // model round trips per prompt
    std::int64_t max_tool_calls_per_turn = 200;  // per model round trip
    // Of an agent and all below it together.
    std::int64_t max_tool_calls = 0;       // over the life of the process; 0: none
    std::int64_t max_tokens_total = 0;     // input and output; 0: none
    double max_cost = 0;                   // USD; 0: none
    std::int64_t checkpoint_interval = 5;  // round trips between snapshots
    // Sub-agents: [subagents]. Side by side for one agent; below each other; of a tree in all.
    std::int64_t max_background_workers = 3;
    std::int64_t max_depth = 3;
    std::int64_t max_subagents = 100;
};

// When the conversation is summarised: [memory.context].
struct ContextPolicy {
    bool enable_auto_summarize = true;
    std::int64_t auto_summarize_threshold = 75;  // per cent of the model's context
    std::int64_t max_retained_messages = 50;     // the last ones, which stay as they are
};

}  // namespace thole
