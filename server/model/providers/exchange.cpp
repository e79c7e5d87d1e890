#include "model/providers/exchange.hpp"

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::model {

namespace {

// What came of the body: the events, and its beginning in case that there are none.
class Reader {
public:
    explicit Reader(const http::SseParser::Sink& on_event) : on_event_(on_event) {}

    void feed(std::string_view chunk) {
        if (beginning_.size() < 4096) beginning_ += chunk.substr(0, 4096);
        parser_.feed(chunk, [this](const http::SseEvent& event) {
            has_events_ = true;
            on_event_(event);
        });
    }
    bool has_events() const { return has_events_; }
    bool has_failed() const { return parser_.has_failed(); }
    const std::string& beginning() const { return beginning_; }

private:
    const http::SseParser::Sink& on_event_;
    http::SseParser parser_;
    std::string beginning_;
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

Failure no_stream_failure(const Peer& peer, const Reader& reader, const http::Response& response) {
    if (reader.beginning().empty()) {
        return transient_failure(Code::unavailable, "the answer was empty");
    }
    Result<Json> parsed = parse_json(reader.beginning());
    if (parsed && parsed->is_object() && parsed->contains("error")) {
        return failure_of(peer, read_complaint(*parsed, 0));
    }
    std::string type = response.header("content-type");
    if (!parsed && type.starts_with("application/json")) {
        return transient_failure(Code::corrupt,
                                 "the answer is broken JSON: " + one_line(reader.beginning(), 80));
    }
    return final_failure(Code::corrupt, peer.provider + " answered with " +
                                            (type.empty() ? std::string("something else") : type) +
                                            " instead of an event stream at " + peer.url +
                                            "; check the base URL and any proxy");
}

}  // namespace

Peer peer_of(const ProviderConfig& config, const std::string& model, std::string url) {
    return Peer{config.name, model, std::move(url), config.needs_key ? config.api_key_env : "",
                config.api_key};
}

http::Request json_post(const Peer& peer, const ProviderConfig& config, const Json& body) {
    http::Request request;
    request.url = peer.url;
    request.headers = {{"content-type", "application/json"},
                       {"accept", "text/event-stream"},
                       {"user-agent", "thole/" THOLE_VERSION}};
    for (const auto& header : config.headers) request.headers.push_back(header);
    request.body = dump_json(body);
    return request;
}

async::Task<std::optional<Failure>> exchange(http::Http& http, http::Request request,
                                             const Peer& peer,
                                             const http::SseParser::Sink& on_event) {
    Reader reader(on_event);
    http::BodySink on_body = [&reader](int, std::string_view chunk) { reader.feed(chunk); };
    Result<http::Response> response = co_await http.send(std::move(request), std::move(on_body));
    if (!response) co_return transport_failure(peer, response.error());
    if (response->status < 200 || response->status > 299) {
        Failure failure = failure_of(peer, read_complaint_text(response->body, response->status));
        failure.retry_after = retry_after(*response, SystemClock().now());
        co_return failure;
    }
    if (reader.has_failed()) {
        co_return transient_failure(Code::corrupt, "the stream holds an event of over 16 MiB");
    }
    if (!reader.has_events()) co_return no_stream_failure(peer, reader, *response);
    co_return std::nullopt;
}

}  // namespace thole::model
