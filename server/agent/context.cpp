#include "agent/context.hpp"

#include <map>

#include "agent/reminder.hpp"
#include "base/json.hpp"

namespace thole {
namespace {

using Role = model::Message::Role;

constexpr const char* summary_intro =
    ", which it replaces; go on from where it ends without repeating what is done:\n\n";
constexpr const char* interrupted = "This call was interrupted before it gave a result.";

std::string reference(const Json& block) {
    std::string uri = text_member(block, "uri");
    std::string name = text_member(block, "name");
    return "[the user points at " + (name.empty() ? uri : name + " (" + uri + ")") + "]";
}

std::string embedded(const Json& resource) {
    std::string text = text_member(resource, "text");
    return "<resource uri=\"" + text_member(resource, "uri") + "\">\n" + text + "\n</resource>";
}

model::Block block_of(const Json& block) {
    std::string type = text_member(block, "type");
    if (type == "image") {
        return model::Image{text_member(block, "mimeType"), text_member(block, "data")};
    }
    if (type == "resource_link") return model::Text{reference(block)};
    if (type == "resource") return model::Text{embedded(member(block, "resource"))};
    return model::Text{text_member(block, "text")};
}

class Builder {
public:
    explicit Builder(const State& state) : state_(state) {
        for (const ContextItem& item : state.context) {
            if (item.kind == ContextItem::Kind::result) results_.emplace(item.call_id, &item);
        }
    }

    std::vector<model::Message> build() {
        for (const ContextItem& item : state_.context) add(item);
        close_calls();
        std::string words = reminder(state_);
        if (!words.empty()) put(Role::user, model::Text{std::move(words)});
        return std::move(messages_);
    }

private:
    void add(const ContextItem& item) {
        switch (item.kind) {
            case ContextItem::Kind::user:
                return add_prompt(item);
            case ContextItem::Kind::summary:
                return add_summary(item);
            case ContextItem::Kind::answer:
                return add_answer(item);
            case ContextItem::Kind::thought:
                return add_thought(item);
            case ContextItem::Kind::call:
                return add_call(item);
            case ContextItem::Kind::result:
                return;  // placed by close_calls
        }
    }

    void add_prompt(const ContextItem& item) {
        close_calls();
        if (item.blocks.is_absent()) return put(Role::user, model::Text{item.text});
        for (const Json& block : *item.blocks) put(Role::user, block_of(block));
    }

    void add_summary(const ContextItem& item) {
        close_calls();
        put(Role::user, model::Text{std::string(model::summary_mark) + summary_intro + item.text});
    }

    void add_answer(const ContextItem& item) {
        close_calls();
        if (!item.text.empty()) put(Role::assistant, model::Text{item.text});
    }

    // A thought without a signature cannot be given back; it was for people only.
    void add_thought(const ContextItem& item) {
        if (item.signature.empty()) return;
        close_calls();
        put(Role::assistant, model::Thought{item.text, item.signature, item.redacted});
    }

    void add_call(const ContextItem& item) {
        if (!open_calls_.empty() && item.message_id != open_message_) close_calls();
        open_message_ = item.message_id;
        open_calls_.push_back(item.call_id);
        put(Role::assistant, model::ToolCall{item.call_id, item.tool, input_of(item), {}});
    }

    static std::shared_ptr<const Json> input_of(const ContextItem& item) {
        const Json& input = *item.input;
        return std::make_shared<const Json>(input.is_object() ? input : Json::object());
    }

    void close_calls() {
        for (const std::string& id : open_calls_) put(Role::user, result_of(id));
        open_calls_.clear();
    }

    model::ToolResult result_of(const std::string& call_id) const {
        auto found = results_.find(call_id);
        if (found == results_.end()) return {call_id, interrupted, {}, true};
        const ContextItem& item = *found->second;
        model::ToolResult result{call_id, item.text, {}, item.is_error};
        if (!item.blocks.is_absent()) {
            for (const Json& block : *item.blocks) add_image(result, block);
        }
        return result;
    }

    static void add_image(model::ToolResult& result, const Json& block) {
        if (text_member(block, "type") != "image") return;
        result.images.push_back({text_member(block, "mimeType"), text_member(block, "data")});
    }

    void put(Role role, model::Block block) {
        if (messages_.empty() && role == Role::assistant) {
            messages_.push_back({Role::user, {model::Text{"(the conversation goes on)"}}});
        }
        if (messages_.empty() || messages_.back().role != role) messages_.push_back({role, {}});
        messages_.back().blocks.push_back(std::move(block));
    }

    const State& state_;
    std::map<std::string, const ContextItem*> results_;
    std::vector<std::string> open_calls_;
    std::string open_message_;
    std::vector<model::Message> messages_;
};

}  // namespace

std::vector<model::Message> build_messages(const State& state) {
    return Builder(state).build();
}

}  // namespace thole
