#include "journal/event.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "base/json.hpp"
#include "journal/event_codec.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;

namespace {

// What reading `json` says: "" when it reads.
std::string complaint(const Json& json) {
    const auto event = event_from_json(json);
    return event ? "" : event.error().message;
}

std::string text_of(const Event& event, const codec::StoreBlob& store) {
    std::string text;
    codec::Writer writer(text, store, codec::inline_limit);
    codec::write_event(writer, text, event);
    return text;
}

}  // namespace

TEST_CASE("there is a sample of each kind of event") {
    const auto samples = test::one_of_each();
    REQUIRE(samples.size() == std::variant_size_v<Event>);
    for (std::size_t i = 0; i < samples.size(); ++i) CHECK(samples[i].index() == i);
}

TEST_CASE("every event survives the way to JSON and back") {
    for (const Event& event : test::one_of_each()) {
        CAPTURE(std::string(event_type(event)));
        const Json json = event_to_json(event);
        CHECK(text_member(json, "type") == event_type(event));
        const auto again = event_from_json(json);
        REQUIRE(again);
        CHECK((*again == event));
    }
}

TEST_CASE("empty fields are left out and read as empty") {
    CHECK(event_to_json(MessageReceived{}) == Json{{"type", "MessageReceived"}});
    CHECK(event_to_json(TodosUpdated{{TaskItem{.id = "1"}}}) ==
          Json{{"type", "TodosUpdated"},
               {"tasks", {{{"id", "1"}, {"status", "pending"}, {"priority", "medium"}}}}});
    CHECK((*event_from_json(Json{{"type", "SessionStarted"}}) == Event(SessionStarted())));
}

TEST_CASE("a field that is empty although it is born with a value stays empty") {
    const Event event = TodosUpdated{{TaskItem{.status = "", .priority = ""}}};
    CHECK((*event_from_json(event_to_json(event)) == event));
}

TEST_CASE("an error of a tool is called Error in the log") {
    CHECK(event_type(ErrorReported{}) == "Error");
    CHECK((*event_from_json(Json{{"type", "Error"}, {"code", "io"}}) ==
           Event(ErrorReported{.code = "io"})));
}

TEST_CASE("a field of the wrong kind is named") {
    CHECK(complaint(Json{{"type", "TokensStreamed"}, {"text", 5}}) ==
          "TokensStreamed: field 'text' is not a string");
    CHECK(complaint(Json{{"type", "ToolCallStarted"}, {"diffs", {{{"path", 1}}}}}) ==
          "ToolCallStarted: field 'diffs[0].path' is not a string");
    CHECK(complaint(Json{{"type", "Checkpoint"}, {"turn", 1.5}}) ==
          "Checkpoint: field 'turn' is not a whole number");
    CHECK(complaint(Json{{"type", "Checkpoint"}, {"turn", UINT64_MAX}}) ==
          "Checkpoint: field 'turn' is not a whole number");
    CHECK(complaint(Json{{"type", "TodosUpdated"}, {"tasks", "x"}}) ==
          "TodosUpdated: field 'tasks' is not a list");
    CHECK(complaint(Json{{"type", "TodosUpdated"}, {"tasks", {1}}}) ==
          "TodosUpdated: field 'tasks[0]' is not an object");
    CHECK(complaint(Json{{"type", "BusyStateChanged"}, {"busy", "yes"}}) ==
          "BusyStateChanged: field 'busy' is not true or false");
    CHECK(complaint(Json{{"type", "CostUpdated"}, {"cost_usd", "1"}}) ==
          "CostUpdated: field 'cost_usd' is not a number");
}

TEST_CASE("an event without a type is refused") {
    CHECK(complaint(Json::object()) == "the event has no type");
    CHECK(complaint(Json{{"type", 5}}) == "the event has no type");
    CHECK(complaint(Json(5)) == "the event has no type");
}

TEST_CASE("fields that this version does not know are ignored") {
    CHECK((*event_from_json(Json{{"type", "ModeChanged"}, {"mode", "plan"}, {"new", {1, 2}}}) ==
           Event(ModeChanged{.mode = "plan"})));
}

TEST_CASE("a text is stored as a blob only when it is longer than 32 KiB") {
    std::vector<std::string> stored;
    const codec::StoreBlob store = [&](std::string_view text) {
        stored.emplace_back(text);
        return std::string("5a");
    };
    const std::string fits(32 * 1024, 'x'), too_long = fits + "x";
    CHECK(text_of(TokensStreamed{"m", fits}, store).size() > fits.size());
    CHECK(stored.empty());
    CHECK(text_of(TokensStreamed{"m", too_long}, store) ==
          R"({"type":"TokensStreamed","message_id":"m","text":{"$blob":"5a","size":32769}})");
    CHECK(
        text_of(ToolCallStarted{.input = Json{{"content", too_long}, {"path", "a"}}}, store) ==
        R"({"type":"ToolCallStarted","input":{"content":{"$blob":"5a","size":32769},"path":"a"}})");
    CHECK(stored == std::vector<std::string>{too_long, too_long});
}

TEST_CASE("opaque JSON that is long in many small parts becomes one blob") {
    std::string stored;
    const codec::StoreBlob store = [&](std::string_view text) {
        stored = text;
        return std::string("5a");
    };
    const codec::LoadBlob load = [&](std::string_view, std::int64_t) { return stored; };
    Json list = Json::array();
    for (int i = 0; i < 20'000; ++i) list.push_back("item");
    const Event event = QuestionResolved{"q", list};
    const std::string text = text_of(event, store);
    CHECK(text.size() < 200);
    Json json = *parse_json(text);
    codec::Reader reader(load);
    CHECK((*codec::read_event(json, reader) == event));
}

TEST_CASE("data that looks like a reference to a blob stays what it is") {
    const Json looks{{"$blob", "5a"}, {"size", 3}};
    for (const Json& input :
         {looks, Json{{"a", {looks, {{"$$blob", looks}}}}}, Json{{"$blob", 5}}}) {
        const Event known = ToolCallStarted{.input = input};
        const Event unknown = UnknownEvent{"New", Json{{"$blob", input}, {"x", input}}};
        CHECK((*event_from_json(event_to_json(known)) == known));
        CHECK((*event_from_json(event_to_json(unknown)) == unknown));
    }
}

TEST_CASE("what cannot be written as it is makes the writer lossy") {
    Json deep = 1;
    for (int i = 0; i < 300; ++i) deep = Json::array({deep});
    const std::vector<Event> lossy{TokensStreamed{"m", "\xff"},
                                   CostUpdated{.cost_usd = std::numeric_limits<double>::infinity()},
                                   QuestionResolved{"q", Json{{"a", "\xc3"}}},
                                   QuestionResolved{"q", deep}};
    for (const Event& event : lossy) {
        std::string text;
        codec::Writer writer(text);
        codec::write_event(writer, text, event);
        CHECK(writer.is_lossy());
        CHECK(parse_json(text));
    }
    std::string text;
    codec::Writer writer(text);
    for (const Event& event : test::one_of_each()) codec::write_event(writer, text, event);
    CHECK_FALSE(writer.is_lossy());
}

TEST_CASE("copies of opaque JSON are equal and absent is null") {
    const JsonValue value = Json{{"a", 1}};
    const JsonValue copy = value;
    CHECK((copy == value));
    CHECK((copy == JsonValue(Json{{"a", 1}})));
    CHECK_FALSE((copy == JsonValue()));
    CHECK(JsonValue().is_absent());
    CHECK(JsonValue(Json()).is_absent());
    CHECK(JsonValue()->is_null());
}
