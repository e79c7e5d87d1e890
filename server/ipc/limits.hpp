// How much and how long: the limits of both ends of a socket. Values; tests give smaller ones.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace thole::ipc {

struct Limits {
    std::size_t piece = 128 << 10;              // bytes of the log that are read and sent at once
    std::size_t longest_line = 8 << 20;         // bytes of a command
    std::size_t queued_answers = 64 << 10;      // bytes: above, no more commands are read
    std::int64_t lag = 8 << 20;                 // bytes of live events that a client may be behind
    std::size_t connections = 64;               // at one socket
    std::chrono::milliseconds stall{30'000};    // a client takes nothing for so long
    std::chrono::milliseconds goodbye{5'000};   // for the last line to somebody cut off or leaving
    std::chrono::milliseconds farewell{1'000};  // for all clients when the session ends
    std::chrono::milliseconds answer{5'000};    // for a socket to take us in
    std::chrono::milliseconds retry{20};        // a queue before a socket is full
    int returns = 5;                            // times that a link comes back without an event
};

}  // namespace thole::ipc
