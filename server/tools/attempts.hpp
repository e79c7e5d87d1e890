// What a command that may only read tried to change: told as it happens, each thing an
// EffectRefused of its call, and in one line to the model. Loop thread.
#pragma once
#include <string>
#include <vector>

#include "async/process.hpp"
#include "tools/tool.hpp"

namespace thole {

// Tells `host` of each; `by`: what refuses. For ProcessOptions::on_refused.
async::RefusalSink tell_attempts(ToolHost& host, std::string call_id, std::string by);

// "[plan mode: 2 writes were refused: open /w/a, unlink /w/b]"; "" when there were none.
std::string attempts_line(const std::vector<async::Refusal>& refused);

}  // namespace thole
