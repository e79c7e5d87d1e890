#include "rpc/envelope.hpp"

#include "base/json.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"
#include "rpc/error.hpp"

namespace thole::rpc {

namespace {

Incoming bad(std::string id, int code, const std::string& message) {
    Incoming incoming;
    incoming.kind = Incoming::Kind::bad;
    incoming.answer = response_line(id, Answer::error(code, message).member_text());
    incoming.id = std::move(id);
    return incoming;
}

// A string, a number or null may be an id.
bool is_id(const Json& value) {
    return value.is_string() || value.is_number() || value.is_null();
}

void take_params(Incoming& incoming, Json& message) {
    incoming.params = std::make_shared<Json>(Json::object());
    auto found = message.find("params");
    if (found == message.end() || found->is_null()) return;
    if (found->is_array() && found->empty()) return;
    if (!found->is_object()) {
        incoming.has_bad_params = true;
        return;
    }
    *incoming.params = std::move(*found);
}

Incoming read_call(Json& message) {
    auto id = message.find("id");
    bool has_id = id != message.end();
    if (has_id && !is_id(*id)) return bad("null", invalid_request, "invalid request: bad id");
    std::string id_text = has_id ? dump_json(*id) : std::string("null");
    const Json& method = member(message, "method");
    if (!method.is_string()) {
        return bad(id_text, invalid_request, "invalid request: method must be a string");
    }
    Incoming incoming;
    incoming.kind = has_id ? Incoming::Kind::request : Incoming::Kind::notification;
    incoming.id = std::move(id_text);
    incoming.method = method.get_ref<const std::string&>();
    take_params(incoming, message);
    return incoming;
}

Incoming read_response(Json& message) {
    Incoming incoming;
    incoming.kind = Incoming::Kind::response;
    incoming.result = std::make_shared<Json>();
    const Json& id = member(message, "id");
    if (id.is_number_integer()) incoming.call = id.get<std::int64_t>();
    auto error = message.find("error");
    incoming.is_error = error != message.end() && !error->is_null();
    auto result = message.find("result");
    if (incoming.is_error) {
        *incoming.result = std::move(*error);
    } else if (result != message.end()) {
        *incoming.result = std::move(*result);
    }
    return incoming;
}

std::string_view without_padding(std::string_view line) {
    line = trim(line);
    if (line.starts_with("\xEF\xBB\xBF")) line = trim(line.substr(3));
    return line;
}

}  // namespace

Incoming read_line(std::string_view line) {
    line = without_padding(line);
    if (line.empty()) return {};
    if (nests_deeper(line, max_nesting)) {
        return bad("null", parse_error, "parse error: nested too deeply");
    }
    Result<Json> parsed = parse_json(line);
    if (!parsed) return bad("null", parse_error, "parse error: the line is not JSON in UTF-8");
    Json& message = *parsed;
    if (!message.is_object()) {
        return bad("null", invalid_request, "invalid request: a message must be one object");
    }
    if (!member(message, "method").is_null()) return read_call(message);
    if (message.contains("result") || message.contains("error")) return read_response(message);
    return bad("null", invalid_request, "invalid request: no method, no result and no error");
}

std::string response_line(std::string_view id, std::string_view member) {
    std::string line = R"({"jsonrpc":"2.0","id":)";
    line.append(id).append(",").append(member).append("}");
    return line;
}

std::string request_line(std::int64_t id, std::string_view method, std::string_view params) {
    std::string line = R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":)";
    line += json_string(method);
    if (!params.empty()) line.append(R"(,"params":)").append(params);
    line += '}';
    return line;
}

std::string notification_line(std::string_view method, std::string_view params) {
    std::string line = R"({"jsonrpc":"2.0","method":)" + json_string(method);
    if (!params.empty()) line.append(R"(,"params":)").append(params);
    line += '}';
    return line;
}

bool nests_deeper(std::string_view text, int limit) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (in_string) {
            if (c == '\\') {
                ++at;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > limit) return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

}  // namespace thole::rpc
