// One line of the wire as JSON-RPC 2.0 sees it, in and out. Follows what the ACP SDK does with bad
// input: an unparsable line is -32700, anything that is no message is -32600, a batch is one -32600
// and nothing of it is done. Unknown members of the envelope are ignored. Pure.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/json_fwd.hpp"

namespace thole::rpc {

// Deeper nesting than this is refused, because writing JSON is recursive.
inline constexpr int max_nesting = 200;

struct Incoming {
    enum class Kind { nothing, request, notification, response, bad };
    Kind kind = Kind::nothing;
    std::string method;            // request, notification
    std::string id;                // request, bad: JSON text, as it came in type and value
    std::shared_ptr<Json> params;  // request, notification: an object
    bool has_bad_params = false;   // they were neither an object nor absent, null or []
    std::int64_t call = 0;         // response: the id of our call; 0 when it is none of ours
    std::shared_ptr<Json> result;  // response: the result, or the error object
    bool is_error = false;         // response
    std::string answer;            // bad: the line to answer with
};

// Reads one line (without line end). Spaces, "\r" and a byte order mark around it are ignored.
Incoming read_line(std::string_view line);

// `{"jsonrpc":"2.0","id":<id>,<member>}` and the others; no line end. `id` and `params` are JSON
// texts, `params` may be "".
std::string response_line(std::string_view id, std::string_view member);
std::string request_line(std::int64_t id, std::string_view method, std::string_view params);
std::string notification_line(std::string_view method, std::string_view params);

// Whether brackets in the JSON text nest deeper than `limit`.
bool nests_deeper(std::string_view text, int limit);

}  // namespace thole::rpc
