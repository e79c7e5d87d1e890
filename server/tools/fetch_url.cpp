#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "async/sleep.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/facts.hpp"
#include "tools/html_text.hpp"
#include "tools/standard.hpp"
#include "tools/web_address.hpp"
#include "workspace/files.hpp"

namespace thole {

namespace {

constexpr std::string_view properties = R"json({
  "url": {"type": "string", "description": "http or https"},
  "max_bytes": {"type": "integer", "minimum": 1, "maximum": 30000, "description": "of text to show"}
})json";

constexpr std::int64_t max_shown = 29'900;
constexpr std::size_t max_body = 20U << 20U;
constexpr int max_redirects = 10;
constexpr std::chrono::milliseconds time_limit{60'000};

struct FetchInput {
    std::string url;
    std::size_t max_bytes = max_shown;
};

Result<FetchInput> fetch_input(const Json& input) {
    Fields fields(input, "fetch_url");
    fields.only({"url", "max_bytes"});
    FetchInput wanted;
    wanted.url = std::string(trim(fields.text("url")));
    wanted.max_bytes = static_cast<std::size_t>(
        std::min(fields.optional_integer("max_bytes", 1, 30'000).value_or(max_shown), max_shown));
    if (fields.ok()) {
        Result<WebAddress> address = parse_web_address(wanted.url);
        if (!address) fields.fail_at("url", address.error().message);
    }
    if (Result<void> read = fields.finish(); !read) return read.error();
    return wanted;
}

// What a fetch ended with: an answer, or the address of a redirect that is not followed.
struct Fetched {
    http::Response response;
    std::string elsewhere;
};

http::Request request_for(const std::string& url) {
    http::Request request;
    request.method = "GET";
    request.url = url;
    request.headers = {{"User-Agent", "thole/" THOLE_VERSION},
                       {"Accept",
                        "text/html, text/markdown, application/json, text/plain;q=0.9, "
                        "*/*;q=0.5"}};
    request.idle_timeout = std::chrono::milliseconds(30'000);
    request.max_body = max_body;
    return request;
}

bool is_redirect(int status) {
    constexpr std::array statuses = {301, 302, 303, 307, 308};
    return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
}

async::Task<Result<Fetched>> fetch(http::Http& http, std::string url) {
    for (int hops = 0; hops <= max_redirects; ++hops) {
        http::Request request = request_for(url);
        http::BodySink no_sink;
        Result<http::Response> response =
            co_await http.send(std::move(request), std::move(no_sink));
        if (!response) co_return response.error();
        const std::string location = response->header("location");
        if (!is_redirect(response->status) || location.empty()) {
            co_return Fetched{std::move(*response), {}};
        }
        Result<std::string> next = resolve_web_address(url, location);
        if (!next) co_return next.error();
        if (!may_follow(url, *next)) co_return Fetched{{}, *next};
        url = *next;
    }
    co_return fail(Code::unavailable, "'" + url + "' redirects more than 10 times");
}

async::Task<void> fetch_into(http::Http& http, std::string url,
                             std::optional<Result<Fetched>>& answer, async::Scope& race) {
    Result<Fetched> fetched = co_await fetch(http, std::move(url));
    answer.emplace(std::move(fetched));
    race.request_stop();
}

async::Task<void> end_after(async::Loop& loop, bool& is_late, async::Scope& race) {
    async::Wake wake = co_await async::sleep_for(loop, time_limit);
    if (wake != async::Wake::done) co_return;
    is_late = true;
    race.request_stop();
}

async::Task<Result<Fetched>> fetch_in_time(ToolContext& context, std::string url) {
    std::stop_token stop = co_await async::current_stop();
    std::optional<Result<Fetched>> answer;
    bool is_late = false;
    async::Scope race(stop);
    race.spawn(fetch_into(context.http, url, answer, race));
    race.spawn(end_after(context.loop, is_late, race));
    co_await race.join();
    if (is_late) co_return fail(Code::timed_out, "'" + url + "' took longer than 60 seconds");
    co_return std::move(*answer);
}

enum class Form { html, text, other };

Form form_of(const http::Response& response) {
    const std::string header = response.header("content-type");
    const std::string type = to_lower_ascii(trim(header.substr(0, header.find(';'))));
    if (looks_binary(response.body)) return Form::other;
    if (type == "text/html" || type == "application/xhtml+xml") return Form::html;
    constexpr std::array<std::string_view, 9> textual = {"",
                                                         "application/json",
                                                         "application/xml",
                                                         "application/javascript",
                                                         "application/x-javascript",
                                                         "application/yaml",
                                                         "application/x-yaml",
                                                         "application/toml",
                                                         "application/x-ndjson"};
    const bool is_text = type.rfind("text/", 0) == 0 || type.ends_with("+json") ||
                         type.ends_with("+xml") ||
                         std::find(textual.begin(), textual.end(), type) != textual.end();
    return is_text ? Form::text : Form::other;
}

ToolOutcome shown(ToolHost& host, const http::Response& response, const FetchInput& wanted) {
    const bool is_good = response.status >= 200 && response.status < 300;
    const std::string status = "HTTP " + std::to_string(response.status);
    const Form form = form_of(response);
    if (form == Form::other) {
        const std::string type = response.header("content-type");
        return failed_outcome("'" + wanted.url + "' (" + status + ") is " +
                              (type.empty() ? "binary" : type) + ", not text, " +
                              std::to_string(response.body.size()) + " bytes");
    }
    std::string text = to_valid_utf8(response.body);
    if (form == Form::html) text = html_to_text(text);
    if (text.empty()) text = "[empty]";
    ToolOutcome outcome;
    outcome.failed = !is_good;
    outcome.output = std::string(clip_utf8(text, wanted.max_bytes));
    if (text.size() > wanted.max_bytes) {
        Result<std::string> blob = host.store_blob(text);
        if (blob) outcome.full_output = *blob;
        outcome.output += "\n[the first " + std::to_string(outcome.output.size()) + " of " +
                          std::to_string(text.size()) + " bytes of text]";
    }
    if (!is_good) outcome.output += "\n[" + status + "]";
    return outcome;
}

class FetchUrl final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext&, JsonValue input) override {
        Result<FetchInput> wanted = fetch_input(*input);
        if (!wanted) co_return wanted.error();
        Prepared prepared;
        prepared.title = title_of("Fetch " + wanted->url);
        prepared.url = wanted->url;
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<FetchInput> wanted = fetch_input(*prepared.input);
        if (!wanted) co_return failed_outcome(wanted.error().message);
        std::string url = wanted->url;
        Result<Fetched> fetched = co_await fetch_in_time(context, std::move(url));
        if (!fetched) co_return failed_outcome(fetched.error().message);
        if (!fetched->elsewhere.empty()) {
            ToolOutcome outcome;
            outcome.output = "It redirects to " + fetched->elsewhere +
                             ", another host, which was not followed. Fetch that address if you "
                             "want it.";
            co_return std::move(outcome);
        }
        co_return shown(context.host, fetched->response, *wanted);
    }

private:
    ToolFacts facts_ = tool_facts("fetch_url", Effect::network, "fetch", properties, {"url"});
};

}  // namespace

std::unique_ptr<Tool> fetch_url_tool() {
    return std::make_unique<FetchUrl>();
}

}  // namespace thole
