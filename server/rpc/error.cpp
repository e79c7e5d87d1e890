#include "rpc/error.hpp"

#include "base/json.hpp"

namespace thole::rpc {

int code_on_wire(Code code) {
    switch (code) {
        case Code::invalid_argument:
            return invalid_params;
        case Code::not_found:
            return resource_not_found;
        case Code::cancelled:
            return request_cancelled;
        case Code::authentication:
            return authentication_required;
        default:
            return internal_error;
    }
}

Code code_from_wire(int code) {
    switch (code) {
        case invalid_params:
            return Code::invalid_argument;
        case resource_not_found:
            return Code::not_found;
        case request_cancelled:
            return Code::cancelled;
        case authentication_required:
            return Code::authentication;
        case method_not_found:
            return Code::unavailable;
        default:
            return Code::io;
    }
}

namespace {

std::string error_member(int code, const std::string& message, const Json* data) {
    Json error{{"code", code}, {"message", message}};
    if (data) error["data"] = *data;
    return "\"error\":" + dump_json(error);
}

std::string error_member(const Error& failure) {
    int code = code_on_wire(failure.code);
    if (code != internal_error) return error_member(code, failure.message, nullptr);
    Json data{{"details", failure.message}};
    return error_member(code, failure.message, &data);
}

}  // namespace

Answer Answer::result(const Json& value) {
    return Answer(false, "\"result\":" + dump_json(value));
}

Answer Answer::empty() {
    return Answer(false, "\"result\":{}");
}

Answer Answer::error(int code, const std::string& message) {
    return Answer(true, error_member(code, message, nullptr));
}

Answer Answer::error(int code, const std::string& message, const Json& data) {
    return Answer(true, error_member(code, message, &data));
}

Answer::Answer(const Error& failure) : is_error_(true), text_(error_member(failure)) {}

}  // namespace thole::rpc
