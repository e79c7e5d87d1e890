// bash in a terminal of the editor. For bash.cpp only; loop thread.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "async/process.hpp"
#include "tools/tool.hpp"

namespace thole {

// Whether all that it starts ends with it, as far as the text shows. What goes on afterwards ends
// with the session only where the process is ours.
bool stays_in_foreground(std::string_view command);

// Runs what `options` would start, with the same words for the model at its end. nullopt: nothing
// was started, no terminal is lent or the editor has refused.
async::Task<std::optional<ToolOutcome>> run_in_terminal(ToolContext& context,
                                                        const async::ProcessOptions& options,
                                                        std::chrono::milliseconds timeout,
                                                        const std::string& call_id);

}  // namespace thole
