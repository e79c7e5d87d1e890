#include <doctest/doctest.h>

#include "base/json.hpp"
#include "journal/state.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;

TEST_CASE("a state survives the way to JSON and back at every point of a session") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        State state;
        for (const Envelope& envelope : test::random_history(seed, 150)) {
            apply(state, envelope);
            const auto again = state_from_json(state_to_json(state));
            REQUIRE(again);
            REQUIRE((*again == state));
        }
    }
}

TEST_CASE("a fold that stops at a snapshot and goes on gives the same state") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        const auto history = test::random_history(seed, 120);
        State whole;
        for (const Envelope& envelope : history) apply(whole, envelope);
        State front;
        for (std::size_t cut = 0; cut < history.size(); ++cut) {
            State resumed = *state_from_json(state_to_json(front));
            for (std::size_t i = cut; i < history.size(); ++i) apply(resumed, history[i]);
            REQUIRE((resumed == whole));
            apply(front, history[cut]);
        }
    }
}

TEST_CASE("the status error is read as failed") {
    Json json = state_to_json(State());
    json["status"] = "error";
    CHECK(state_from_json(json)->status == "failed");
}

TEST_CASE("a snapshot with a field of the wrong kind is refused by name") {
    Json json = state_to_json(State());
    json["usage"]["input_tokens"] = "many";
    CHECK(state_from_json(json).error() ==
          fail(Code::corrupt, "snapshot: field 'usage.input_tokens' is not a whole number"));
    json = state_to_json(State());
    json["context"] = Json::array({{{"kind", "poem"}}});
    CHECK(state_from_json(json).error().message ==
          "snapshot: field 'context[0].kind' is not a known kind");
}

TEST_CASE("members of a snapshot that are not known are ignored") {
    Json json = state_to_json(State());
    json["log_offset"] = 5;
    CHECK((*state_from_json(json) == State()));
}
