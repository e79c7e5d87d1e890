// Any bytes as a line of a log: no crash, and what reads is written so that it reads the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "journal/log_reader.hpp"

using namespace thole;

namespace {

void check_line(std::string_view line) {
    const auto envelope = decode_line(line);
    if (!envelope) return;
    const auto again = decode_line(encode_line(*envelope));
    const bool is_same = again && again->id == envelope->id && again->time == envelope->time &&
                         again->event == envelope->event;
    if (!is_same) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    check_line(input);
    // The frame is long to guess: the input as an event, and as the fields of one.
    const std::string frame = R"({"id":1,"ts":"2026-01-02T03:04:05Z","event":)";
    check_line(frame + std::string(input) + "}");
    check_line(frame + R"({"type":"ToolCallStarted","input":)" + std::string(input) + "}}");
    return 0;
}
