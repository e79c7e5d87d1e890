#include "journal/passages.hpp"

#include "base/json.hpp"

namespace thole {

namespace {

void add(std::string& text, std::string_view more) {
    if (more.empty()) return;
    if (!text.empty()) text += '\n';
    text += more;
}

// The texts of opaque JSON, without the bytes of images and the names of kinds.
void add_texts(std::string& text, const Json& json) {
    if (json.is_string()) return add(text, json.get_ref<const std::string&>());
    if (json.is_array()) {
        for (const Json& item : json) add_texts(text, item);
    }
    if (!json.is_object()) return;
    for (const auto& [name, value] : json.items()) {
        if (name != "data" && name != "type" && name != "mimeType") add_texts(text, value);
    }
}

void add_paths(std::string& text, const std::vector<Location>& locations,
               const std::vector<FileDiff>& diffs) {
    for (const Location& location : locations) add(text, location.path);
    for (const FileDiff& diff : diffs) add(text, diff.path);
}

// The passage of one event; without text when it has none.
struct Reading {
    Passage operator()(const SessionStarted& e) const {
        if (e.parent_session_id.empty() || e.resumed) return {};
        std::string text = "child " + e.spawn_reason;
        add(text, e.inherited_summary);
        return {0, "start", std::move(text)};
    }
    Passage operator()(const MessageReceived& e) const {
        if (e.role == "assistant") return {0, "answer", e.content};
        std::string text = e.content;
        add_texts(text, *e.blocks);
        return {0, "prompt", std::move(text)};
    }
    Passage operator()(const ToolCallStarted& e) const {
        std::string text = e.tool;
        add(text, e.title);
        add_texts(text, *e.input);
        add_paths(text, e.locations, e.diffs);
        return {0, "call", std::move(text)};
    }
    Passage operator()(const ToolCallCompleted& e) const {
        std::string text = e.output;
        add_texts(text, *e.content);
        add_paths(text, e.locations, e.diffs);
        for (const std::string& file : e.changed_files) add(text, file);
        return {0, "output", std::move(text)};
    }
    Passage operator()(const QuestionRequested& e) const {
        std::string text = e.question;
        for (const std::string& option : e.options) add(text, option);
        return {0, "question", std::move(text)};
    }
    Passage operator()(const QuestionResolved& e) const {
        return {0, "question", text_member(*e.selection, "text")};
    }
    Passage operator()(const TodosUpdated& e) const {
        std::string text;
        for (const TaskItem& task : e.tasks) add(text, task.content);
        return {0, "tasks", std::move(text)};
    }
    Passage operator()(const PlanUpdated& e) const { return {0, "plan", e.content}; }
    Passage operator()(const PlanReviewed& e) const {
        std::string text = e.feedback;
        for (const PlanComment& comment : e.comments) add(text, comment.text);
        return {0, "plan", std::move(text)};
    }
    Passage operator()(const ChildSessionSpawned& e) const { return {0, "call", e.task}; }
    Passage operator()(const ChildSessionCompleted& e) const { return {0, "output", e.summary}; }
    Passage operator()(const ContextCompaction& e) const { return {0, "summary", e.summary}; }
    Passage operator()(const ErrorReported& e) const { return {0, "error", e.message}; }
    template <class E>
    Passage operator()(const E&) const {
        return {};
    }
};

}  // namespace

void Passages::take(const Envelope& envelope) {
    if (const auto* tokens = std::get_if<TokensStreamed>(&envelope.event)) {
        streamed_ = tokens->message_id;
        return piece(envelope.id, "answer", tokens->message_id, tokens->text);
    }
    if (const auto* thought = std::get_if<ThoughtStreamed>(&envelope.event)) {
        const bool is_readable = !thought->redacted;
        return piece(envelope.id, "thought", thought->message_id, is_readable ? thought->text : "");
    }
    finish();
    const auto* message = std::get_if<MessageReceived>(&envelope.event);
    const bool is_repeated = message && message->role == "assistant" && !streamed_.empty() &&
                             message->message_id == streamed_;
    if (is_repeated) return;
    Passage passage = std::visit(Reading{}, envelope.event);
    passage.event_id = envelope.id;
    if (!passage.text.empty()) sink_(passage);
}

void Passages::piece(std::uint64_t id, const char* kind, const std::string& message_id,
                     const std::string& text) {
    const bool goes_on = open() && open_.kind == kind && open_message_ == message_id;
    if (!goes_on) {
        finish();
        open_ = {id, kind, ""};
        open_message_ = message_id;
    }
    open_.text += text;
}

void Passages::finish() {
    if (open() && !open_.text.empty()) sink_(open_);
    open_ = {};
}

}  // namespace thole
