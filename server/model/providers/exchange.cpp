#include "model/providers/exchange.hpp"

#include <algorithm>
#include <cctype>

#include "base/json.hpp"
#include "base/text.hpp"
#include "http/sse.hpp"

namespace thole::model {

namespace {

class SseBody final : public BodyReader {
public:
    explicit SseBody(AnswerFold& answer) : answer_(answer) {}

    void feed(std::string_view chunk) override {
        parser_.feed(chunk, [this](const http::SseEvent& event) {
            has_events_ = true;
            answer_.take(event.data);
        });
    }
    bool has_events() const override { return has_events_; }
    std::string fault() const override {
        return parser_.has_failed() ? "an event of over 16 MiB" : "";
    }

private:
    AnswerFold& answer_;
    http::SseParser parser_;
    bool has_events_ = false;
};

Failure transport_failure(const Peer& peer, const Error& error) {
    switch (error.code) {
        case Code::cancelled:
            return final_failure(Code::cancelled, "cancelled");
        case Code::unavailable:
        case Code::timed_out:
        case Code::io:
            return transient_failure(Code::unavailable, error.message);
        default:
            return final_failure(error.code, peer.provider + ": " + error.message);
    }
}

// `beginning`: of a body in which there were no events.
Failure no_stream_failure(const Peer& peer, const std::string& beginning,
                          const http::Response& response) {
    if (beginning.empty()) return transient_failure(Code::unavailable, "the answer was empty");
    Result<Json> parsed = parse_json(beginning);
    if (parsed && complains(*parsed)) return failure_of(peer, read_complaint(*parsed, 0));
    std::string type = response.header("content-type");
    if (type.find("event") != std::string::npos) {
        return transient_failure(Code::unavailable, "the stream ended before its first event");
    }
    if (!parsed && type.starts_with("application/json")) {
        return transient_failure(Code::corrupt,
                                 "the answer is broken JSON: " + one_line(beginning, 80));
    }
    return final_failure(Code::corrupt, peer.provider + " answered with " +
                                            (type.empty() ? std::string("something else") : type) +
                                            " instead of an event stream at " + peer.url +
                                            "; check the base URL and any proxy");
}

}  // namespace

Peer peer_of(const ProviderConfig& config, const std::string& model, std::string url) {
    bool signs = config.api_key.empty() && !config.aws.secret_access_key.empty();
    std::string variable = config.needs_key ? config.api_key_env : "";
    if (signs) variable = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    if (signs && !config.profile.empty()) variable = "the AWS profile '" + config.profile + "'";
    // AWS repeats what was signed, with the token, when it does not take a signature.
    std::string secret = signs ? config.aws.session_token : config.api_key;
    return Peer{config.name, model, std::move(url), std::move(variable), std::move(secret)};
}

std::string url_below(const ProviderConfig& config, std::string_view path) {
    std::string url = config.base_url;
    std::size_t query = std::min(url.find('?'), url.size());
    while (query > 0 && url[query - 1] == '/') url.erase(--query, 1);
    return url.insert(query, path);
}

std::string gemini_base(const ProviderConfig& config) {
    bool has_version =
        config.base_url.find("/v1", config.base_url.find("://") + 3) != std::string::npos;
    return config.base_url + (has_version ? "" : "/v1beta");
}

std::string percent_encoded(std::string_view text, std::string_view keep) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view unreserved = "-._~";
    std::string out;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        bool is_plain = std::isalnum(byte) != 0 || unreserved.find(c) != std::string_view::npos ||
                        keep.find(c) != std::string_view::npos;
        if (is_plain) {
            out += c;
        } else {
            out.append({'%', digits[byte >> 4], digits[byte & 15]});
        }
    }
    return out;
}

bool is_of_host(const ProviderConfig& config, std::string_view host) {
    std::string_view url = config.base_url;
    std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return false;
    url.remove_prefix(scheme + 3);
    std::string_view theirs = url.substr(0, url.find_first_of("/:?"));
    bool is_below = theirs.size() > host.size() && theirs[theirs.size() - host.size() - 1] == '.';
    return theirs == host || (is_below && theirs.ends_with(host));
}

bool is_azure(const ProviderConfig& config) {
    return is_of_host(config, "openai.azure.com") || is_of_host(config, "services.ai.azure.com") ||
           is_of_host(config, "cognitiveservices.azure.com");
}

std::pair<std::string, std::string> bearer_header(const ProviderConfig& config) {
    if (config.api_key.empty()) return {};
    if (is_azure(config)) return {"api-key", config.api_key};
    return {"authorization", "Bearer " + config.api_key};
}

void add_header(http::Request& request, std::pair<std::string, std::string> header) {
    if (!header.second.empty()) request.headers.push_back(std::move(header));
}

http::Request json_post(const Peer& peer, const ProviderConfig& config, std::string body,
                        const char* accept) {
    http::Request request;
    request.url = peer.url;
    request.headers = {{"content-type", "application/json"},
                       {"accept", accept},
                       {"user-agent", "thole/" THOLE_VERSION}};
    for (const auto& header : config.headers) request.headers.push_back(header);
    request.body = std::move(body);
    return request;
}

async::Task<std::optional<Failure>> exchange(http::Http& http, http::Request request,
                                             const Peer& peer, BodyReader& reader) {
    std::string beginning;
    http::BodySink on_body = [&reader, &beginning](int, std::string_view chunk) {
        if (beginning.size() < 4096) beginning += chunk.substr(0, 4096);
        reader.feed(chunk);
    };
    Result<http::Response> response = co_await http.send(std::move(request), std::move(on_body));
    if (!response) co_return transport_failure(peer, response.error());
    if (response->status < 200 || response->status > 299) {
        co_return answered_failure(peer, *response);
    }
    bool is_stream = response->header("content-type").find("event") != std::string::npos;
    std::string fault = reader.fault();
    if (!fault.empty() && (is_stream || reader.has_events())) {
        co_return transient_failure(Code::corrupt, "the stream holds " + fault);
    }
    if (!reader.has_events()) co_return no_stream_failure(peer, beginning, *response);
    co_return std::nullopt;
}

async::Task<Answer> answered(http::Http& http, http::Request request, const Peer& peer,
                             AnswerFold& answer) {
    SseBody body(answer);
    std::optional<Failure> broken = co_await exchange(http, std::move(request), peer, body);
    co_return answer.finish(std::move(broken));
}

}  // namespace thole::model
