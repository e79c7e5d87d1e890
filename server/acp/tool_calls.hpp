// One tool call as ACP shows it. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/json_fwd.hpp"
#include "journal/event.hpp"

namespace thole::acp {

// toolCallId, title, name, kind, status, rawInput, content (the diffs), locations, _meta.thole.
Json call_fields(const ToolCallStarted& call, const std::string& status);

// The end of a call: toolCallId, status (completed or failed), content, rawOutput, locations.
Json completion_fields(const ToolCallStarted& call, const ToolCallCompleted& completed);

// `_meta.thole.refused`: what was kept from happening; nothing when that is nothing.
void add_refused(Json& fields, const std::vector<EffectRefused>& refused);

// The content of a running call: its diffs and the output so far. `kind` decides whether the output
// is shown as it is or as Markdown.
Json running_content(const ToolCallStarted& call, std::string_view output);

inline constexpr std::size_t output_limit = 64 * 1024;

}  // namespace thole::acp
