// One streamed exchange of the HTTP providers: a JSON body out, server-sent events in. Turns all
// that can go wrong below the API's own events (no connection, error statuses, an answer that is no
// stream) into a Failure. Knows no API. Loop thread.
#pragma once
#include <optional>

#include "http/http.hpp"
#include "http/sse.hpp"
#include "model/models.hpp"
#include "model/providers/failure.hpp"

namespace thole::model {

Peer peer_of(const ProviderConfig& config, const std::string& model, std::string url);

// A POST of `body` to `peer.url` with the headers that all APIs share and those of `config`.
http::Request json_post(const Peer& peer, const ProviderConfig& config, const Json& body);

// Gives each event to `on_event` as it comes; nullopt when the stream ended in order. References
// must outlive the task.
async::Task<std::optional<Failure>> exchange(http::Http& http, http::Request request,
                                             const Peer& peer,
                                             const http::SseParser::Sink& on_event);

}  // namespace thole::model
