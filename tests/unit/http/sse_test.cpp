#include "http/sse.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using thole::http::SseEvent;
using thole::http::SseParser;
using Events = std::vector<SseEvent>;

namespace doctest {
template <>
struct StringMaker<Events> {
    static String convert(const Events& events) {
        std::string text;
        for (const auto& event : events) {
            text += "{" + event.event + "|" + event.data + "|" + event.id + "}";
        }
        return text.c_str();
    }
};
}  // namespace doctest

namespace {

Events parse(std::string_view bytes) {
    Events events;
    SseParser parser;
    parser.feed(bytes, [&events](const SseEvent& event) { events.push_back(event); });
    CHECK_FALSE(parser.has_failed());
    return events;
}

struct Outcome {
    Events events;
    bool has_failed = false;
    bool operator==(const Outcome&) const = default;
};

Outcome parse_cut(std::string_view bytes, std::mt19937& random, std::size_t max_event) {
    Outcome outcome;
    SseParser parser(max_event);
    while (!bytes.empty()) {
        std::size_t size = std::min<std::size_t>(bytes.size(), random() % 5);
        parser.feed(bytes.substr(0, size),
                    [&outcome](const SseEvent& event) { outcome.events.push_back(event); });
        bytes.remove_prefix(size);
    }
    outcome.has_failed = parser.has_failed();
    return outcome;
}

std::string random_stream(std::mt19937& random) {
    const std::vector<std::string> pieces = {
        "data", "data: ", "event:", "id: ",         ":",        ": ",
        " ",    "\n",     "\n\n",   "\r",           "\r\n",     "\r\n\r",
        "x",    "é",      "",       "a long value", "retry: 3", "\xEF\xBB\xBF"};
    std::string stream;
    for (int i = 0; i < 40; ++i) stream += pieces[random() % pieces.size()];
    return stream;
}

}  // namespace

TEST_CASE("an event has its lines of data, its name, and the last id") {
    CHECK(parse("data: a\n\n") == Events{{"", "a", ""}});
    CHECK(parse("event: add\nid: 7\ndata: a\ndata: b\n\ndata:c\n\n") ==
          Events{{"add", "a\nb", "7"}, {"", "c", "7"}});
}

TEST_CASE("lines end in any of the three ways") {
    CHECK(parse("data: a\r\ndata: b\rdata: c\n\r\ndata: d\r\r") ==
          Events{{"", "a\nb\nc", ""}, {"", "d", ""}});
}

TEST_CASE("one space after the colon does not count, a second does") {
    CHECK(parse("data:  two\n\n") == Events{{"", " two", ""}});
    CHECK(parse("data : no such field\n\n") == Events{});
}

TEST_CASE("comments, retry and unknown fields are ignored") {
    CHECK(parse(": keep-alive\n\nretry: 10\nfoo: bar\ndata: x\n\n") == Events{{"", "x", ""}});
}

TEST_CASE("data may be empty, but an event without data is none") {
    CHECK(parse("data\n\n") == Events{{"", "", ""}});
    CHECK(parse("data\ndata\n\n") == Events{{"", "\n", ""}});
    CHECK(parse("event: x\n\ndata: y\n\n") == Events{{"", "y", ""}});
}

TEST_CASE("an id with a zero byte is ignored, an empty one resets") {
    CHECK(parse(std::string_view("id: 1\nid: a\0b\ndata: x\n\nid\ndata: y\n\n", 35)) ==
          Events{{"", "x", "1"}, {"", "y", ""}});
}

TEST_CASE("a byte order mark counts at the start only") {
    CHECK(parse("\xEF\xBB\xBF"
                "data: x\n\n\xEF\xBB\xBF"
                "data: y\n\n") == Events{{"", "x", ""}});
}

TEST_CASE("an event that the end cuts off is not given") {
    CHECK(parse("data: a\n\ndata: b\n") == Events{{"", "a", ""}});
    CHECK(parse("data: a\n\ndata: b") == Events{{"", "a", ""}});
}

TEST_CASE("how the bytes are cut makes no difference") {
    std::mt19937 random(3);
    for (int round = 0; round < 3000; ++round) {
        std::string stream = random_stream(random);
        std::size_t max_event = round % 3 == 0 ? 20 : 1000;
        Outcome whole;
        SseParser parser(max_event);
        parser.feed(stream, [&whole](const SseEvent& event) { whole.events.push_back(event); });
        whole.has_failed = parser.has_failed();
        Outcome cut = parse_cut(stream, random, max_event);
        REQUIRE(cut.events == whole.events);
        REQUIRE(cut.has_failed == whole.has_failed);
    }
}

TEST_CASE("an event over the limit stops the parser, with or without its end") {
    for (std::string tail : {"", "\n\n"}) {
        Events events;
        SseParser parser(10);
        auto sink = [&events](const SseEvent& event) { events.push_back(event); };
        parser.feed("data: ok\n\ndata: 12345" + tail, sink);
        parser.feed("data: ok\n\n", sink);
        CHECK(parser.has_failed());
        CHECK(events == Events{{"", "ok", ""}});
    }
    SseParser many(20);
    for (int i = 0; i < 10; ++i) many.feed("data: 12\n", [](const SseEvent&) {});
    CHECK(many.has_failed());
}
