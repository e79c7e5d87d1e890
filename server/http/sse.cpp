#include "http/sse.hpp"

#include <cstring>

namespace thole::http {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// Where the first "\n" or "\r" of a text is; its size when there is none.
std::size_t line_end(std::string_view text) {
    const void* feed = std::memchr(text.data(), '\n', text.size());
    std::size_t end = feed ? static_cast<const char*>(feed) - text.data() : text.size();
    const void* carriage = std::memchr(text.data(), '\r', end);
    return carriage ? static_cast<const char*>(carriage) - text.data() : end;
}

}  // namespace

void SseParser::feed(std::string_view bytes, const Sink& sink) {
    if (ended_in_cr_ && !bytes.empty()) {
        ended_in_cr_ = false;
        if (bytes.front() == '\n') bytes.remove_prefix(1);
    }
    while (!bytes.empty() && !has_failed_) {
        std::size_t end = line_end(bytes);
        if (end == bytes.size()) return keep(bytes);
        if (partial_.empty()) {
            take_line(bytes.substr(0, end), sink);
        } else {
            partial_.append(bytes.substr(0, end));
            take_line(partial_, sink);
            partial_.clear();
        }
        bool is_cr = bytes[end] == '\r';
        bytes.remove_prefix(end + 1);
        if (is_cr && bytes.empty()) {
            ended_in_cr_ = true;
        } else if (is_cr && bytes.front() == '\n') {
            bytes.remove_prefix(1);
        }
    }
}

void SseParser::keep(std::string_view rest) {
    partial_.append(rest);
    check_size(partial_.size());
}

// Counts the line that is not yet ended like one that is, so that cuts make no difference.
void SseParser::check_size(std::size_t line) {
    if (event_.data.size() + line > max_event_) has_failed_ = true;
}

void SseParser::take_line(std::string_view line, const Sink& sink) {
    check_size(line.size());
    if (has_failed_) return;
    if (is_first_line_ && line.starts_with(byte_order_mark)) {
        line.remove_prefix(byte_order_mark.size());
    }
    is_first_line_ = false;
    if (line.empty()) return dispatch(sink);
    const void* found = std::memchr(line.data(), ':', line.size());
    if (!found) return take_field(line, {});
    std::size_t colon = static_cast<const char*>(found) - line.data();
    std::string_view value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    take_field(line.substr(0, colon), value);
}

// A line that starts with a colon is a comment: a field without a name.
void SseParser::take_field(std::string_view name, std::string_view value) {
    if (name == "data") {
        if (has_data_) event_.data.push_back('\n');
        event_.data.append(value);
        has_data_ = true;
    } else if (name == "event") {
        event_.event = value;
    } else if (name == "id" && value.find('\0') == std::string_view::npos) {
        event_.id = value;
    }
}

void SseParser::dispatch(const Sink& sink) {
    if (has_data_) sink(event_);
    has_data_ = false;
    event_.data.clear();
    event_.event.clear();
}

}  // namespace thole::http
