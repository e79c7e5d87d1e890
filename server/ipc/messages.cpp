#include "ipc/messages.hpp"

#include "base/code.hpp"
#include "base/fields.hpp"
#include "base/json.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"
#include "ipc/command_json.hpp"
#include "rpc/envelope.hpp"

namespace thole::ipc {

namespace {

constexpr int deepest_nesting = 200;
constexpr std::size_t longest_request_id = 256;

Error bad_line(const std::string& what) {
    return fail(Code::invalid_argument,
                what + "; send one JSON object a line, such as {\"type\":\"Cancel\"}");
}

Result<Json> parse_line(std::string_view line) {
    if (line.find('\0') != std::string_view::npos) return bad_line("the line has a NUL byte in it");
    if (!is_valid_utf8(line)) return bad_line("the line is not UTF-8");
    if (rpc::nests_deeper(line, deepest_nesting)) return bad_line("the line is nested too deeply");
    Result<Json> json = parse_json(line);
    if (!json) return bad_line("the line is not JSON");
    if (json->is_object()) return json;
    return bad_line("the line is no object but " + std::string(json->type_name()));
}

// The id as JSON text. Errors: invalid_argument.
Result<std::string> request_id_of(const Json& json) {
    const Json& id = member(json, "request_id");
    if (id.is_null()) return std::string();
    if (!id.is_string() && !id.is_number()) {
        return fail(Code::invalid_argument, "request_id: expected a string or a number, got " +
                                                std::string(id.type_name()));
    }
    std::string text = dump_json(id);
    if (text.size() <= longest_request_id) return text;
    return fail(Code::invalid_argument,
                "request_id: is longer than " + std::to_string(longest_request_id) + " bytes");
}

Result<std::variant<Subscribe, Command>> read_wish(const Json& json) {
    if (text_member(json, "type") != "Subscribe") {
        Result<Command> command = command_from_json(json);
        if (!command) return command.error();
        return std::variant<Subscribe, Command>(std::move(*command));
    }
    Fields fields(json, "Subscribe");
    Subscribe subscribe;
    auto after_id = fields.optional_integer("after_id", 0).value_or(0);
    subscribe.after_id = static_cast<std::uint64_t>(after_id);
    subscribe.deltas = fields.flag("deltas", false);
    subscribe.answers = fields.flag("answers", false);
    if (Result<void> read = fields.finish(); !read) return read.error();
    return std::variant<Subscribe, Command>(subscribe);
}

// The start of an answer: {"type":"Ack","command":"Cancel","request_id":7
std::string answer_start(std::string_view type, const Request& request) {
    std::string line = R"({"type":")" + std::string(type) + '"';
    if (!request.name.empty()) line += R"(,"command":)" + json_string(request.name);
    if (!request.request_id.empty()) line += R"(,"request_id":)" + request.request_id;
    return line;
}

std::string member_text(std::string_view name, std::string_view value) {
    return ",\"" + std::string(name) + "\":" + json_string(value);
}

std::uint64_t natural(const Json& json, std::string_view key) {
    const Json& number = member(json, key);
    return number.is_number_unsigned() ? number.get<std::uint64_t>() : 0;
}

Result<Message> read_delta(const Json& json) {
    Result<Event> piece = event_from_json(member(json, "event"));
    if (!piece) return piece.error();
    return Message(Delta{std::move(*piece)});
}

Nack read_nack(const Json& json) {
    Code code = parse_code(text_member(json, "code")).value_or(Code::internal);
    return Nack{natural(json, "request_id"), fail(code, text_member(json, "error"))};
}

}  // namespace

Request read_request(std::string_view line) {
    Request request{{}, {}, fail(Code::internal, "not read")};
    Result<Json> json = parse_line(line);
    if (!json) {
        request.wish = json.error();
        return request;
    }
    request.name = clip_utf8(text_member(*json, "type"), 64);
    Result<std::string> request_id = request_id_of(*json);
    if (!request_id) {
        request.wish = request_id.error();
        return request;
    }
    request.request_id = std::move(*request_id);
    request.wish = read_wish(*json);
    return request;
}

std::string subscribe_line(const Subscribe& subscribe) {
    Json json{{"type", "Subscribe"},
              {"after_id", subscribe.after_id},
              {"deltas", subscribe.deltas},
              {"answers", subscribe.answers}};
    return dump_json(json) + '\n';
}

std::string command_line(const Command& command, std::uint64_t request_id) {
    Json json = command_to_json(command);
    json["request_id"] = request_id;
    return dump_json(json) + '\n';
}

std::string subscribed_line(const Subscribed& subscribed, const Request& request) {
    std::string line = answer_start("Subscribed", request);
    line += member_text("session_id", subscribed.session_id);
    line += R"(,"pid":)" + std::to_string(subscribed.pid);
    return line + R"(,"last_id":)" + std::to_string(subscribed.last_id) + "}\n";
}

std::string ack_line(const Request& request, const std::string& message_id) {
    std::string line = answer_start("Ack", request);
    if (!message_id.empty()) line += member_text("message_id", message_id);
    return line + "}\n";
}

std::string nack_line(const Request& request, const Error& why) {
    std::string line = answer_start("Nack", request);
    line += member_text("code", code_name(why.code));
    return line + member_text("error", one_line(why.message, 2048)) + "}\n";
}

std::string delta_line(const Event& piece) {
    return R"({"type":"Delta","event":)" + dump_json(event_to_json(piece)) + "}\n";
}

std::string damage_line(const std::string& what) {
    return R"({"type":"Damage")" + member_text("error", what) + "}\n";
}

std::string disconnected_line(const Disconnected& disconnected) {
    std::string line = R"({"type":"Disconnected")" + member_text("code", disconnected.code);
    line += member_text("reason", disconnected.reason);
    return line + R"(,"last_id":)" + std::to_string(disconnected.last_id) + "}\n";
}

Result<Message> read_message(std::string_view line) {
    if (line.starts_with(R"({"schema_version":)")) return Message(LogLine{});
    if (rpc::nests_deeper(line, deepest_nesting * 2)) {
        return fail(Code::corrupt, "a message is nested too deeply");
    }
    Result<Json> json = parse_json(line);
    if (!json) return fail(Code::corrupt, "a message is not JSON");
    std::string type = text_member(*json, "type");
    if (type.empty() && json->is_object() && json->contains("event")) return Message(LogLine{});
    if (type == "Ack") return Message(Ack{natural(*json, "request_id")});
    if (type == "Nack") return Message(read_nack(*json));
    if (type == "Delta") return read_delta(*json);
    if (type == "Damage") return Message(DamageNote{text_member(*json, "error")});
    if (type == "Subscribed") {
        auto pid = static_cast<std::int64_t>(natural(*json, "pid"));
        return Message(
            Subscribed{text_member(*json, "session_id"), pid, natural(*json, "last_id")});
    }
    if (type == "Disconnected") {
        return Message(Disconnected{text_member(*json, "code"), text_member(*json, "reason"),
                                    natural(*json, "last_id")});
    }
    return Message(Unknown{});
}

}  // namespace thole::ipc
