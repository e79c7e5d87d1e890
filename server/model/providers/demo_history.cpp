#include "model/providers/demo_history.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "base/text.hpp"
#include "model/providers/demo_project.hpp"

namespace thole::model {

namespace {

bool says_to_go_on(std::string_view prompt) {
    static constexpr std::array<std::string_view, 6> words{"go on",  "continue", "proceed",
                                                           "resume", "carry on", "yes"};
    return std::any_of(words.begin(), words.end(), [prompt](std::string_view word) {
        return starts_with_ignore_case(prompt, word);
    });
}

// What a session says for its user when the plan is approved: it goes on with what it was.
bool is_plan_approved(std::string_view prompt) {
    return prompt.starts_with("I approve revision ");
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

DemoHistory::DemoHistory(const Request& request) : request_(request) {
    for (const Message& message : request.messages) read(message);
}

void DemoHistory::read(const Message& message) {
    std::string prompt;
    for (const Block& block : message.blocks) {
        if (const auto* call = std::get_if<ToolCall>(&block)) {
            made_.push_back({call, nullptr});
            ++calls_in_all_;
        }
        if (const auto* result = std::get_if<ToolResult>(&block)) {
            for (Made& made : made_) {
                if (made.call->id == result->id) made.result = result;
            }
        }
        const auto* text = std::get_if<Text>(&block);
        if (text == nullptr || text->text.starts_with(session_state_mark)) continue;
        if (text->text.starts_with(summary_mark)) {
            take_prompt(text->text);
        } else {
            prompt += text->text;
        }
    }
    bool is_prompt = message.role == Message::Role::user && !trim(prompt).empty();
    if (is_prompt) take_prompt(std::string(trim(prompt)));
}

bool DemoHistory::has_tool(std::string_view name) const {
    return std::any_of(request_.tools.begin(), request_.tools.end(),
                       [name](const ToolSpec& tool) { return tool.name == name; });
}

void DemoHistory::take_prompt(std::string prompt) {
    if (is_plan_approved(prompt)) return;
    prompt_ = std::move(prompt);
    if (is_job_ && says_to_go_on(prompt_)) return;
    is_job_ = contains(prompt_, demo_prompt());
    made_.clear();
}

const DemoHistory::Made* DemoHistory::find(const DemoCall& call) const {
    for (auto made = made_.rbegin(); made != made_.rend(); ++made) {
        bool is_it = made->call->name == call.tool && *made->call->input == *call.input;
        if (is_it && made->result != nullptr) return &*made;
    }
    return nullptr;
}

Outcome DemoHistory::outcome(const DemoCall& call) const {
    const Made* made = find(call);
    if (made == nullptr) return Outcome::none;
    if (!made->result->is_error) return Outcome::done;
    std::string_view text = made->result->text;
    if (contains(text, "interrupted") || contains(text, "cancelled")) return Outcome::none;
    bool is_denied = contains(text, "denied this call") || contains(text, "call was denied");
    return is_denied ? Outcome::denied : Outcome::failed;
}

std::string_view DemoHistory::output(const DemoCall& call) const {
    const Made* made = find(call);
    return made == nullptr ? std::string_view() : std::string_view(made->result->text);
}

}  // namespace thole::model
