// Error codes of JSON-RPC and ACP, and what a request is answered with. An Answer is finished text
// (`"result":…` or `"error":…`), so that neither side of a connection keeps JSON trees. Pure.
#pragma once
#include <string>

#include "base/json_fwd.hpp"
#include "base/result.hpp"

namespace thole::rpc {

inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;
inline constexpr int request_cancelled = -32800;
inline constexpr int authentication_required = -32000;
inline constexpr int resource_not_found = -32002;

// The code on the wire for a failure of ours.
int code_on_wire(Code code);
// What an error answer of the peer means to us; codes that nobody agreed on are `io`.
Code code_from_wire(int code);

class Answer {
public:
    // `value` should be an object: clients do not take null.
    static Answer result(const Json& value);
    static Answer empty();  // {}
    static Answer error(int code, const std::string& message);
    static Answer error(int code, const std::string& message, const Json& data);
    // The code by code_on_wire(); an internal error repeats its message in data.details, where some
    // clients look for it.
    Answer(const Error& failure);

    bool is_error() const { return is_error_; }
    // `"result":{…}` or `"error":{…}`, a member of the response object.
    const std::string& member_text() const { return text_; }
    bool operator==(const Answer&) const = default;

private:
    Answer(bool is_error, std::string text) : is_error_(is_error), text_(std::move(text)) {}
    bool is_error_;
    std::string text_;
};

}  // namespace thole::rpc
