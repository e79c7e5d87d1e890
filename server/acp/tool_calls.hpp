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

// {"type":"terminal","terminalId":id}
Json terminal_content(const std::string& terminal_id);

// Whether it is a command that runs while people wait for it.
bool runs_in_foreground(const ToolCallStarted& call);

// The end of a call whose output its terminal has shown: the text is what the terminal does not
// say.
void end_in_terminal(Json& fields, const std::string& terminal_id,
                     const ToolCallCompleted& completed);

// For terminals that only show (the _meta that Zed reads): the beginning, a piece of output, the
// end.
Json terminal_info(const std::string& terminal_id, const std::string& directory);
Json terminal_output(const std::string& terminal_id, std::string_view piece);
Json terminal_exit(const std::string& terminal_id, const ToolCallCompleted& completed);

inline constexpr std::size_t output_limit = 64 * 1024;

}  // namespace thole::acp
