#include <doctest/doctest.h>

#include "recovery/rig.hpp"

using namespace thole;

TEST_CASE("a second process cannot write a session that is written, and can once it is killed") {
    test::Scratch scratch;
    const SessionFiles files{scratch.path(), "s1"};
    test::Writer first(files, true);
    REQUIRE(first.await_lines(2));

    test::Writer second(files, false);
    const std::string busy =
        "error " + std::to_string(static_cast<int>(Code::busy)) + ": cannot write ";
    CHECK(second.last_words().starts_with(busy + files.log()));
    CHECK(second.appended == 0);
    CHECK(inspect_session(files)->is_alive);
    CHECK(inspect_session(files)->state.status == "running");
    CHECK(delete_session(files).error().code == Code::busy);
    REQUIRE(first.await_lines(2));
    first.kill();

    CHECK_FALSE(inspect_session(files)->is_alive);
    test::Writer third(files, false);
    CHECK(third.await_lines(2));
    third.kill();
    const auto content = test::read_all(files);
    CHECK(content.read.damage.bad_lines == 0);
    CHECK(content.read.last_id >= third.appended);
    CHECK(delete_session(files));
    CHECK(session_ids(files.directory).empty());
}

TEST_CASE("a reader that follows a session sees each event once, in order") {
    test::Scratch scratch;
    const SessionFiles files{scratch.path(), "s1"};
    test::Writer writer(files, true);
    std::vector<std::uint64_t> ids;
    const auto sink = [&](const Envelope& envelope, std::string_view) {
        ids.push_back(envelope.id);
        return true;
    };
    REQUIRE(writer.await_lines(1));
    LogRange range;
    while (ids.size() < 500) {
        const auto read = read_log(files.log(), files.blobs(), range, sink);
        REQUIRE(read);
        REQUIRE(read->damage.bad_lines == 0);
        REQUIRE(read->damage.first_missing == 0);
        range = {read->last_id, read->end};
        REQUIRE(writer.await_lines(1));
    }
    for (std::size_t i = 0; i < ids.size(); ++i) REQUIRE(ids[i] == i + 1);
}
