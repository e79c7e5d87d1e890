// Parser of server-sent events (WHATWG HTML, 9.2.6): bytes in pieces of any size, events out. How
// the bytes are cut makes no difference. Owned by whoever reads one stream; no thread of its own.
// An event that the stream's end cuts off is not given, as the standard says; `retry` is ignored.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace thole::http {

struct SseEvent {
    std::string event;  // empty: "message"
    std::string data;   // lines joined by "\n"
    std::string id;     // the last id of the stream so far
    bool operator==(const SseEvent&) const = default;
};

class SseParser {
public:
    using Sink = std::function<void(const SseEvent&)>;

    // An event (or a line) of more than `max_event` bytes makes the parser fail.
    explicit SseParser(std::size_t max_event = 16U << 20U) : max_event_(max_event) {}

    // Calls `sink` for each event that these bytes complete. Does nothing after a failure.
    void feed(std::string_view bytes, const Sink& sink);

    // An event was too large; nothing after it is parsed.
    bool has_failed() const { return has_failed_; }

private:
    void take_line(std::string_view line, const Sink& sink);
    void take_field(std::string_view name, std::string_view value);
    void dispatch(const Sink& sink);
    void keep(std::string_view rest);
    void check_size(std::size_t line);

    std::size_t max_event_;
    bool has_failed_ = false;
    bool is_first_line_ = true;
    bool ended_in_cr_ = false;  // a "\n" at the start of the next bytes belongs to it
    bool has_data_ = false;
    std::string partial_;  // the line that the bytes so far have not ended
    SseEvent event_;
};

}  // namespace thole::http
