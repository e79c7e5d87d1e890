#include <doctest/doctest.h>

#include "journal/log_reader.hpp"
#include "support/scratch.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;

namespace {

using Ids = std::vector<std::uint64_t>;

std::string line(std::uint64_t id, std::size_t size = 20) {
    const std::string text = std::to_string(id) + std::string(size, 'x');
    return encode_line(test::envelope(id, TokensStreamed{"m", text})) + "\n";
}

// Lines of 100 bytes to 40 KB, so that chunks end everywhere in them.
std::string lines(std::uint64_t from, std::uint64_t to) {
    std::string text;
    for (std::uint64_t id = from; id <= to; ++id) {
        text += line(id, id % 60 == 7 ? 40'000 : id * 137 % 3900);
    }
    return text;
}

struct Log {
    test::Scratch scratch;
    std::string path() const { return scratch / "log"; }

    explicit Log(const std::string& content) { scratch.write("log", content); }

    LogRead read(LogRange range, Ids& ids) const {
        const auto sink = [&](const Envelope& envelope, std::string_view) {
            ids.push_back(envelope.id);
            return true;
        };
        auto read = read_log(path(), scratch / "blobs", range, sink);
        REQUIRE(read);
        return *read;
    }

    // What is read after an id, started where range_after says.
    Ids after(std::uint64_t id) const {
        Ids ids;
        const auto range = range_after(path(), id);
        REQUIRE(range);
        CHECK(range->after_id == id);
        read(*range, ids);
        return ids;
    }

    Ids all() const {
        Ids ids;
        read({}, ids);
        return ids;
    }
};

void check_ids(const Log& log, std::uint64_t from, std::uint64_t to) {
    Ids expected = log.all();
    for (std::uint64_t id = from; id <= to; ++id) {
        std::erase_if(expected, [&](std::uint64_t other) { return other <= id; });
        CHECK(log.after(id) == expected);
    }
}

void check_every_id(const Log& log, std::uint64_t last) {
    check_ids(log, 0, last + 2);
}

}  // namespace

TEST_CASE("reading on after any id of a long log gives what comes after it") {
    const Log log(lines(1, 80));
    check_every_id(log, 80);
    CHECK(log.after(78) == Ids{79, 80});
    CHECK(log.after(~std::uint64_t{0}).empty());
}

TEST_CASE("reading begins right after the line with the id") {
    const std::string before = lines(1, 60), after = lines(61, 90);
    const auto range = range_after(Log(before + after).path(), 60);
    REQUIRE(range);
    CHECK(range->offset == static_cast<std::int64_t>(before.size()));
    CHECK(range->border_id == 60);
}

TEST_CASE("the beginning of a log is after the id 0") {
    const auto range = range_after(Log(lines(1, 30)).path(), 0);
    REQUIRE(range);
    CHECK(range->offset == 0);
}

TEST_CASE("an empty log, one line and a log without any good line have a range") {
    check_every_id(Log(""), 3);
    check_every_id(Log(line(1)), 1);
    check_every_id(Log(std::string(300'000, 'x') + "\n" + std::string(1000, '\n')), 3);
}

TEST_CASE("damaged, torn and merged lines hide no event from who reads on") {
    std::string content = lines(1, 40);
    content += "garbage\n\n" + lines(41, 80);
    const std::size_t merged = content.size() - 1;
    content += lines(81, 100) + std::string(200'000, 'z') + "\n";
    const std::size_t spoiled = content.size();
    content += lines(101, 120) + line(121).substr(0, 60);
    content[merged] = 'x';       // the newline after 80
    content[spoiled + 50] ^= 1;  // line 101
    const Log log(content);
    CHECK(log.after(80).front() == 81);
    CHECK(log.after(100).front() == 102);
    check_every_id(log, 121);
}

TEST_CASE("a line that lacks only its newline is read once") {
    std::string content = lines(1, 100);
    content.pop_back();
    const Log log(content);
    CHECK(log.after(99) == Ids{100});
    CHECK(log.after(100).empty());
}

TEST_CASE("what is longer than any line is passed over") {
    const Log log(lines(1, 50) + std::string(9 << 20, 'x') + "\n" + lines(51, 100));
    check_ids(log, 49, 51);
}

TEST_CASE("missing events are told to who reads on from before them") {
    const Log log(lines(1, 50) + lines(60, 90));
    Ids ids;
    const auto range = range_after(log.path(), 50);
    REQUIRE(range);
    CHECK(log.read(*range, ids).damage.first_missing == 51);
    check_every_id(log, 90);
}

TEST_CASE("there is no range in a log that is not there or is a directory") {
    const Log log("");
    CHECK(range_after(log.scratch / "none", 1).error().code == Code::not_found);
    CHECK(range_after(log.scratch.path(), 1).error().code == Code::denied);
}
