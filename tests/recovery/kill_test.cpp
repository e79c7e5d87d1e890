#include <doctest/doctest.h>

#include <random>

#include "recovery/rig.hpp"

using namespace thole;

namespace {

// 1, 2, 3, … without a gap.
bool is_gapless(const std::vector<std::uint64_t>& ids) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] != i + 1) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("nothing that was acknowledged is lost when the writer is killed at any moment") {
    std::mt19937 random(4711);
    for (int session = 0; session < 10; ++session) {
        test::Scratch scratch;
        const SessionFiles files{scratch.path(), "s1"};
        std::uint64_t acknowledged = 0;
        for (int round = 0; round < 20; ++round) {
            test::Writer writer(files, round == 0);
            const bool is_running = writer.await_lines(1 + random() % 12);
            writer.kill();
            REQUIRE(is_running);
            acknowledged = std::max(acknowledged, writer.appended);
            const auto content = test::read_all(files);
            REQUIRE(content.ids.size() >= acknowledged);
            REQUIRE(is_gapless(content.ids));
            REQUIRE(content.read.damage.bad_lines == 0);
            REQUIRE(content.read.damage.bad_blobs == 0);
        }
        std::uint64_t opened_at = 0;
        const auto damage = test::reopen(
            files, [&](Journal& journal) { opened_at = journal.state().last_event_id; });
        REQUIRE(damage);
        CHECK(damage->bad_lines == 0);
        CHECK(opened_at == test::read_all(files).read.last_id);
        CHECK(opened_at >= acknowledged);
    }
}

TEST_CASE("the snapshot of a killed writer never disagrees with its log") {
    test::Scratch scratch;
    const SessionFiles files{scratch.path(), "s1"};
    std::mt19937 random(99);
    for (int round = 0; round < 20; ++round) {
        test::Writer writer(files, round == 0);
        REQUIRE(writer.await_lines(40 + random() % 60));
        writer.kill();
        State folded = test::read_all(files).state;
        folded.status = "failed";
        folded.last_error = "interrupted";
        const auto seen = inspect_session(files);
        REQUIRE(seen);
        REQUIRE((seen->state == folded));
        REQUIRE_FALSE(seen->is_alive);
    }
}
