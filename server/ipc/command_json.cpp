#include "ipc/command_json.hpp"

#include <array>
#include <type_traits>
#include <utility>

#include "base/fields.hpp"
#include "base/json.hpp"

namespace thole::ipc {

namespace {

template <class T>
constexpr std::string_view name = "";
template <>
constexpr std::string_view name<SendMessage> = "SendMessage";
template <>
constexpr std::string_view name<Approve> = "ApproveToolCall";
template <>
constexpr std::string_view name<Deny> = "DenyToolCall";
template <>
constexpr std::string_view name<AnswerQuestion> = "AnswerQuestion";
template <>
constexpr std::string_view name<ReviewPlan> = "ReviewPlan";
template <>
constexpr std::string_view name<ReviewChanges> = "ReviewChanges";
template <>
constexpr std::string_view name<SetMode> = "SetMode";
template <>
constexpr std::string_view name<SetOption> = "SetOption";
template <>
constexpr std::string_view name<Compact> = "Compact";
template <>
constexpr std::string_view name<Save> = "Save";
template <>
constexpr std::string_view name<MergeChild> = "MergeChild";
template <>
constexpr std::string_view name<DiscardChild> = "DiscardChild";
template <>
constexpr std::string_view name<CancelChild> = "CancelChild";
template <>
constexpr std::string_view name<SetTitle> = "SetTitle";
template <>
constexpr std::string_view name<Archive> = "Archive";
template <>
constexpr std::string_view name<Cancel> = "Cancel";
template <>
constexpr std::string_view name<Shutdown> = "Shutdown";

template <std::size_t... index>
constexpr auto names_of(std::index_sequence<index...>) {
    return std::array{name<std::variant_alternative_t<index, Command>>...};
}
using Indexes = std::make_index_sequence<std::variant_size_v<Command>>;
// In the order of Command.
constexpr auto names = names_of(Indexes());

void write(Json& json, const SendMessage& command) {
    json["content"] = command.content;
    if (!command.blocks.is_absent()) json["blocks"] = *command.blocks;
    if (!command.message_id.empty()) json["message_id"] = command.message_id;
    if (!command.command.empty()) json["command"] = command.command;
    if (!command.model.empty()) json["model"] = command.model;
    if (!command.agent.empty()) json["agent"] = command.agent;
    if (!command.tools.empty()) json["tools"] = command.tools;
}
void write(Json& json, const Approve& command) {
    json["call_id"] = command.call_id;
    json["scope"] = command.for_session ? "session" : "once";
}
void write(Json& json, const Deny& command) {
    json["call_id"] = command.call_id;
    if (!command.reason.empty()) json["reason"] = command.reason;
}
void write(Json& json, const AnswerQuestion& command) {
    json["question_id"] = command.question_id;
    json["selection"] = *command.selection;
}
void write(Json& json, const SetMode& command) {
    json["mode"] = command.mode;
}
void write(Json& json, const SetOption& command) {
    json["name"] = command.name;
    json["value"] = command.value;
}
void write(Json& json, const ReviewPlan& command) {
    json["decision"] = command.decision;
    if (!command.feedback.empty()) json["feedback"] = command.feedback;
    if (command.edits) json["edits"] = *command.edits;
    if (command.revision != 0) json["revision"] = command.revision;
    if (!command.mode.empty()) json["mode"] = command.mode;
    for (const PlanComment& comment : command.comments) {
        json["comments"].push_back({{"start_line", comment.start_line},
                                    {"end_line", comment.end_line},
                                    {"text", comment.text}});
    }
}
void write(Json& json, const ReviewChanges& command) {
    json["path"] = command.path;
    json["event_id"] = command.event_id;
    if (command.baseline) json["baseline"] = *command.baseline;
    if (command.latest) json["latest"] = *command.latest;
}
void write(Json& json, const Cancel& command) {
    if (!command.limit.empty()) json["limit"] = command.limit;
}
void write(Json& json, const MergeChild& command) {
    json["child_session_id"] = command.child_session_id;
    if (!command.branch.empty()) json["branch"] = command.branch;
}
void write(Json& json, const DiscardChild& command) {
    json["child_session_id"] = command.child_session_id;
}
void write(Json& json, const CancelChild& command) {
    json["child_session_id"] = command.child_session_id;
}
void write(Json& json, const SetTitle& command) {
    json["title"] = command.title;
}
void write(Json& json, const Archive& command) {
    json["archived"] = command.archived;
}
void write(Json&, const Compact&) {}
void write(Json&, const Save&) {}
void write(Json&, const Shutdown&) {}

void read(Fields& fields, SendMessage& command) {
    bool has_blocks = fields.has("blocks");
    command.content = has_blocks ? fields.text_or("content", "") : fields.text("content");
    if (has_blocks) {
        const Json& blocks = fields.array("blocks");
        if (blocks.empty()) fields.fail_at("blocks", "is empty; leave it out or give a block");
        for (const Json& block : blocks) {
            if (!block.is_object()) fields.fail_at("blocks", "holds something that is no object");
        }
        command.blocks = JsonValue(blocks);
    } else if (command.content.empty()) {
        fields.fail_at("content", "must not be empty");
    }
    command.message_id = fields.text_or("message_id", "");
    command.command = fields.text_or("command", "");
    command.model = fields.text_or("model", "");
    command.agent = fields.text_or("agent", "");
    command.tools = fields.optional_texts("tools");
}
void read(Fields& fields, Approve& command) {
    command.call_id = fields.text("call_id");
    command.for_session = fields.optional_one_of("scope", {"once", "session"}) == "session";
}
void read(Fields& fields, Deny& command) {
    command.call_id = fields.text("call_id");
    command.reason = fields.text_or("reason", "");
}
void read(Fields& fields, AnswerQuestion& command) {
    command.question_id = fields.text("question_id");
    const Json& selection = fields.object("selection");
    Fields inner(selection, fields.path_of("selection"));
    std::string kind = inner.one_of("kind", {"option", "custom", "suggested", "cancelled"});
    bool needs_text = kind == "option" || kind == "custom";
    if (needs_text) inner.text("text");
    if (!needs_text) inner.text_or("text", "");
    fields.merge(inner);
    command.selection = JsonValue(selection);
}
void read(Fields& fields, SetMode& command) {
    command.mode = fields.text("mode");
}
void read(Fields& fields, SetOption& command) {
    command.name = fields.text("name");
    command.value = fields.text("value");
}
void read(Fields& fields, ReviewPlan& command) {
    command.decision = fields.one_of("decision", {"approved", "rejected", "feedback"});
    command.feedback = fields.text_or("feedback", "");
    command.edits = fields.optional_text("edits");
    command.revision = fields.optional_integer("revision", 1).value_or(0);
    command.mode = fields.text_or("mode", "");
    for (const Json& one : fields.optional_array("comments")) {
        std::string path =
            fields.path_of("comments[" + std::to_string(command.comments.size()) + "]");
        Fields inner(one, path);
        PlanComment comment;
        comment.start_line = inner.integer("start_line", 1);
        comment.end_line = inner.optional_integer("end_line", 1).value_or(comment.start_line);
        comment.text = inner.text("text");
        fields.merge(inner);
        command.comments.push_back(std::move(comment));
    }
}
void read(Fields& fields, ReviewChanges& command) {
    command.path = fields.text("path");
    command.event_id = fields.integer("event_id", 1);
    command.baseline = fields.optional_text("baseline");
    command.latest = fields.optional_text("latest");
}
void read(Fields& fields, Cancel& command) {
    command.limit = fields.text_or("limit", "");
}
void read(Fields& fields, MergeChild& command) {
    command.child_session_id = fields.text("child_session_id");
    command.branch = fields.text_or("branch", "");
}
void read(Fields& fields, DiscardChild& command) {
    command.child_session_id = fields.text("child_session_id");
}
void read(Fields& fields, CancelChild& command) {
    command.child_session_id = fields.text("child_session_id");
}
void read(Fields& fields, SetTitle& command) {
    command.title = fields.text("title");
}
void read(Fields& fields, Archive& command) {
    command.archived = fields.flag("archived", true);
}
void read(Fields&, Compact&) {}
void read(Fields&, Save&) {}
void read(Fields&, Shutdown&) {}

template <class T>
Result<Command> read_command(const Json& json) {
    Fields fields(json, std::string(name<T>));
    T command;
    read(fields, command);
    if (Result<void> read = fields.finish(); !read) return read.error();
    return Command(std::move(command));
}

template <std::size_t... index>
Result<Command> read_any(std::string_view type, const Json& json, std::index_sequence<index...>) {
    std::optional<Result<Command>> found;
    ((type == names[index]
          ? void(found = read_command<std::variant_alternative_t<index, Command>>(json))
          : void()),
     ...);
    if (found) return std::move(*found);
    std::string known;
    for (std::string_view one : names) known.append(known.empty() ? "" : ", ").append(one);
    return fail(Code::invalid_argument, "there is no command '" + std::string(type.substr(0, 64)) +
                                            "'; the commands are Subscribe, " + known);
}

}  // namespace

std::string_view command_name(const Command& command) {
    return names[command.index()];
}

Json command_to_json(const Command& command) {
    Json json{{"type", command_name(command)}};
    std::visit([&](const auto& one) { write(json, one); }, command);
    return json;
}

Result<Command> command_from_json(const Json& json) {
    Fields fields(json, "");
    std::string type = fields.text("type");
    if (Result<void> read = fields.finish(); !read) return read.error();
    return read_any(type, json, Indexes());
}

}  // namespace thole::ipc
