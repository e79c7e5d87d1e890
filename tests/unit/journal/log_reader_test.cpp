#include "journal/log_reader.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/json.hpp"
#include "base/sha256.hpp"
#include "journal/blobs.hpp"
#include "support/scratch.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;

namespace {

using Ids = std::vector<std::uint64_t>;

struct Log {
    test::Scratch scratch;
    std::string path() const { return scratch / "log"; }
    std::string blobs() const { return scratch / "blobs"; }

    void write(const std::string& content) const { scratch.write("log", content); }

    LogRead read(Ids& ids, LogRange range = {}) const {
        const auto sink = [&](const Envelope& envelope, std::string_view line) {
            CHECK(decode_line(line)->id == envelope.id);
            ids.push_back(envelope.id);
            return true;
        };
        auto read = read_log(path(), blobs(), range, sink);
        REQUIRE(read);
        return *read;
    }
};

std::string line(std::uint64_t id, const std::string& text = "text") {
    return encode_line(test::envelope(id, TokensStreamed{"m", text}));
}
std::string lines(std::uint64_t from, std::uint64_t to) {
    std::string text;
    for (std::uint64_t id = from; id <= to; ++id) text += line(id) + "\n";
    return text;
}
Damage damage_of(const std::string& content, Ids& ids) {
    Log log;
    log.write(content);
    return log.read(ids).damage;
}
std::string complaint(const std::string& line) {
    const auto envelope = decode_line(line);
    return envelope ? "" : envelope.error().message;
}
std::int64_t length(const std::string& text) {
    return static_cast<std::int64_t>(text.size());
}

}  // namespace

TEST_CASE("a line looks as the format says") {
    CHECK(encode_line(test::envelope(7, ModeChanged{"plan", "user"})) ==
          R"({"schema_version":1,"id":7,"ts":"2026-09-21T14:13:20.130Z",)"
          R"("event":{"type":"ModeChanged","mode":"plan","by":"user"},"crc":"c1b56565"})");
}

TEST_CASE("every event survives the way into a line and back") {
    std::uint64_t id = 0;
    for (const Event& event : test::one_of_each()) {
        const Envelope envelope = test::envelope(++id, event);
        const auto again = decode_line(encode_line(envelope));
        REQUIRE(again);
        CHECK(again->id == id);
        CHECK((again->time == envelope.time));
        CHECK((again->event == event));
    }
}

TEST_CASE("lines without checksum, without version and of unknown type are read") {
    const auto envelope = decode_line(
        R"({"id":3,"ts":"2026-01-02T03:04:05+01:00","event":{"type":"New","a":{"b":1}}})");
    REQUIRE(envelope);
    CHECK(envelope->id == 3);
    CHECK(rfc3339(envelope->time) == "2026-01-02T02:04:05.000Z");
    CHECK((envelope->event == Event(UnknownEvent{"New", Json{{"a", {{"b", 1}}}}})));
}

TEST_CASE("a line that is wrong says what is wrong") {
    std::string flipped = line(5);
    flipped[40] ^= 1;
    CHECK(complaint(flipped).starts_with("the checksum is "));
    CHECK(complaint("[]") == "the line is not a JSON object");
    CHECK(complaint(R"({"schema_version":2,"id":1,"ts":"","event":{}})") ==
          "schema_version is 2, not 1");
    CHECK(complaint(R"({"id":0,"ts":"2026-01-02T03:04:05Z","event":{"type":"X"}})") ==
          "the id is not a whole number from 1");
    CHECK(complaint(R"({"id":1,"ts":"2026-01-02T03:04:05Z"})") == "there is no event");
    CHECK(complaint(R"({"id":1,"ts":"yesterday","event":{"type":"X"}})").starts_with("ts: "));
    CHECK(complaint(R"({"id":1,"ts":"8224-01-02T03:04:05Z","event":{"type":"X"}})") ==
          "ts: not a time from 1970 to 2261");
    CHECK(complaint(R"({"id":1,"ts":"2026-01-02T03:04:05Z","event":{"type":"X"},"crb":"0"})") ==
          "unknown members, and no checksum at the end of the line");
    CHECK(complaint(std::string(300, '[')) == "the event is nested too deeply");
    CHECK_FALSE(complaint("").empty());
    CHECK_FALSE(complaint(std::string("\0\xff\"", 3)).empty());
}

