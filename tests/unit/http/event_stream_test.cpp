#include "http/event_stream.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace thole;
using http::EventStreamMessage;
using http::EventStreamParser;

namespace {

std::string bytes(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return out;
}

// The cases that AWS publishes with its event stream libraries.
const std::string empty_message = bytes("000000100000000005c248eb7d98c8ff");
const std::string payload_alone =
    bytes("0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936");
const std::string int32_header = bytes(
    "0000002d0000001041c424b80a6576656e742d74797065040000a00c7b27666f6f273a27626172277d36f480a0");
const std::string all_headers = bytes(
    "000000bd000000a05ba3b0240a6576656e742d74797065040000a00c0c636f6e74656e742d74797065070010617070"
    "6c69636174696f6e2f6a736f6e0a626f6f6c2066616c73650109626f6f6c207472756500046279746502cf08627974"
    "652062756606001449276d2061206c6974746c6520746561706f74210974696d657374616d70080000000000845fed"
    "05696e74313603002a0475756964090102030405060708090a0b0c0d0e0f107b27666f6f273a27626172277d30a3e1"
    "23");

struct Outcome {
    std::vector<EventStreamMessage> messages;
    std::string fault;
    bool operator==(const Outcome&) const = default;
};

Outcome parse(const std::string& text, std::size_t piece = 1 << 20, std::size_t limit = 1 << 20) {
    Outcome outcome;
    EventStreamParser parser(limit);
    for (std::size_t at = 0; at < text.size(); at += piece) {
        parser.feed(std::string_view(text).substr(at, piece),
                    [&outcome](const EventStreamMessage& one) { outcome.messages.push_back(one); });
    }
    outcome.fault = parser.fault();
    return outcome;
}

const std::string payload = "{'foo':'bar'}";
const EventStreamMessage of_all_headers{{{"content-type", "application/json"}}, payload};

}  // namespace

TEST_CASE("the published messages are read, headers of every type passed over") {
    CHECK(parse(empty_message) == Outcome{{{{}, ""}}, ""});
    CHECK(parse(payload_alone) == Outcome{{{{}, payload}}, ""});
    CHECK(parse(int32_header) == Outcome{{{{}, payload}}, ""});
    CHECK(parse(all_headers) == Outcome{{of_all_headers}, ""});
    CHECK(of_all_headers.header("content-type") == "application/json");
    CHECK(of_all_headers.header("accept").empty());
}

TEST_CASE("how a stream of messages is cut makes no difference") {
    std::string stream = all_headers + empty_message + int32_header + payload_alone;
    Outcome whole = parse(stream);
    REQUIRE(whole.messages.size() == 4);
    for (std::size_t piece = 1; piece < stream.size(); ++piece) {
        if (parse(stream, piece) != whole) FAIL("pieces of " << piece);
    }
}

TEST_CASE("no message with a flipped bit is taken for good") {
    for (std::size_t bit = 0; bit < all_headers.size() * 8; ++bit) {
        std::string damaged = all_headers;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
        Outcome outcome = parse(damaged);
        if (!outcome.messages.empty() || outcome.fault.empty()) FAIL("bit " << bit);
    }
}

TEST_CASE("what is wrong is said, and nothing after it is read") {
    std::string bad_length = all_headers;
    bad_length[3] = 0;
    CHECK(parse(bad_length + empty_message) ==
          Outcome{{}, "a message whose length has a wrong checksum"});
    std::string bad_payload = payload_alone;
    bad_payload[14] = 'x';
    CHECK(parse(empty_message + bad_payload + empty_message) ==
          Outcome{{{{}, ""}}, "a message with a wrong checksum"});
    CHECK(parse(all_headers, 1 << 20, 64) ==
          Outcome{{}, "a message of 189 bytes, which is too large"});
    // Headers longer than the message; the checksum is right.
    CHECK(parse(bytes("000000100000000172c5787d00000000")) ==
          Outcome{{}, "a message with senseless lengths"});
}

TEST_CASE("a message that is cut off is neither given nor a fault") {
    CHECK(parse(all_headers.substr(0, all_headers.size() - 1)) == Outcome{});
    CHECK(parse(all_headers.substr(0, 11)) == Outcome{});
}
