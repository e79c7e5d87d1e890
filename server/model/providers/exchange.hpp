// One streamed exchange of the HTTP providers: a JSON body out, a stream of events in. Turns all
// that can go wrong below the API's own events (no connection, error statuses, an answer that is no
// stream) into a Failure. Knows no API. Loop thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/http.hpp"
#include "model/models.hpp"
#include "model/providers/answer_fold.hpp"
#include "model/providers/failure.hpp"

namespace thole::model {

Peer peer_of(const ProviderConfig& config, const std::string& model, std::string url);

// "http://x/v1?api-version=1" and "/models" → "http://x/v1/models?api-version=1": Azure's base URLs
// may have a query.
std::string url_below(const ProviderConfig& config, std::string_view path);

// Google's base URL with the version of the API.
std::string gemini_base(const ProviderConfig& config);

// Everything but letters, digits and "-._~" (RFC 3986) becomes %XX; slashes stay with `keep` "/".
std::string percent_encoded(std::string_view text, std::string_view keep = "");

// The host of the base URL is `host` or below it.
bool is_of_host(const ProviderConfig& config, std::string_view host);
bool is_azure(const ProviderConfig& config);

// How OpenAI's APIs want the key, and Azure its own. An empty value when there is none.
std::pair<std::string, std::string> bearer_header(const ProviderConfig& config);

// Without what has no value.
void add_header(http::Request& request, std::pair<std::string, std::string> header);

// A POST of `body`, JSON, to `peer.url` with the headers that all APIs share and those of `config`.
http::Request json_post(const Peer& peer, const ProviderConfig& config, std::string body,
                        const char* accept = "text/event-stream");

// Makes events of the bytes of a body.
class BodyReader {
public:
    virtual ~BodyReader() = default;
    virtual void feed(std::string_view chunk) = 0;
    virtual bool has_events() const = 0;
    // What is wrong with the bytes ("a message with …"); "" while nothing is.
    virtual std::string fault() const = 0;
};

// Nullopt when the stream ended in order. References must outlive the task.
async::Task<std::optional<Failure>> exchange(http::Http& http, http::Request request,
                                             const Peer& peer, BodyReader& reader);

// The same for server-sent events, whose data `answer` takes as they come; then what it makes of
// them.
async::Task<Answer> answered(http::Http& http, http::Request request, const Peer& peer,
                             AnswerFold& answer);

}  // namespace thole::model
