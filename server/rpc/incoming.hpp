// What read_line() gives: for source files, because it holds a JSON tree.
#pragma once
#include "base/json.hpp"
#include "rpc/envelope.hpp"
#include "rpc/error.hpp"

namespace thole::rpc {

struct Incoming {
    enum class Kind { nothing, request, notification, response, bad };
    Kind kind = Kind::nothing;
    std::string method;  // request, notification
    std::string id;      // request, and bad: JSON text, echoed as it came in type and value
    Json params = Json::object();  // request, notification: an object, always
    bool has_bad_params = false;   // params are neither an object nor absent, null or []
    std::int64_t call = 0;         // response: the id of our call; 0 when it is none of ours
    Json result;                   // response
    bool is_error = false;         // response: `result` is the error object
    std::string answer;            // bad: the line to answer with
};

}  // namespace thole::rpc
