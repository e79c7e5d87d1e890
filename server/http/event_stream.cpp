#include "http/event_stream.hpp"

#include <zlib.h>

#include <cstdint>
#include <optional>

namespace thole::http {

namespace {

constexpr std::size_t prelude_size = 12;  // length, length of the headers, their CRC
constexpr std::size_t least_size = prelude_size + 4;

enum HeaderType : std::uint8_t {
    true_flag,
    false_flag,
    byte,
    int16,
    int32,
    int64,
    binary,
    text,
    timestamp,
    uuid
};

// Big-endian, of `size` bytes.
std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + size; ++i) {
        value = (value << 8) | static_cast<std::uint8_t>(bytes[i]);
    }
    return value;
}

std::uint32_t checksum(std::string_view bytes) {
    const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
    return static_cast<std::uint32_t>(::crc32_z(0, data, bytes.size()));
}

// Takes parts off the front of a message's headers; nullopt where they end too early.
class HeaderReader {
public:
    explicit HeaderReader(std::string_view bytes) : rest_(bytes) {}
    bool is_at_end() const { return rest_.empty(); }

    std::optional<std::string_view> take(std::size_t size) {
        if (size > rest_.size()) return std::nullopt;
        std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    // A value whose length stands before it in `length_size` bytes.
    std::optional<std::string_view> take_counted(std::size_t length_size) {
        std::optional<std::string_view> length = take(length_size);
        if (!length) return std::nullopt;
        return take(number(*length, 0, length_size));
    }
    std::optional<std::string_view> take_value(std::uint8_t type) {
        switch (type) {
            case true_flag:
            case false_flag:
                return take(0);
            case byte:
                return take(1);
            case int16:
                return take(2);
            case int32:
                return take(4);
            case int64:
            case timestamp:
                return take(8);
            case uuid:
                return take(16);
            case binary:
            case text:
                return take_counted(2);
            default:
                return std::nullopt;
        }
    }

private:
    std::string_view rest_;
};

bool read_headers(std::string_view bytes, EventStreamMessage& message) {
    HeaderReader reader(bytes);
    while (!reader.is_at_end()) {
        std::optional<std::string_view> name = reader.take_counted(1);
        std::optional<std::string_view> type = reader.take(1);
        if (!name || !type) return false;
        auto kind = static_cast<std::uint8_t>(type->front());
        std::optional<std::string_view> value = reader.take_value(kind);
        if (!value) return false;
        if (kind == text) message.headers[std::string(*name)] = *value;
    }
    return true;
}

}  // namespace

std::string_view EventStreamMessage::header(std::string_view name) const {
    auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

// Of the message that `partial_` begins with; 0 while that is not known, or when it is senseless.
std::size_t EventStreamParser::message_size() {
    if (partial_.size() < prelude_size) return 0;
    std::string_view prelude = std::string_view(partial_).substr(0, prelude_size);
    std::size_t size = number(prelude, 0, 4);
    std::size_t headers = number(prelude, 4, 4);
    if (checksum(prelude.substr(0, 8)) != number(prelude, 8, 4)) {
        fault_ = "a message whose length has a wrong checksum";
    } else if (size < least_size || headers > size - least_size) {
        fault_ = "a message with senseless lengths";
    } else if (size > max_message_) {
        fault_ = "a message of " + std::to_string(size) + " bytes, which is too large";
    }
    return fault_.empty() ? size : 0;
}

void EventStreamParser::take_message(std::string_view message, const Sink& sink) {
    std::string_view summed = message.substr(0, message.size() - 4);
    if (checksum(summed) != number(message, message.size() - 4, 4)) {
        fault_ = "a message with a wrong checksum";
        return;
    }
    std::size_t headers = number(message, 4, 4);
    EventStreamMessage read;
    if (!read_headers(message.substr(prelude_size, headers), read)) {
        fault_ = "a message with broken headers";
        return;
    }
    read.payload = summed.substr(prelude_size + headers);
    sink(read);
}

void EventStreamParser::feed(std::string_view bytes, const Sink& sink) {
    if (!fault_.empty()) return;
    partial_ += bytes;
    std::size_t done = 0;
    while (fault_.empty()) {
        partial_.erase(0, done);
        done = message_size();
        if (done == 0 || partial_.size() < done) return;
        take_message(std::string_view(partial_).substr(0, done), sink);
    }
}

}  // namespace thole::http
