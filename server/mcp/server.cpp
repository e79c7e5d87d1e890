#include "mcp/server.hpp"

#include <algorithm>
#include <set>

#include "async/poll.hpp"
#include "async/sleep.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "mcp/hidden.hpp"
#include "mcp/http_transport.hpp"
#include "mcp/stdio_transport.hpp"

namespace thole::mcp {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds start_limit{60'000};  // npx may have to fetch it first
constexpr Milliseconds first_pause{500}, longest_pause{60'000};
constexpr Milliseconds list_patience{20'000};
constexpr Milliseconds bearable_pause{2000};  // that a call waits for
constexpr Milliseconds first_rest{50};        // after a change: servers tell of several at once
constexpr Milliseconds longest_rest{5000};    // when they do not stop
constexpr int most_failures = 4;
constexpr int most_pages = 50;
constexpr std::size_t most_listed = 1000;
constexpr std::size_t longest_list = 4U << 20U;
constexpr std::size_t longest_log = 1U << 20U;  // of one start
constexpr std::size_t longest_log_line = 1000;

}  // namespace

Server::Server(ServerConfig config, const Parts& parts)
    : config_(std::move(config)),
      parts_(parts),
      secrets_(config_.secrets()),
      changed_(parts.loop) {}

Server::~Server() = default;

void Server::begin() {
    bool is_up = status_ == Status::starting || status_ == Status::ready;
    if (is_closing_ || is_up || Clock::now() < not_before_) return;
    status_ = Status::starting;
    began_ = Clock::now();
    work_.spawn(start());
}

void Server::forgive() {
    failures_ = 0;
    not_before_ = {};
}

async::Task<void> Server::settled() {
    while (status_ == Status::starting) {
        async::Wake wake = co_await changed_.wait();
        if (wake == async::Wake::stopped) co_return;
    }
}

async::Task<void> Server::up_to_date() {
    while (is_behind_) {
        async::Wake wake = co_await changed_.wait();
        if (wake == async::Wake::stopped) co_return;
    }
}

async::Task<Result<void>> Server::ensure() {
    auto pause = std::chrono::ceil<Milliseconds>(not_before_ - Clock::now());
    bool is_short = failures_ < most_failures && pause <= bearable_pause;
    if (status_ == Status::down && is_short) {
        async::Wake wake = co_await async::sleep_for(parts_.loop, pause);
        if (wake == async::Wake::stopped) co_return cancelled();
        bool is_time =
            not_before_ - Clock::now() < Milliseconds(50);  // timers may fire a moment early
        if (is_time) not_before_ = {};
    }
    begin();
    co_await settled();
    if (status_ == Status::ready) co_return Result<void>();
    std::stop_token stop = co_await async::current_stop();
    if (stop.stop_requested()) co_return cancelled();
    std::string why = "MCP server '" + config_.name + "' does not run: " + fault_;
    bool waits = Clock::now() < not_before_ && failures_ < most_failures;
    if (waits) why += "; it is started again in a moment";
    if (failures_ >= most_failures) {
        why += "; it has failed " + std::to_string(failures_) +
               " times in a row and is tried again with the user's next prompt";
    }
    co_return fail(Code::unavailable, std::move(why));
}

async::Task<void> Server::start() {
    Result<void> outcome;
    async::Scope attempting(work_.token());
    bool is_late = false;
    async::Timer limit(parts_.loop, [&] {
        is_late = true;
        attempting.request_stop();
    });
    limit.start(start_limit);
    attempting.spawn(attempt(outcome));
    co_await attempting.join();
    limit.stop();
    if (!outcome && is_late) outcome = fail(Code::timed_out, "it was not ready within 60 s");
    if (outcome && peer_->is_lost()) outcome = fail(Code::unavailable, "it has ended at once");
    if (!outcome) {
        co_await retire();
        if (!is_closing_) note_failure(outcome.error());
    } else {
        status_ = Status::ready;
        fault_.clear();
        has_failed_ = false;
        ++edition_;
        if (is_stale_ && !is_reading_) work_.spawn(read_again());
    }
    changed_.wake_all();
    if (!is_closing_) parts_.host.servers_changed();
}

void Server::note_failure(const Error& why) {
    std::string fault = one_line(without_secrets(why.message, secrets_), 500);
    bool is_news = !has_failed_ || fault != fault_;
    status_ = Status::down;
    fault_ = std::move(fault);
    ++failures_;
    has_failed_ = true;
    Milliseconds pause = first_pause * (1 << std::min(2 * (failures_ - 1), 8));
    not_before_ = Clock::now() + std::min(pause, longest_pause);
    if (failures_ >= most_failures) not_before_ = Clock::time_point::max();
    if (is_news) parts_.host.tell("MCP server '" + config_.name + "': " + fault_);
}

async::Task<void> Server::attempt(Result<void>& outcome) {
    co_await retire();
    outcome = open();
    if (outcome) outcome = co_await greet();
    if (outcome) outcome = co_await read_catalog();
    bool listens = outcome && era_ == Era::modern && (has_tools_ || has_prompts_);
    if (listens) work_.spawn(listen());
}

// The connection of before, of which callers may still hold a part.
async::Task<void> Server::retire() {
    std::shared_ptr<Peer> before = std::exchange(peer_, nullptr);
    if (before) co_await before->close();
}

Result<void> Server::open() {
    version_.clear();
    logged_ = 0;
    PeerOwner& owner = *this;
    peer_ = std::make_shared<Peer>(parts_.loop, owner);
    if (config_.is_http()) {
        peer_->connect(std::make_unique<HttpTransport>(parts_.loop, parts_.http, config_, *peer_));
        return {};
    }
    StdioTransport::Place place{parts_.cwd, program_environment(parts_.environment, config_.env),
                                [this](std::string_view line) { write_log(line); }};
    auto transport = StdioTransport::start(parts_.loop, config_, std::move(place), *peer_);
    if (!transport) return transport.error();
    peer_->connect(std::move(*transport));
    return {};
}

void Server::heard(const std::string& method, const Json& params) {
    if (method == "notifications/message") {
        const Json& said = member(params, "data");
        std::string words = said.is_string() ? said.get<std::string>() : dump_json(said);
        return write_log(text_member(params, "level") + ": " + words);
    }
    bool is_change = method == "notifications/tools/list_changed" ||
                     method == "notifications/prompts/list_changed";
    if (!is_change || is_closing_) return;
    is_stale_ = true;
    if (status_ == Status::ready && !is_reading_) work_.spawn(read_again());
}

void Server::write_log(std::string_view line) {
    if (!parts_.log || logged_ > longest_log) return;
    std::string text = one_line(without_secrets(to_valid_utf8(line), secrets_), longest_log_line);
    logged_ += text.size();
    if (logged_ > longest_log) text += " (nothing more is kept until it is started again)";
    if (!text.empty()) parts_.log(config_.name, text);
}

async::Task<void> Server::read_again() {
    is_reading_ = true;
    is_behind_ = true;
    Milliseconds rest = first_rest;
    while (is_stale_ && status_ == Status::ready) {
        async::Wake wake = co_await async::sleep_for(parts_.loop, rest);
        if (wake == async::Wake::stopped) break;
        rest = std::min(2 * rest, longest_rest);
        is_stale_ = false;
        Result<void> read = co_await read_catalog();
        is_behind_ = false;
        changed_.wake_all();
        if (!read) break;
        ++edition_;
        parts_.host.servers_changed();
    }
    is_reading_ = false;
    is_behind_ = false;
    changed_.wake_all();
}

async::Task<Result<void>> Server::read_catalog() {
    is_stale_ = false;
    if (has_tools_) {
        Result<std::vector<Json>> listed = co_await list("tools/list", "tools");
        if (!listed) co_return listed.error();
        std::erase_if(*listed,
                      [this](const Json& one) { return !config_.uses(text_member(one, "name")); });
        tools_ = tools_of(*listed);
    }
    if (has_prompts_) {
        Result<std::vector<Json>> listed = co_await list("prompts/list", "prompts");
        if (listed) prompts_ = prompts_of(*listed);
    }
    co_return Result<void>();
}

// Page by page, as far as is reasonable.
async::Task<Result<std::vector<Json>>> Server::list(std::string method, std::string key) {
    std::vector<Json> listed;
    std::set<std::string> seen;
    std::string cursor;
    std::size_t bytes = 0;
    for (int page = 0; page < most_pages; ++page) {
        Json params = Json::object();
        if (!cursor.empty()) params["cursor"] = cursor;
        Ask asked{method, JsonValue(std::move(params))};
        asked.idle = list_patience;
        Reply reply = co_await send(std::move(asked));
        if (!reply.is_good()) {
            co_return fail(reply.error.code, "it refused '" + method + "': " + reply.error.message);
        }
        const Json& part = member(*reply.result, key);
        for (std::size_t i = 0; part.is_array() && i < part.size(); ++i) {
            bytes += dump_json(part[i]).size();
            if (listed.size() < most_listed && bytes < longest_list) listed.push_back(part[i]);
        }
        cursor = text_member(*reply.result, "nextCursor");
        bool is_full = listed.size() >= most_listed || bytes >= longest_list;
        if (cursor.empty() || is_full || !seen.insert(cursor).second) break;
    }
    co_return std::move(listed);
}

void Server::lost(Error why) {
    if (status_ != Status::ready || is_closing_) return;
    // A session over HTTP that has run out is no failure: the next call begins another.
    if (why.code == Code::not_found) {
        status_ = Status::idle;
    } else {
        note_failure(why);
    }
    changed_.wake_all();
    parts_.host.servers_changed();
}

void Server::withdraw() {
    is_withdrawn_ = true;
    is_closing_ = true;
    tools_.clear();
    prompts_.clear();
    has_resources_ = false;
    ++edition_;
}

async::Task<void> Server::close() {
    is_closing_ = true;
    work_.request_stop();
    co_await work_.join();
    co_await retire();
    status_ = Status::down;
    fault_ = is_withdrawn_ ? "the workspace's file that names it is not trusted any more"
                           : "the session is closed";
    changed_.wake_all();
}

}  // namespace thole::mcp
