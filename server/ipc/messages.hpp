// What is said over the socket of a session beside the lines of its log, as JSON text, both ways
// (docs/protocol.md, "Sockets"). Pure: any bytes may come in. Every line ends with its newline.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/json_fwd.hpp"
#include "journal/event.hpp"
#include "session/command.hpp"

namespace thole::ipc {

struct Subscribe {
    std::uint64_t after_id = 0;
    bool deltas = false;
    bool answers = false;
    bool operator==(const Subscribe&) const = default;
};

// What a client sent: what it asks for, and what its answer must repeat.
struct Request {
    std::string name;        // "" when the line told none
    std::string request_id;  // JSON text, "" when absent
    Result<std::variant<Subscribe, Command>> wish;
};
Request read_request(std::string_view line);

std::string subscribe_line(const Subscribe& subscribe);
std::string command_line(const Command& command, std::uint64_t request_id);

struct Subscribed {
    std::string session_id;
    std::int64_t pid = 0;
    std::uint64_t last_id = 0;
    bool operator==(const Subscribed&) const = default;
};
std::string subscribed_line(const Subscribed& subscribed, const Request& request);
std::string ack_line(const Request& request, const std::string& message_id);
std::string nack_line(const Request& request, const Error& why);
std::string delta_line(const Event& piece);
std::string damage_line(const std::string& what);

// code: closed (the session has ended or its process lets go of it), too_slow (come back with the
// last id), denied (not the same user), limit (too many connections), io (the log cannot be read).
struct Disconnected {
    std::string code, reason;
    std::uint64_t last_id = 0;  // of the lines sent
    bool operator==(const Disconnected&) const = default;
};
std::string disconnected_line(const Disconnected& disconnected);

// What a session sent. Ack and Nack belong to a command by its request id, 0: to none of ours.
struct Ack {
    std::uint64_t request_id = 0;
};
struct Nack {
    std::uint64_t request_id = 0;
    Error why;
};
struct Delta {
    Event piece;
};
struct DamageNote {
    std::string what;
};
struct LogLine {};  // the line is one of the log
struct Unknown {};  // of a later version
using Message =
    std::variant<LogLine, Subscribed, Ack, Nack, Delta, DamageNote, Disconnected, Unknown>;
// Errors: corrupt.
Result<Message> read_message(std::string_view line);

}  // namespace thole::ipc
