// How a Server talks: the handshakes of both eras, its requests and its answers.
#include <algorithm>
#include <array>

#include "async/sleep.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "mcp/hidden.hpp"
#include "mcp/server.hpp"

namespace thole::mcp {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr const char* modern_version = "2026-07-28";
constexpr const char* legacy_version = "2025-11-25";
constexpr std::array<std::string_view, 4> legacy_versions{"2025-11-25", "2025-06-18", "2025-03-26",
                                                          "2024-11-05"};
constexpr Milliseconds probe_patience{3000};  // servers that do not know the question may be silent
constexpr Milliseconds handshake_patience{55'000};
constexpr Milliseconds lasting{24 * 3600 * 1000};
constexpr Milliseconds first_pause{1000}, longest_pause{60'000};
constexpr int version_refused = -32022;
constexpr int most_rounds = 10;
constexpr int most_tries = 3;
constexpr const char* meta_prefix = "io.modelcontextprotocol/";

Json client_info() {
    return Json{{"name", "thole"}, {"title", "thole"}, {"version", THOLE_VERSION}};
}

// What the header Mcp-Name repeats.
std::string named_thing(const Json& params) {
    std::string name = text_member(params, "name");
    return name.empty() ? text_member(params, "uri") : name;
}

http::Headers modern_headers(const std::string& method, const Json& params) {
    http::Headers headers{{"MCP-Protocol-Version", modern_version}, {"Mcp-Method", method}};
    std::string name = named_thing(params);
    bool is_named = method == "tools/call" || method == "prompts/get" || method == "resources/read";
    if (is_named) headers.emplace_back("Mcp-Name", header_value(name));
    return headers;
}

bool lists(const Json& list, std::string_view wanted) {
    return list.is_array() && std::any_of(list.begin(), list.end(), [&](const Json& one) {
               return one.is_string() && one.get_ref<const std::string&>() == wanted;
           });
}

bool is_final(const Error& error) {
    return error.code == Code::authentication || error.code == Code::cancelled;
}

std::string uri_of(const std::string& path) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string uri = "file://";
    for (char c : path) {
        auto byte = static_cast<unsigned char>(c);
        if (plain.find(c) != std::string_view::npos) {
            uri += c;
        } else {
            uri += '%';
            uri += digits[byte >> 4U];
            uri += digits[byte & 15U];
        }
    }
    return uri;
}

JsonValue action(const char* word) {
    return JsonValue(Json{{"action", word}});
}

}  // namespace

std::string Server::era_key() const {
    std::string key = config_.is_http() ? config_.url : config_.command;
    for (const std::string& word : config_.args) key += "\n" + word;
    return key;
}

Json Server::capabilities() const {
    Json can{{"roots", Json::object()}};
    if (parts_.host.asks()) can["elicitation"] = {{"form", Json::object()}};
    return can;
}

// A server of the older era answers the question of the newer one with some error, or not at all;
// one that dies of it is started once more and asked in its own way. One that was slow may have
// taken the question after all, and one may have changed its mind since the last time: both refuse
// the older handshake by its revision.
async::Task<Result<void>> Server::greet() {
    Era& known = (*parts_.eras)[era_key()];
    if (known != Era::legacy) {
        Result<bool> is_modern = co_await greet_modern();
        if (!is_modern) co_return is_modern.error();
        if (*is_modern) co_return Result<void>();
    }
    if (peer_->is_lost()) {
        co_await retire();
        Result<void> opened = open();
        if (!opened) co_return opened;
    }
    Reply reply = co_await initialize();
    if (reply.code == version_refused) {
        Result<bool> is_modern = co_await greet_modern();
        if (is_modern && *is_modern) co_return Result<void>();
        era_ = Era::legacy;
    }
    Result<void> greeted = agree(reply);
    known = greeted ? Era::legacy : Era::unknown;
    co_return greeted;
}

// False: it does not speak so. Errors: the older way would not help either.
async::Task<Result<bool>> Server::greet_modern() {
    era_ = Era::modern;
    Reply reply = co_await discover();
    if (!reply.is_good() && is_final(reply.error)) co_return reply.error;
    bool is_modern =
        reply.is_good() && lists(member(*reply.result, "supportedVersions"), modern_version);
    if (!is_modern) co_return false;
    version_ = modern_version;
    know(member(*reply.result, "capabilities"));
    (*parts_.eras)[era_key()] = Era::modern;
    co_return true;
}

async::Task<Reply> Server::discover() {
    Ask asked{"server/discover", JsonValue(Json::object())};
    asked.idle = config_.is_http() ? 5 * probe_patience : probe_patience;
    asked.is_handshake = true;
    co_return co_await send(std::move(asked));
}

async::Task<Reply> Server::initialize() {
    era_ = Era::legacy;
    Json params{{"protocolVersion", legacy_version},
                {"capabilities", capabilities()},
                {"clientInfo", client_info()}};
    Ask asked{"initialize", JsonValue(std::move(params))};
    asked.idle = handshake_patience;
    asked.is_handshake = true;
    co_return co_await send(std::move(asked));
}

Result<void> Server::agree(const Reply& reply) {
    if (!reply.is_good()) {
        if (is_final(reply.error)) return reply.error;
        std::string why = "it refused the handshake: " + reply.error.message;
        if (reply.code == 0) why = reply.error.message;
        if (reply.code == version_refused) why += " (it speaks a revision that thole does not)";
        return fail(reply.error.code, std::move(why));
    }
    std::string version = text_member(*reply.result, "protocolVersion");
    if (std::find(legacy_versions.begin(), legacy_versions.end(), version) ==
        legacy_versions.end()) {
        return fail(Code::corrupt, "it speaks revision '" + one_line(version, 40) +
                                       "' of the protocol, which thole does not");
    }
    version_ = version;
    know(member(*reply.result, "capabilities"));
    peer_->transport().agree(version, true);
    peer_->notify("notifications/initialized", Json::object(), {});
    return {};
}

void Server::know(const Json& capabilities) {
    has_tools_ = member(capabilities, "tools").is_object();
    has_prompts_ = member(capabilities, "prompts").is_object();
    has_resources_ = member(capabilities, "resources").is_object();
    if (!has_tools_) tools_.clear();
    if (!has_prompts_) prompts_.clear();
    peer_->closes_to_cancel(era_ == Era::modern && config_.is_http());
}

// The newer era tells of changes only to those that ask for it, for as long as they listen.
async::Task<void> Server::listen() {
    std::shared_ptr<Peer> peer = peer_;
    Milliseconds pause = first_pause;
    Json wanted{{"notifications", Json::object()}};
    if (has_tools_) wanted["notifications"]["toolsListChanged"] = true;
    if (has_prompts_) wanted["notifications"]["promptsListChanged"] = true;
    while (!peer->is_lost() && peer == peer_) {
        Ask asked{"subscriptions/listen", JsonValue(wanted)};
        asked.idle = lasting;
        Reply reply = co_await send(std::move(asked));
        if (reply.code != 0 || reply.error.code == Code::cancelled) co_return;
        async::Wake wake = co_await async::sleep_for(parts_.loop, pause);
        if (wake == async::Wake::stopped) co_return;
        pause = std::min(2 * pause, longest_pause);
    }
}

// With what the era wants to see on every request.
async::Task<Reply> Server::send(Ask ask) {
    std::shared_ptr<Peer> peer = peer_;
    if (!peer) {
        Reply none;
        none.error = fail(Code::unavailable, "it does not run");
        co_return none;
    }
    if (era_ == Era::modern) {
        Json params = *ask.params;
        Json& meta = params["_meta"];
        meta[std::string(meta_prefix) + "protocolVersion"] = modern_version;
        meta[std::string(meta_prefix) + "clientCapabilities"] = capabilities();
        meta[std::string(meta_prefix) + "clientInfo"] = client_info();
        http::Headers headers = modern_headers(ask.method, params);
        ask.headers.insert(ask.headers.begin(), headers.begin(), headers.end());
        ask.params = JsonValue(std::move(params));
    }
    hide_in(ask);
    Reply reply = co_await peer->request(std::move(ask));
    co_return hidden(std::move(reply));
}

void Server::hide_in(Ask& ask) const {
    if (secrets_.empty() || !ask.on_progress) return;
    ask.on_progress = [show = std::move(ask.on_progress), &secrets = secrets_](const Json& params) {
        Json shown = params;
        hide_secrets(shown, secrets);
        show(shown);
    };
}

Reply Server::hidden(Reply reply) const {
    if (secrets_.empty()) return reply;
    reply.error.message = without_secrets(std::move(reply.error.message), secrets_);
    for (JsonValue* part : {&reply.result, &reply.data}) {
        if (part->is_absent()) continue;
        Json shown = **part;
        hide_secrets(shown, secrets_);
        *part = JsonValue(std::move(shown));
    }
    return reply;
}

async::Task<Reply> Server::ask(Ask asked, std::string call_id) {
    calls_.push_back(call_id);
    Reply reply;
    for (int round = 0; round < most_rounds; ++round) {
        Ask again = asked;
        reply = co_await send(std::move(again));
        bool wants_input = reply.is_good() && era_ == Era::modern &&
                           text_member(*reply.result, "resultType") == "input_required";
        if (!wants_input) break;
        Json responses = Json::object();
        std::shared_ptr<Json> requests =
            std::make_shared<Json>(member(*reply.result, "inputRequests"));
        Result<void> responded = co_await respond_all(*requests, responses);
        if (!responded) {
            reply.error = responded.error();
            break;
        }
        Json params = *asked.params;
        params["inputResponses"] = std::move(responses);
        const Json& state = member(*reply.result, "requestState");
        if (!state.is_null()) params["requestState"] = state;
        asked.params = JsonValue(std::move(params));
        reply.error = fail(Code::limit, "it asked for more again and again");
    }
    std::erase(calls_, call_id);
    if (reply.is_good()) failures_ = 0;
    co_return reply;
}

async::Task<Result<void>> Server::respond_all(const Json& requests, Json& responses) {
    if (!requests.is_object() || requests.empty() || requests.size() > 16) {
        co_return fail(Code::corrupt, "it asked for input without saying for what");
    }
    for (auto one = requests.begin(); one != requests.end(); ++one) {
        std::string method = text_member(one.value(), "method");
        auto params = std::make_shared<Json>(member(one.value(), "params"));
        Result<JsonValue> response = co_await respond(std::move(method), std::move(params));
        if (!response) co_return response.error();
        responses[one.key()] = **response;
    }
    co_return Result<void>();
}

async::Task<rpc::Answer> Server::answer(std::string method, std::shared_ptr<Json> params) {
    Result<JsonValue> response = co_await respond(std::move(method), std::move(params));
    if (response) co_return rpc::Answer::result(**response);
    const Error& why = response.error();
    int code = why.code == Code::not_found ? rpc::method_not_found : rpc::code_on_wire(why.code);
    co_return rpc::Answer::error(code, why.message);
}

async::Task<Result<JsonValue>> Server::respond(std::string method, std::shared_ptr<Json> params) {
    if (method == "roots/list") co_return JsonValue(roots());
    if (method == "elicitation/create") co_return co_await elicit(std::move(params));
    if (method == "sampling/createMessage") {
        co_return fail(Code::not_found,
                       "thole does not lend its model to servers; do without, or ask the user");
    }
    co_return fail(Code::not_found, "unknown method '" + one_line(method, 100) + "'");
}

Json Server::roots() const {
    Json list = Json::array();
    for (const std::string& path : parts_.host.roots()) {
        list.push_back({{"uri", uri_of(path)}, {"name", path.substr(path.rfind('/') + 1)}});
    }
    return Json{{"roots", std::move(list)}};
}

async::Task<Result<JsonValue>> Server::elicit(std::shared_ptr<Json> params) {
    std::string mode = text_member(*params, "mode");
    if (!mode.empty() && mode != "form") {
        co_return fail(Code::invalid_argument, "only questions of the mode 'form' can be asked");
    }
    if (!parts_.host.asks()) co_return action("decline");
    hide_secrets(*params, secrets_);
    Result<std::vector<FormField>> fields = form_fields(member(*params, "requestedSchema"));
    if (!fields) co_return fields.error();
    std::string message = text_member(*params, "message");
    if (fields->empty()) {
        FormField consent;
        consent.title = "Go on";
        consent.kind = FormField::Kind::flag;
        consent.is_required = true;
        fields->push_back(std::move(consent));
    }
    Json content = Json::object();
    for (const FormField& field : *fields) {
        Result<JsonValue> value = co_await ask_field(message, field);
        if (!value) co_return action(value.error().code == Code::denied ? "decline" : "cancel");
        if (field.name.empty() && **value == Json(false)) co_return action("decline");
        bool is_given = !value->is_absent() && !field.name.empty();
        if (is_given) content[field.name] = **value;
    }
    co_return JsonValue(Json{{"action", "accept"}, {"content", std::move(content)}});
}

// Absent: the user leaves it out. An answer that does not fit is asked for again.
async::Task<Result<JsonValue>> Server::ask_field(const std::string& message,
                                                 const FormField& field) {
    std::shared_ptr<Peer> peer = peer_;
    std::string trouble;
    for (int round = 0; round < most_tries && peer; ++round) {
        QuestionRequested question = question_for(config_.name, message, field);
        question.question += trouble;
        question.question_id = "mcp-" + random_token(8);
        if (!calls_.empty()) question.call_id = calls_.back();
        peer->begin_question();
        Result<JsonValue> selection = co_await parts_.host.ask(std::move(question));
        peer->end_question();
        if (!selection) co_return selection.error();
        if (text_member(**selection, "kind") == "cancelled") co_return cancelled();
        auto value = field_value(field, text_member(**selection, "text"));
        if (value) co_return value->value_or(JsonValue());
        trouble = "\n\n(" + value.error().message + ")";
    }
    co_return cancelled();
}

}  // namespace thole::mcp
