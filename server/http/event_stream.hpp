// Parser of the binary event streams of AWS (application/vnd.amazon.eventstream): bytes in pieces
// of any size, messages out. Each message has its length, headers and payload between two CRC-32
// sums, which are checked. How the bytes are cut makes no difference. Owned by whoever reads one
// stream; no thread of its own. Knows no service: what the headers mean is the reader's business.
#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace thole::http {

struct EventStreamMessage {
    // Headers whose value is a text (":event-type"); those of other types are left out.
    std::map<std::string, std::string, std::less<>> headers;
    std::string payload;

    // "" when there is none of that name.
    std::string_view header(std::string_view name) const;
    bool operator==(const EventStreamMessage&) const = default;
};

class EventStreamParser {
public:
    using Sink = std::function<void(const EventStreamMessage&)>;

    // A message of more than `max_message` bytes makes the parser fail.
    explicit EventStreamParser(std::size_t max_message = 16U << 20U) : max_message_(max_message) {}

    // Calls `sink` for each message that these bytes complete. Does nothing after a failure.
    void feed(std::string_view bytes, const Sink& sink);

    // What is wrong with the bytes, in words; "" while nothing is.
    const std::string& fault() const { return fault_; }

private:
    std::size_t message_size();
    void take_message(std::string_view message, const Sink& sink);

    std::size_t max_message_;
    std::string fault_;
    std::string partial_;  // the bytes of the message that is not whole yet
};

}  // namespace thole::http
