#include "tools/facts.hpp"

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole {

namespace {

constexpr std::size_t max_output = 30'000;
constexpr std::size_t marker_room = 200;

}  // namespace

ToolFacts tool_facts(std::string name, Effect effect, std::string kind, std::string_view properties,
                     std::vector<std::string> required) {
    Result<Json> parsed = parse_json(properties);
    assert(parsed && "the schema of a tool is JSON");
    Json schema = {{"type", "object"},
                   {"properties", std::move(*parsed)},
                   {"required", std::move(required)},
                   {"additionalProperties", false}};
    ToolFacts facts;
    facts.description = std::string(trim(tool_text(name)));
    assert(!facts.description.empty() && "a tool has a text");
    facts.name = std::move(name);
    facts.schema = JsonValue(std::move(schema));
    facts.effect = effect;
    facts.kind = std::move(kind);
    return facts;
}

std::string title_of(std::string_view text) {
    return one_line(text, 200);
}

std::string moved_away(const Roots& roots, const std::string& path) {
    Result<std::string> now = roots.resolve(path);
    if (now && *now == path) return {};
    return "'" + roots.shown(path) +
           "' now leads elsewhere than when this call was shown; nothing was done. Repeat the call";
}

ToolOutcome failed_outcome(std::string why) {
    ToolOutcome outcome;
    outcome.failed = true;
    outcome.output = std::move(why);
    return outcome;
}

ToolOutcome long_outcome(ToolHost& host, std::string text, std::string_view last_line) {
    ToolOutcome outcome;
    const std::size_t room = max_output - marker_room - last_line.size();
    HeadTail shown = head_and_tail(text, room);
    if (shown.omitted_bytes > 0) {
        Result<std::string> blob = host.store_blob(text);
        if (blob) outcome.full_output = *blob;
    }
    outcome.output = std::move(shown.text);
    if (!last_line.empty() && !outcome.output.empty() && outcome.output.back() != '\n') {
        outcome.output += '\n';
    }
    outcome.output += last_line;
    return outcome;
}

}  // namespace thole