TEST_CASE("a whole log is read without damage") {
    Ids ids;
    Log log;
    log.write(lines(1, 3));
    const LogRead read = log.read(ids);
    CHECK((read.damage == Damage()));
    CHECK(read.damage.is_whole());
    CHECK(read.damage.text().empty());
    CHECK(read.end == length(lines(1, 3)));
    CHECK(read.last_id == 3);
    CHECK(ids == Ids{1, 2, 3});
}

TEST_CASE("lines over the border of a block are read whole") {
    Ids ids;
    Log log;
    std::string content;
    for (std::uint64_t id = 1; id <= 40; ++id) {
        content += line(id, std::string(id * 1000, 'x')) + "\n";
    }
    content += line(41, std::string(3'000'000, 'y')) + "\n" + line(42) + "\n";
    log.write(content);
    CHECK(log.read(ids).damage.is_whole());
    CHECK(ids.size() == 42);
}

TEST_CASE("a torn last line is counted and not read") {
    for (std::size_t cut = 1; cut < line(3).size(); ++cut) {
        Ids ids;
        Log log;
        log.write(lines(1, 2) + line(3).substr(0, cut));
        const LogRead read = log.read(ids);
        CHECK(ids == Ids{1, 2});
        CHECK(read.damage.torn_bytes == static_cast<std::int64_t>(cut));
        CHECK(read.damage.bad_lines == 0);
        CHECK(read.end == length(lines(1, 2)));
        CHECK_FALSE(read.damage.is_whole());
    }
}

TEST_CASE("a last line that lacks only its newline is whole") {
    Ids ids;
    Log log;
    log.write(lines(1, 2) + line(3));
    const LogRead read = log.read(ids);
    CHECK(ids == Ids{1, 2, 3});
    CHECK(read.damage.is_whole());
    CHECK(read.end == length(lines(1, 2) + line(3)));
}

TEST_CASE("a damaged line in the middle is left out and told") {
    std::string bad = line(2);
    bad[60] ^= 4;
    Ids ids;
    const Damage damage = damage_of(lines(1, 1) + bad + "\n" + lines(3, 4), ids);
    CHECK(ids == Ids{1, 3, 4});
    CHECK(damage.bad_lines == 1);
    CHECK(damage.bad_bytes == length(bad));
    CHECK(damage.first_missing == 2);
    CHECK(damage.first_error.starts_with("line 2 at byte " + std::to_string(length(lines(1, 1))) +
                                         ": the checksum is "));
    CHECK(damage.text().starts_with("the log of this session is damaged, 1 unreadable lines ("));
}

TEST_CASE("a damaged newline costs neither of its lines") {
    std::string content = lines(1, 3);
    content[lines(1, 1).size() - 1] = 'Z';
    Ids ids;
    const Damage damage = damage_of(content, ids);
    CHECK(ids == Ids{1, 2, 3});
    CHECK(damage.bad_lines == 1);
    CHECK(damage.bad_bytes == 1);
    CHECK(damage.first_missing == 0);
}

TEST_CASE("a damaged newline before a torn line costs only the torn one") {
    std::string content = lines(1, 2) + line(3).substr(0, 50);
    content[lines(1, 2).size() - 1] = 'Z';
    Ids ids;
    Log log;
    log.write(content);
    const LogRead read = log.read(ids);
    CHECK(ids == Ids{1, 2});
    CHECK(read.damage.torn_bytes == 51);
    CHECK(read.end == length(lines(1, 2)) - 1);
}

TEST_CASE("a line that is not there is told by the gap") {
    Ids ids;
    const Damage damage = damage_of(lines(1, 2) + lines(4, 5), ids);
    CHECK(ids == Ids{1, 2, 4, 5});
    CHECK(damage.first_missing == 3);
    CHECK_FALSE(damage.is_whole());
}

TEST_CASE("a line that comes again counts as damage and is not given twice") {
    Ids ids;
    const Damage damage = damage_of(lines(1, 3) + lines(2, 4), ids);
    CHECK(ids == Ids{1, 2, 3, 4});
    CHECK(damage.bad_lines == 2);
    CHECK(damage.first_error.ends_with("id 2 comes after id 3"));
}

