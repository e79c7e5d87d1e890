#include "mcp/http_transport.hpp"

#include "async/poll.hpp"
#include "async/sleep.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "http/sse.hpp"

namespace thole::mcp {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr std::size_t longest_message = 16U << 20U;
constexpr std::size_t most_waiting = 10'000;
constexpr std::size_t most_held = 100;
constexpr Milliseconds lasting{24 * 3600 * 1000};  // whoever waits has a clock of its own
constexpr Milliseconds first_pause{500}, longest_pause{60'000};
constexpr Milliseconds goodbye_patience{400};
constexpr const char* forgotten = "it has forgotten this session";
constexpr int most_resumes = 5;  // that bring nothing
constexpr std::size_t most_posts = 64;

bool is_good(int status) {
    return status >= 200 && status < 300;
}

std::string reason(const http::Response& response) {
    std::string why = "HTTP " + std::to_string(response.status);
    std::string words = one_line(to_valid_utf8(clip_utf8(response.body, 400)), 200);
    if (!words.empty() && words.front() != '<') why += ": " + words;
    std::string elsewhere = response.header("location");
    bool is_redirect = response.status >= 300 && response.status < 400 && !elsewhere.empty();
    if (is_redirect) why += ", it redirects to " + one_line(elsewhere, 200) + "; name that URL";
    return why;
}

}  // namespace

// What comes as the body of one answer.
struct HttpTransport::Stream {
    explicit Stream(std::int64_t of) : id(of) {}
    std::int64_t id;  // of the request that it answers; 0: none
    bool has_begun = false;
    bool is_json = false;
    bool is_greeting = false;
    std::vector<rpc::Incoming> held;  // until a greeting's answer has ended: its head tells more
    bool is_too_long = false;
    bool is_answered = false;
    std::string body;
    std::string last_event;
    http::SseParser events{longest_message};
};

HttpTransport::HttpTransport(async::Loop& loop, http::Http& http, const ServerConfig& server,
                             TransportSink& sink)
    : loop_(loop), http_(http), server_(server), sink_(sink), inbox_(loop) {
    work_.spawn(deliver());
}

void HttpTransport::send(Outgoing message) {
    // Nobody waits for what is no request: a server that asks for too much of it goes without.
    bool is_flooded = message.id == 0 && work_.live() > most_posts;
    if (!is_over_ && !is_flooded) work_.spawn(post(std::move(message)));
}

void HttpTransport::drop(std::int64_t id) {
    auto found = open_.find(id);
    if (found != open_.end()) found->second->request_stop();
}

void HttpTransport::agree(const std::string& version, bool listens) {
    version_ = version;
    if (listens && !is_over_) work_.spawn(listen());
}

http::Request HttpTransport::request(const std::string& method, const http::Headers& more) const {
    http::Request request;
    request.method = method;
    request.url = server_.url;
    request.headers = server_.headers;
    request.headers.insert(request.headers.end(), more.begin(), more.end());
    if (!session_.empty()) request.headers.emplace_back("Mcp-Session-Id", session_);
    if (!version_.empty()) request.headers.emplace_back("MCP-Protocol-Version", version_);
    request.idle_timeout = lasting;
    request.max_body = longest_message;
    return request;
}

async::Task<void> HttpTransport::post(Outgoing message) {
    std::stop_token stop = co_await async::current_stop();
    async::Scope own(stop);
    std::int64_t id = message.id;
    if (id != 0) open_[id] = &own;
    own.spawn(exchange(std::move(message), own));
    co_await own.join();
    if (id != 0) open_.erase(id);
}

async::Task<void> HttpTransport::exchange(Outgoing message, async::Scope& own) {
    Stream stream(message.id);
    stream.is_greeting = message.is_greeting;
    http::Request request = this->request("POST", message.headers);
    request.headers.emplace_back("Content-Type", "application/json");
    request.headers.emplace_back("Accept", "application/json, text/event-stream");
    request.body = std::move(message.line);
    Result<http::Response> response = co_await transfer(std::move(request), stream);
    if (own.token().stop_requested()) co_return;
    bool is_cut = !stream.is_json && !stream.is_answered && !stream.last_event.empty();
    if (stream.id != 0 && is_cut && !stream.is_too_long) {
        co_await resume(stream, own);
        co_return;
    }
    judge(response, stream);
}

// Passes on what comes; the answer to `stream.id` is noted.
async::Task<Result<http::Response>> HttpTransport::transfer(http::Request request, Stream& stream) {
    auto take = [this, &stream](std::string_view text) {
        if (trim(text).empty()) return;
        rpc::Incoming message = rpc::read_line(text);
        bool is_response =
            message.kind == rpc::Incoming::Kind::response && message.call == stream.id;
        if (is_response) stream.is_answered = true;
        if (stream.is_greeting) {
            bool fits = is_response || stream.held.size() < most_held;
            if (fits) stream.held.push_back(std::move(message));
        } else if (inbox_.size() < most_waiting) {
            inbox_.push({std::move(message)});
        }
    };
    http::BodySink sink = [&stream, take](int, std::string_view chunk) {
        if (stream.is_too_long) return;
        // JSON begins with a bracket, and no line of an event stream does.
        std::size_t first = chunk.find_first_not_of(" \t\r\n");
        if (!stream.has_begun && first != std::string_view::npos) {
            stream.has_begun = true;
            stream.is_json = chunk[first] == '{' || chunk[first] == '[';
        }
        if (stream.is_json) {
            stream.is_too_long = stream.body.size() + chunk.size() > longest_message;
            if (!stream.is_too_long) stream.body += chunk;
            return;
        }
        stream.events.feed(chunk, [&](const http::SseEvent& event) {
            if (!event.id.empty()) stream.last_event = event.id;
            if (event.event.empty() || event.event == "message") take(event.data);
        });
        stream.is_too_long = stream.events.has_failed();
    };
    Result<http::Response> response = co_await http_.send(std::move(request), std::move(sink));
    if (stream.is_json && !stream.is_too_long && response) take(stream.body);
    std::string session = response ? response->header("mcp-session-id") : std::string();
    if (!session.empty() && session.size() < 1024) session_ = std::move(session);
    for (rpc::Incoming& message : stream.held) inbox_.push({std::move(message)});
    co_return response;
}

// What a request ends with that got no answer in its stream.
void HttpTransport::judge(const Result<http::Response>& response, Stream& stream) {
    if (stream.is_answered) return;
    if (stream.is_too_long) {
        return fail_request(stream.id, fail(Code::too_large, "its answer is longer than 16 MiB"));
    }
    if (!response) return fail_request(stream.id, response.error());
    int status = response->status;
    if (is_good(status)) {
        return fail_request(stream.id,
                            fail(Code::unavailable, "its answer ended without a result"));
    }
    bool speaks_of_it = to_lower_ascii(response->body).find("session") != std::string::npos;
    if (!session_.empty() && (status == 404 || (status == 400 && speaks_of_it))) {
        // Only what it has not looked at may be asked again.
        Code code = stream.has_begun ? Code::unavailable : Code::not_found;
        fail_request(stream.id, fail(code, forgotten));
        return lose(fail(Code::not_found, forgotten));
    }
    if (status == 401 || status == 403) {
        std::string why = "it asks for authorization (HTTP " + std::to_string(status) +
                          "); give it a header, such as Authorization = \"Bearer …\"";
        return fail_request(stream.id, fail(Code::authentication, std::move(why)));
    }
    if (take_refusal(*response, stream.id)) return;
    fail_request(stream.id, fail(Code::io, reason(*response)));
}

// An error of JSON-RPC with an HTTP status of its own; its id may be missing.
bool HttpTransport::take_refusal(const http::Response& response, std::int64_t id) {
    rpc::Incoming message = rpc::read_line(response.body);
    if (message.kind != rpc::Incoming::Kind::response || !message.is_error) return false;
    message.call = id;
    inbox_.push({std::move(message)});
    return true;
}

void HttpTransport::fail_request(std::int64_t id, Error why) {
    if (id == 0) return;
    Incoming failed;
    failed.failed = id;
    failed.why = std::move(why);
    inbox_.push(std::move(failed));
}

void HttpTransport::lose(Error why) {
    Incoming over;
    over.is_over = true;
    over.why = std::move(why);
    inbox_.push(std::move(over));
}

async::Task<void> HttpTransport::deliver() {
    while (true) {
        std::optional<Incoming> next = co_await inbox_.receive();
        if (!next) co_return;
        if (next->is_over) {
            if (!std::exchange(is_over_, true)) sink_.on_closed(std::move(next->why));
        } else if (next->failed >= 0) {
            sink_.on_failed(next->failed, std::move(next->why));
        } else if (!is_over_) {
            sink_.on_message(std::move(next->message));
        }
    }
}

// The stream ended before the answer came: the server goes on where it says that it was.
async::Task<void> HttpTransport::resume(Stream& stream, async::Scope& own) {
    Result<http::Response> response = fail(Code::unavailable, "its answer broke off");
    for (int round = 0; round < most_resumes && !stream.is_answered; ++round) {
        async::Wake wake = co_await async::sleep_for(loop_, first_pause);
        if (wake == async::Wake::stopped || own.token().stop_requested()) co_return;
        http::Headers headers{{"Accept", "text/event-stream"},
                              {"Last-Event-ID", stream.last_event}};
        http::Request request = this->request("GET", headers);
        stream.events = http::SseParser(longest_message);
        std::string before = stream.last_event;
        response = co_await transfer(std::move(request), stream);
        if (stream.last_event != before) round = 0;
        if (response && !is_good(response->status)) break;
    }
    if (!own.token().stop_requested()) judge(response, stream);
}

// What the server says by itself. One that has no such stream says so (405).
async::Task<void> HttpTransport::listen() {
    std::string last_event;
    Milliseconds pause = first_pause;
    while (!is_over_) {
        Stream stream(0);
        http::Headers headers{{"Accept", "text/event-stream"}};
        if (!last_event.empty()) headers.emplace_back("Last-Event-ID", last_event);
        http::Request request = this->request("GET", headers);
        Result<http::Response> response = co_await transfer(std::move(request), stream);
        if (response && !is_good(response->status)) co_return;
        if (!stream.last_event.empty()) last_event = stream.last_event;
        async::Wake wake = co_await async::sleep_for(loop_, pause);
        if (wake == async::Wake::stopped) co_return;
        pause = std::min(2 * pause, longest_pause);
    }
}

async::Task<void> HttpTransport::say_goodbye() {
    http::Headers none;
    http::Request request = this->request("DELETE", none);
    http::BodySink collected;
    Result<http::Response> gone = co_await http_.send(std::move(request), std::move(collected));
    (void)gone;  // a server that does not answer is let go of all the same
}

async::Task<void> HttpTransport::close() {
    bool has_session = !session_.empty() && !is_over_;
    is_over_ = true;
    work_.request_stop();
    co_await work_.join();
    if (!has_session) co_return;
    async::Scope last;
    async::Timer late(loop_, [&last] { last.request_stop(); });
    late.start(goodbye_patience);
    last.spawn(say_goodbye());
    co_await last.join();
}

}  // namespace thole::mcp
