// What the rest of thole needs of HTTP: one request, one answer, its body collected or streamed.
// The interface is at the edge of the process; CurlHttp is the real one, tests may have their own.
// Loop thread only. Knows no JSON, no retries, no keys (those are the model's).
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "base/result.hpp"

namespace thole::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method = "POST";
    std::string url;  // http or https
    Headers headers;
    std::string body;
    std::chrono::milliseconds connect_timeout{15000};
    std::chrono::milliseconds idle_timeout{300000};  // no byte either way for so long
    std::size_t max_body = 64U << 20U;               // of the collected body; errors: at most 1 MiB
    bool follow_redirects = false;                   // at most 10, http and https only
};

struct Response {
    int status = 0;
    Headers headers;   // of the last answer after redirects; names in lower case
    std::string body;  // empty when it was streamed
    std::string url;   // where the answer came from, after redirects

    // Value of the first header of that name (any case); empty when there is none.
    std::string header(std::string_view name) const;
};

// Gets a piece of the body as it arrives. It must not start or stop requests itself: pass the piece
// on (Channel::push) and return.
using BodySink = std::function<void(int status, std::string_view chunk)>;

class Http {
public:
    virtual ~Http() = default;

    // With a sink the body of a 2xx answer goes there piece by piece and is not collected; else,
    // and for any other status, it is collected (an error's body is cut at 1 MiB). Any HTTP status
    // is a Response. Errors: unavailable (host, connection, TLS; a cut in mid-body says after how
    // many bytes), timed_out, too_large (over max_body), invalid_argument (bad URL), cancelled: a
    // stop ends the transfer at once.
    virtual async::Task<Result<Response>> send(Request request, BodySink on_body) = 0;

    // A request is likely soon: prepares for it in the background, so that it does not pay for it.
    virtual void warm_up() {}
};

}  // namespace thole::http
