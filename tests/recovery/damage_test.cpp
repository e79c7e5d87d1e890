#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "recovery/rig.hpp"

using namespace thole;

namespace {

constexpr std::uint64_t events = 50;

// A log of `events` lines whose bytes the tests spoil, one copy after another.
struct Sample {
    test::Scratch scratch;
    SessionFiles files{scratch.path(), "s1"};
    std::string whole;
    std::vector<std::size_t> starts;  // of the lines

    Sample() {
        test::write_sample(files, events);
        whole = scratch.read("s1.events.jsonl");
        for (std::size_t at = 0; at < whole.size(); at = whole.find('\n', at) + 1) {
            starts.push_back(at);
        }
    }
    void write(const std::string& content) const { scratch.write("s1.events.jsonl", content); }
    // The line in which a byte lies, from 0.
    std::size_t line_of(std::size_t at) const {
        return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), at) -
                                        starts.begin() - 1);
    }
};

// 1 … `events` without `missing`; 0 for none.
std::vector<std::uint64_t> ids_without(std::uint64_t missing) {
    std::vector<std::uint64_t> ids;
    for (std::uint64_t id = 1; id <= events; ++id) {
        if (id != missing) ids.push_back(id);
    }
    return ids;
}

}  // namespace

TEST_CASE("a cut at any byte of the last three lines loses only what was cut") {
    const Sample sample;
    REQUIRE(sample.starts.size() == events);
    for (std::size_t cut = sample.starts[events - 3]; cut < sample.whole.size(); ++cut) {
        CAPTURE(cut);
        sample.write(sample.whole.substr(0, cut));
        // A line that lacks only its newline is whole.
        const bool lacks_newline = sample.whole[cut] == '\n';
        const std::uint64_t left = sample.line_of(cut) + (lacks_newline ? 1 : 0);
        const auto torn =
            static_cast<std::int64_t>(lacks_newline ? 0 : cut - sample.starts[sample.line_of(cut)]);
        std::uint64_t next = 0;
        const auto damage = test::reopen(
            sample.files, [&](Journal& journal) { next = journal.append(Checkpoint{1}); });
        REQUIRE(damage);
        CHECK(damage->torn_bytes == torn);
        CHECK(damage->bad_lines == 0);
        CHECK(next == left + 1);
        const auto content = test::read_all(sample.files);
        CHECK(content.read.damage.is_whole());
        CHECK(content.ids.size() == left + 1);
        std::filesystem::remove(sample.files.snapshot());
    }
}

TEST_CASE("a flipped bit anywhere in the middle is told and costs only its own line") {
    const Sample sample;
    std::mt19937 random(2026);
    // Not the last line, whose newline is the end of the log.
    const std::size_t last = sample.starts.back();
    for (int round = 0; round < 500; ++round) {
        const std::size_t at = random() % last;
        const auto bit = static_cast<char>(1 << (random() % 8));
        CAPTURE(at);
        std::string flipped = sample.whole;
        flipped[at] = static_cast<char>(flipped[at] ^ bit);
        sample.write(flipped);
        const bool is_newline = sample.whole[at] == '\n';
        const auto content = test::read_all(sample.files);
        REQUIRE(content.read.damage.bad_lines > 0);
        REQUIRE_FALSE(content.read.damage.text().empty());
        REQUIRE(content.ids == ids_without(is_newline ? 0 : sample.line_of(at) + 1));
    }
}

TEST_CASE("opening a damaged session tells the damage and goes on, again and again") {
    const Sample sample;
    std::string flipped = sample.whole;
    flipped[sample.starts[10] + 30] ^= 2;
    sample.write(flipped);
    for (std::uint64_t round = 1; round <= 3; ++round) {
        std::uint64_t next = 0;
        const auto damage = test::reopen(
            sample.files, [&](Journal& journal) { next = journal.append(Checkpoint{1}); });
        REQUIRE(damage);
        CHECK(damage->bad_lines == 1);
        CHECK(damage->first_missing == 11);
        CHECK(damage->first_error.starts_with("line 11 at byte "));
        CHECK(next == events + round);
    }
    CHECK(inspect_session(sample.files)->damage.bad_lines == 1);
}

TEST_CASE("a flipped bit in the last line is told and later events go on behind it") {
    const Sample sample;
    for (std::size_t at = sample.starts.back(); at < sample.whole.size(); ++at) {
        CAPTURE(at);
        std::string flipped = sample.whole;
        flipped[at] ^= 1;
        sample.write(flipped);
        const auto damage =
            test::reopen(sample.files, [](Journal& journal) { journal.append(Checkpoint{1}); });
        REQUIRE(damage);
        CHECK_FALSE(damage->is_whole());
        const auto content = test::read_all(sample.files);
        const bool is_newline = at + 1 == sample.whole.size();
        CHECK(content.ids.size() == (is_newline ? events + 1 : events));
        CHECK(content.state.context.size() == (is_newline ? events - 1 : events - 2));
        std::filesystem::remove(sample.files.snapshot());
    }
}
