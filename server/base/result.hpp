// Result<T>: a value or an Error. The one way in which a function of thole fails.
// Names follow std::expected. Nothing here throws; asking a failed Result for its value is a bug of
// ours and is asserted.
#pragma once
#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace thole {

// What kind of failure it is; front ends turn it into exit codes and JSON-RPC codes.
enum class Code {
    internal,          // a fault of thole
    invalid_argument,  // bad input: parameters, flags, ids
    not_found,         // no such session, file, tool, model
    exists,            // it is already there
    denied,            // refused by policy, by a user, or by the file system
    cancelled,         // somebody asked to stop
    timed_out,
    io,              // disk, pipe, socket
    corrupt,         // data on disk or on the wire does not parse
    configuration,   // a setting is missing or wrong
    authentication,  // no key, or a key that the provider does not take
    unavailable,     // network or provider failed after retries
    refused,         // the model refused
    too_large,       // over a limit: context, line, file
    limit,           // a limit that the user set was reached
    busy,            // owned by another process
};

// A message says what was tried, on what, and what to do; one sentence, no newline, no secret.
struct Error {
    Code code = Code::internal;
    std::string message;
    bool operator==(const Error&) const = default;
};

inline Error fail(Code code, std::string message) {
    return Error{code, std::move(message)};
}
inline Error cancelled() {
    return Error{Code::cancelled, "cancelled"};
}

template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return held_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    T& value() & { return checked(); }
    const T& value() const& { return const_cast<Result*>(this)->checked(); }
    T&& value() && { return std::move(checked()); }
    T& operator*() & { return checked(); }
    const T& operator*() const& { return const_cast<Result*>(this)->checked(); }
    T&& operator*() && { return std::move(checked()); }
    T* operator->() { return &checked(); }
    const T* operator->() const { return &const_cast<Result*>(this)->checked(); }
    const Error& error() const {
        assert(!has_value());
        return *std::get_if<1>(&held_);
    }
    T value_or(T fallback) const { return has_value() ? **this : std::move(fallback); }

private:
    T& checked() {
        assert(has_value() && "value of a failed Result");
        return *std::get_if<0>(&held_);
    }
    std::variant<T, Error> held_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}
    bool has_value() const { return !error_; }
    explicit operator bool() const { return has_value(); }
    const Error& error() const {
        assert(error_);
        return *error_;
    }

private:
    std::optional<Error> error_;
};

}  // namespace thole
