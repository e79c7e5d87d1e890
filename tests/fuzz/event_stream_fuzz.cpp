// Fuzzes the parser of AWS event streams: the same bytes, whole and cut into pieces, must give the
// same messages and the same fault. The first byte chooses the sizes of the pieces, the second the
// limit, the third whether the checksums are put right first, so that what is behind them is
// reached.
#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/event_stream.hpp"

using thole::http::EventStreamMessage;
using thole::http::EventStreamParser;

namespace {

struct Outcome {
    std::vector<EventStreamMessage> messages;
    std::string fault;
    bool operator==(const Outcome&) const = default;
};

Outcome parse(std::string_view bytes, std::size_t piece, std::size_t max_message) {
    Outcome outcome;
    EventStreamParser parser(max_message);
    auto sink = [&outcome](const EventStreamMessage& one) { outcome.messages.push_back(one); };
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        parser.feed(bytes.substr(at, piece), sink);
    }
    outcome.fault = parser.fault();
    return outcome;
}

void put_checksum(std::string& bytes, std::size_t from, std::size_t size) {
    auto sum =
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()) + from, static_cast<uInt>(size));
    for (std::size_t i = 0; i < 4; ++i) {
        bytes[from + size + i] = static_cast<char>(sum >> (24 - 8 * i));
    }
}

// Makes the bytes one message: lengths and checksums are right, headers and payload as they are.
void mend(std::string& bytes) {
    if (bytes.size() < 16 || bytes.size() > 0xffff) return;
    std::size_t headers = static_cast<std::uint8_t>(bytes[7]) % (bytes.size() - 15);
    bytes[0] = bytes[1] = bytes[4] = bytes[5] = bytes[6] = 0;
    bytes[2] = static_cast<char>(bytes.size() >> 8);
    bytes[3] = static_cast<char>(bytes.size());
    bytes[7] = static_cast<char>(headers);
    put_checksum(bytes, 0, 8);
    put_checksum(bytes, 0, bytes.size() - 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    if (size < 3) return 0;
    std::string bytes(reinterpret_cast<const char*>(input) + 3, size - 3);
    if (input[2] % 2 == 1) mend(bytes);
    std::size_t piece = 1 + input[0] % 16;
    std::size_t max_message = 16 + std::size_t{input[1]} * 16;
    if (parse(bytes, piece, max_message) != parse(bytes, bytes.size() + 1, max_message)) {
        std::abort();
    }
    return 0;
}
