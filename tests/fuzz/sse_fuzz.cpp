// Fuzzes the SSE parser: the same bytes, whole and cut into pieces, must give the same events. The
// first byte chooses the sizes of the pieces, the second the limit.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "http/sse.hpp"

using thole::http::SseEvent;
using thole::http::SseParser;

namespace {

struct Outcome {
    std::vector<SseEvent> events;
    bool has_failed = false;
    bool operator==(const Outcome&) const = default;
};

Outcome parse(std::string_view bytes, std::size_t piece, std::size_t max_event) {
    Outcome outcome;
    SseParser parser(max_event);
    auto sink = [&outcome](const SseEvent& event) { outcome.events.push_back(event); };
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        parser.feed(bytes.substr(at, piece), sink);
    }
    outcome.has_failed = parser.has_failed();
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    if (size < 2) return 0;
    std::string_view bytes(reinterpret_cast<const char*>(input) + 2, size - 2);
    std::size_t piece = 1 + input[0] % 16;
    std::size_t max_event = 1 + std::size_t{input[1]};
    if (parse(bytes, piece, max_event) != parse(bytes, bytes.size() + 1, max_event)) std::abort();
    return 0;
}
