// What a server offers, as it says so itself: tools and prompts, cleaned of what a model API would
// refuse, and bounded. Pure.
#pragma once
#include <string>
#include <vector>

#include "http/http.hpp"
#include "journal/event.hpp"

namespace thole::mcp {

inline constexpr std::size_t most_tools = 256;  // of one server
inline constexpr std::size_t most_prompts = 256;

// A parameter that HTTP wants as a header, too: Mcp-Param-<header>.
struct MirroredParameter {
    std::string header;
    std::vector<std::string> path;
};

struct Tool {
    std::string name;  // as the server calls it
    std::string title, description;
    JsonValue schema;            // an object of the type "object"
    bool says_it_reads = false;  // readOnlyHint
    std::vector<MirroredParameter> mirrored;
};

struct PromptArgument {
    std::string name, description;
    bool is_required = false;
};
struct Prompt {
    std::string name, description;
    std::vector<PromptArgument> arguments;
};

// Entries without a name are left out.
std::vector<Tool> tools_of(const std::vector<Json>& listed);
std::vector<Prompt> prompts_of(const std::vector<Json>& listed);

// The headers that this call has to repeat.
http::Headers mirrored_headers(const Tool& tool, const Json& arguments);
// A value for a header: as it is, or "=?base64?…?=" where it would not survive.
std::string header_value(std::string_view text);

// The arguments that were typed after a prompt's name: words, with quotes as in a shell. Errors:
// invalid_argument; names what is missing or left over.
Result<Json> prompt_arguments(const Prompt& prompt, std::string_view typed);

}  // namespace thole::mcp
