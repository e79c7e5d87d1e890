#include "mcp/servers.hpp"

#include <algorithm>
#include <set>

#include "async/poll.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "mcp/names.hpp"

namespace thole::mcp {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds read_patience{30'000};
constexpr Milliseconds change_patience{2'000};
constexpr Milliseconds progress_interval{100};
constexpr int most_progress = 500;
constexpr std::size_t most_pages = 10;

async::Task<void> wait_for(Server& server) {
    co_await server.settled();
    co_await server.up_to_date();
}

std::string state_name(Status status) {
    switch (status) {
        case Status::idle:
            return "idle";
        case Status::starting:
            return "starting";
        case Status::ready:
            return "ready";
        case Status::down:
            return "down";
    }
    return "down";
}

std::string number_text(const Json& value) {
    return value.is_number() ? dump_json(value) : std::string();
}

std::string progress_line(const Json& params) {
    std::string message = one_line(to_valid_utf8(text_member(params, "message")), 200);
    std::string done = number_text(member(params, "progress"));
    std::string all = number_text(member(params, "total"));
    std::string line = done + (all.empty() ? "" : " of " + all);
    if (!message.empty()) line += (line.empty() ? "" : ": ") + message;
    return line + "\n";
}

// Servers may report thousands of steps a second.
std::function<void(const Json&)> paced(std::function<void(const std::string&)> show) {
    if (!show) return [](const Json&) {};
    auto last = std::make_shared<Clock::time_point>();
    auto shown = std::make_shared<int>(0);
    return [show = std::move(show), last, shown](const Json& params) {
        Clock::time_point now = Clock::now();
        if (now - *last < progress_interval || ++*shown > most_progress) return;
        *last = now;
        show(progress_line(params));
    };
}

bool is_true(const Json& value) {
    return value.is_boolean() && value.get<bool>();
}

}  // namespace

Servers::Servers(Parts parts) : parts_(std::move(parts)) {
    for (ServerConfig& config : parts_.configs) {
        servers_.push_back(std::make_unique<Server>(config, parts_.server));
    }
}

Servers::~Servers() = default;

Server* Servers::find(std::string_view name) const {
    for (const auto& server : servers_) {
        if (server->config().name == name && !server->is_withdrawn()) return server.get();
    }
    for (const auto& server : servers_) {
        bool is_it = typed_name(server->config().name) == name && !server->is_withdrawn();
        if (is_it) return server.get();
    }
    return nullptr;
}

bool Servers::replace_workspaces(const std::vector<ServerConfig>& configs) {
    if (is_closed_) return false;
    bool have_ended = false;
    for (const auto& server : servers_) {
        const ServerConfig& config = server->config();
        bool stays = !config.is_workspaces || server->is_withdrawn() ||
                     std::find(configs.begin(), configs.end(), config) != configs.end();
        if (stays) continue;
        have_ended = true;
        server->withdraw();
        withdrawn_.spawn(close_one(*server));
    }
    for (const ServerConfig& config : configs) {
        if (find(config.name)) continue;
        servers_.push_back(std::make_unique<Server>(config, parts_.server));
    }
    return have_ended;
}

async::Task<void> Servers::ready() {
    std::stop_token stop = co_await async::current_stop();
    Clock::time_point now = Clock::now();
    Milliseconds longest{0};
    async::Scope waiting(stop);
    for (const auto& server : servers_) {
        if (server->is_withdrawn()) continue;
        if (!is_closed_) server->begin();
        bool starts = server->status() == Status::starting && !server->has_failed();
        if (!starts && !server->is_behind()) continue;
        auto left = std::chrono::ceil<Milliseconds>(server->began() + parts_.wait - now);
        if (!starts) left = change_patience;
        if (left <= Milliseconds(0)) continue;
        longest = std::max(longest, left);
        waiting.spawn(wait_for(*server));
    }
    async::Timer enough(parts_.server.loop, [&waiting] { waiting.request_stop(); });
    if (longest > Milliseconds(0)) enough.start(longest);
    co_await waiting.join();
    if (stop.stop_requested()) co_return;
    tell_late();
    tell_excess();
}

void Servers::tell_late() {
    for (const auto& server : servers_) {
        bool is_told = server->has_failed() || server->is_withdrawn() ||
                       std::find(told_.begin(), told_.end(), server.get()) != told_.end();
        if (server->status() != Status::starting || is_told) continue;
        told_.push_back(server.get());
        parts_.server.host.tell("MCP server '" + server->config().name +
                                "' is not ready yet; the work goes on without its tools until "
                                "it is");
    }
}

// Again when there are more or fewer.
void Servers::tell_excess() {
    std::size_t count = 0;
    std::string first_cut;
    for (const auto& server : servers_) {
        if (server->is_withdrawn()) continue;
        count += server->tools().size();
        if (count > most_offered && first_cut.empty()) first_cut = server->config().name;
    }
    if (first_cut.empty()) count = 0;
    if (std::exchange(told_excess_, count) == count || count == 0) return;
    parts_.server.host.tell("the MCP servers have " + std::to_string(count) +
                            " tools, more than models take: the first " +
                            std::to_string(most_offered) + " are used, which cuts those of '" +
                            first_cut +
                            "'; name the ones you want (tools = [\"get_*\"] in "
                            "[mcp.servers.NAME]), or have fewer servers");
}

std::uint64_t Servers::edition() const {
    std::uint64_t sum = 0;
    for (const auto& server : servers_) sum += server->edition();
    return sum;
}

std::vector<Offer> Servers::offers() const {
    std::vector<Offer> offers;
    std::set<std::string> parts, taken;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (servers_[i]->is_withdrawn()) continue;
        const ServerConfig& config = servers_[i]->config();
        std::string part = server_part(config.name, parts);
        for (const Tool& tool : servers_[i]->tools()) {
            if (offers.size() == most_offered) return offers;
            offers.push_back({tool_name(part, tool.name, taken), i, config.name, tool,
                              config.is_trusted && tool.says_it_reads});
        }
    }
    return offers;
}

std::vector<Standing> Servers::standings() const {
    std::vector<Standing> all;
    for (const auto& server : servers_) {
        if (server->is_withdrawn()) continue;
        const ServerConfig& config = server->config();
        all.push_back({config.name, typed_name(config.name), config.source, config.shown(),
                       state_name(server->status()), server->fault(), server->version(),
                       server->tools().size(), server->prompts()});
    }
    return all;
}

// A server that has forgotten its session has not looked at the request: it gets it again.
async::Task<Result<Reply>> Servers::ask(Server& server, Ask asked, std::string call_id) {
    for (int round = 0;; ++round) {
        Result<void> runs = co_await server.ensure();
        if (!runs) co_return runs.error();
        Ask again = asked;
        Reply reply = co_await server.ask(std::move(again), call_id);
        bool is_forgotten =
            !reply.is_good() && reply.code == 0 && reply.error.code == Code::not_found;
        if (!is_forgotten || round > 0) co_return std::move(reply);
    }
}

async::Task<CallResult> Servers::call(CallRequest request) {
    Server& server = *servers_.at(request.server);
    Json params{{"name", request.tool.name}, {"arguments", *request.arguments}};
    Ask asked{"tools/call", JsonValue(std::move(params))};
    asked.headers = mirrored_headers(request.tool, *request.arguments);
    asked.idle = server.config().patience;
    asked.on_progress = paced(request.on_progress);
    Result<Reply> reply = co_await ask(server, std::move(asked), request.call_id);
    if (!reply) co_return CallResult{true, {reply.error().message, {}}};
    co_return result_of(server, *reply);
}

CallResult Servers::result_of(const Server& server, const Reply& reply) {
    CallResult result;
    if (reply.is_good()) {
        result.content = content_of_result(*reply.result);
        result.has_failed = is_true(member(*reply.result, "isError"));
        return result;
    }
    result.has_failed = true;
    std::string addresses = wanted_addresses(*reply.data);
    result.content.text = "MCP server '" + server.config().name + "': " + reply.error.message;
    if (!addresses.empty()) result.content.text += "\n" + addresses;
    return result;
}

// A result, or why there is none, with the server's name.
Result<JsonValue> Servers::good_result(const Server& server, const Result<Reply>& reply) {
    if (!reply) return reply.error();
    if (reply->is_good()) return reply->result;
    return fail(reply->error.code,
                "MCP server '" + server.config().name + "': " + reply->error.message);
}

bool Servers::has_prompt(const std::string& name) const {
    std::size_t colon = name.find(':');
    if (colon == std::string::npos) return false;
    Server* server = find(name.substr(0, colon));
    return server != nullptr;
}

async::Task<Result<JsonValue>> Servers::prompt(std::string typed) {
    std::size_t space = std::min(typed.find_first_of(" \t\n"), typed.size());
    std::string name = typed.substr(0, space);
    std::size_t colon = name.find(':');
    Server* server = colon == std::string::npos ? nullptr : find(name.substr(0, colon));
    if (!server) co_return fail(Code::not_found, "there is no MCP server for '" + name + "'");
    Result<void> runs = co_await server->ensure();
    if (!runs) co_return runs.error();
    const std::vector<Prompt>& prompts = server->prompts();
    auto prompt = std::find_if(prompts.begin(), prompts.end(), [&](const Prompt& one) {
        return one.name == name.substr(colon + 1);
    });
    if (prompt == prompts.end()) {
        std::string names;
        for (const Prompt& one : prompts) names += (names.empty() ? "" : ", ") + one.name;
        co_return fail(Code::not_found, "MCP server '" + server->config().name +
                                            "' has no prompt '" + name.substr(colon + 1) +
                                            "'; it has " + (names.empty() ? "none" : names));
    }
    Result<Json> arguments = prompt_arguments(*prompt, std::string_view(typed).substr(space));
    if (!arguments) co_return arguments.error();
    Ask asked{"prompts/get",
              JsonValue(Json{{"name", prompt->name}, {"arguments", std::move(*arguments)}})};
    asked.idle = read_patience;
    Result<Reply> reply = co_await ask(*server, std::move(asked), "");
    Result<JsonValue> result = good_result(*server, reply);
    if (!result) co_return result.error();
    co_return blocks_of_prompt(**result);
}

bool Servers::has_resources() const {
    return std::any_of(servers_.begin(), servers_.end(),
                       [](const auto& server) { return server->has_resources(); });
}

std::vector<std::string> Servers::with_resources() const {
    std::vector<std::string> names;
    for (const auto& server : servers_) {
        if (server->has_resources()) names.push_back(server->config().name);
    }
    return names;
}

bool Servers::is_trusted(const std::string& name) const {
    const Server* server = find(name);
    return server && server->config().is_trusted;
}

async::Task<Result<Content>> Servers::read_resource(std::string name, std::string uri) {
    Server* server = find(name);
    if (!server) co_return fail(Code::not_found, "there is no MCP server '" + name + "'");
    Ask asked{"resources/read", JsonValue(Json{{"uri", uri}})};
    asked.idle = read_patience;
    Result<Reply> reply = co_await ask(*server, std::move(asked), "");
    Result<JsonValue> result = good_result(*server, reply);
    if (!result) co_return result.error();
    co_return content_of_resource(**result);
}

async::Task<Result<std::string>> Servers::list_resources(std::string name) {
    Server* server = find(name);
    if (!server) co_return fail(Code::not_found, "there is no MCP server '" + name + "'");
    Listing resources{"resources/list", "resources", "uri"};
    Result<std::string> text = co_await listed(*server, resources);
    if (!text) co_return text.error();
    Listing templates{"resources/templates/list", "resourceTemplates", "uriTemplate"};
    Result<std::string> more = co_await listed(*server, templates);
    if (more) *text += *more;
    co_return text->empty() ? std::string("It lists no resources.") : std::move(*text);
}

// A line for each, page by page.
async::Task<Result<std::string>> Servers::listed(Server& server, Listing listing) {
    std::string text, cursor;
    for (std::size_t page = 0; page < most_pages; ++page) {
        Json params = Json::object();
        if (!cursor.empty()) params["cursor"] = cursor;
        Ask asked{listing.method, JsonValue(std::move(params))};
        asked.idle = read_patience;
        Result<Reply> reply = co_await ask(server, std::move(asked), "");
        Result<JsonValue> result = good_result(server, reply);
        if (!result) co_return result.error();
        const Json& list = member(**result, listing.key);
        for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
            text += one_line(text_member(list[i], listing.uri), 500) + "  " +
                    one_line(text_member(list[i], "name"), 200) + "\n";
        }
        cursor = text_member(**result, "nextCursor");
        if (cursor.empty()) break;
    }
    co_return std::move(text);
}

void Servers::forgive() {
    for (const auto& server : servers_) server->forgive();
}

async::Task<void> Servers::close_one(Server& server) {
    co_await server.close();
}

async::Task<void> Servers::close() {
    is_closed_ = true;
    co_await withdrawn_.join();
    async::Scope closing;
    for (const auto& server : servers_) {
        if (!server->is_withdrawn()) closing.spawn(close_one(*server));
    }
    co_await closing.join();
}

}  // namespace thole::mcp