TEST_CASE("bytes that are no log are all counted") {
    Ids ids;
    std::string zeros(5000, '\0');
    CHECK(damage_of(lines(1, 1) + zeros, ids).torn_bytes == 5000);
    CHECK(damage_of("hello\nworld\n", ids).bad_lines == 2);
    CHECK(damage_of("hello\nworld\n", ids).bad_bytes == 10);
    CHECK(damage_of("", ids).is_whole());
    CHECK(ids == Ids{1});
}

TEST_CASE("reading starts after an id or at an offset and can be stopped") {
    Log log;
    log.write(lines(1, 5));
    Ids ids;
    CHECK(log.read(ids, {.after_id = 3}).damage.is_whole());
    CHECK(ids == Ids{4, 5});
    ids.clear();
    CHECK(log.read(ids, {.after_id = 2, .offset = length(lines(1, 2))}).damage.is_whole());
    CHECK(ids == Ids{3, 4, 5});
    ids.clear();
    const auto read = read_log(log.path(), log.blobs(), {}, [&](const Envelope& e, auto) {
        ids.push_back(e.id);
        return ids.size() < 2;
    });
    CHECK(ids == Ids{1, 2});
    CHECK(read->last_id == 2);
}

TEST_CASE("long texts come from their blobs") {
    Log log;
    const std::string text(40'000, 't');
    const auto stored = write_blob(log.blobs(), text);
    REQUIRE(stored);
    CHECK(stored->sha256 == sha256_hex(text));
    const std::string reference = R"({"$blob":")" + stored->sha256 + R"(","size":40000})";
    log.write(R"({"id":1,"ts":"2026-01-02T03:04:05Z","event":{"type":"TokensStreamed","text":)" +
              reference + "}}\n");
    std::string seen;
    const auto sink = [&](const Envelope& envelope, std::string_view) {
        seen = std::get<TokensStreamed>(envelope.event).text;
        return true;
    };
    CHECK(read_log(log.path(), log.blobs(), {}, sink)->damage.is_whole());
    CHECK(seen == text);

    log.scratch.write("blobs/" + stored->sha256, "other");
    CHECK(read_log(log.path(), log.blobs(), {}, sink)->damage.bad_blobs == 1);
    CHECK(seen.starts_with("[this text of 40000 bytes is lost: blob "));

    std::filesystem::remove_all(log.blobs());
    const Damage damage = read_log(log.path(), log.blobs(), {}, sink)->damage;
    CHECK(damage.bad_blobs == 1);
    CHECK_FALSE(damage.is_whole());
    CHECK(damage.text().find("1 long texts are lost") != std::string::npos);
}

TEST_CASE("a reference to a file outside of the blobs is not followed") {
    Log log;
    log.scratch.write("secret", "secret");
    log.write(R"({"id":1,"ts":"2026-01-02T03:04:05Z","event":{"type":"TokensStreamed","text":)"
              R"({"$blob":"../secret","size":6}}})"
              "\n");
    std::string seen;
    const auto sink = [&](const Envelope& envelope, std::string_view) {
        seen = std::get<TokensStreamed>(envelope.event).text;
        return true;
    };
    CHECK(read_log(log.path(), log.blobs(), {}, sink)->damage.bad_blobs == 1);
    CHECK(seen.find("secret") == seen.find("../secret") + 3);
}

TEST_CASE("what is no log of ours is refused with a reason") {
    test::Scratch scratch;
    const auto sink = [](const Envelope&, std::string_view) { return true; };
    const auto error = [&](const std::string& name) {
        return read_log(scratch / name, scratch / "blobs", {}, sink).error();
    };
    CHECK(error("missing").code == Code::not_found);
    std::filesystem::create_directory(scratch / "directory");
    CHECK(error("directory").message.find("is a directory, not a file") != std::string::npos);
    ::mkfifo((scratch / "pipe").c_str(), 0600);
    CHECK(error("pipe").message.find("is not a regular file") != std::string::npos);
    scratch.write("file", "");
    std::filesystem::create_symlink(scratch / "file", scratch / "link");
    CHECK(error("link").code == Code::denied);
    CHECK(error("link").message.find("is a symbolic link") != std::string::npos);
}
