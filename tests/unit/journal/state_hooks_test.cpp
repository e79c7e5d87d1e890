// What the fold keeps of hooks, and of what a command wants of its turn.
#include <doctest/doctest.h>

#include "journal/state.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;
using Lines = std::vector<std::string>;

namespace {

State fold(const std::vector<Event>& events) {
    State state;
    for (const Event& event : events) {
        apply(state, test::envelope(state.last_event_id + 1, event));
    }
    return state;
}

MessageReceived prompt(const std::string& id, const std::string& words) {
    MessageReceived received;
    received.role = "user";
    received.message_id = id;
    received.content = words;
    return received;
}

MessageReceived made_prompt() {
    MessageReceived received = prompt("u1", "/row");
    received.command = "row";
    received.model = "demo/other";
    received.agent = "mate";
    received.tools = {"read_file"};
    return received;
}

HookRan ran(const char* event, bool blocked, const std::string& context) {
    HookRan hook;
    hook.event = event;
    hook.blocked = blocked;
    hook.context = context;
    return hook;
}

}  // namespace

TEST_CASE("what a command wants holds until its turn ends, and over the end of a process") {
    State state = fold({made_prompt(), BusyStateChanged{true, "u1", {}, {}, {}}});
    CHECK(state.turn_model == "demo/other");
    CHECK(state.turn_agent == "mate");
    CHECK(state.turn_tools == Lines{"read_file"});
    SessionStarted again;
    again.resumed = true;
    apply(state, test::envelope(state.last_event_id + 1, again));
    CHECK(state.turn_tools == Lines{"read_file"});
    apply(state, test::envelope(state.last_event_id + 1,
                                BusyStateChanged{false, "u1", "end_turn", {}, {}}));
    CHECK(state.turn_model == "");
    CHECK(state.turn_agent == "");
    CHECK(state.turn_tools.empty());
    State next = fold({made_prompt(), prompt("u2", "else")});
    CHECK(next.turn_model == "");
    CHECK(next.turn_tools.empty());
}

TEST_CASE("another agent takes over the turn of a command that named one") {
    State state = fold({made_prompt(), AgentChanged{"planner", "plan"}});
    CHECK(state.turn_agent == "");
    CHECK(state.agent == "planner");
}

TEST_CASE("a prompt that a hook has blocked is no part of the conversation") {
    HookRan blocked = ran("prompt", true, "");
    blocked.message_id = "u2";
    State state = fold({prompt("u1", "one"), prompt("u2", "two"), blocked});
    REQUIRE(state.context.size() == 1);
    CHECK(state.context[0].text == "one");
    CHECK(state.prompts == 2);
}

TEST_CASE("what a hook adds is read by the model; of a call it stands in the call's result") {
    HookRan of_call = ran("pre_tool", false, "in the result");
    of_call.call_id = "c1";
    State state =
        fold({ran("session_start", false, "low tide"), of_call, ran("session_end", false, "")});
    REQUIRE(state.context.size() == 1);
    CHECK(state.context[0].kind == ContextItem::Kind::user);
    CHECK(state.context[0].text == "[From the hook of session_start]\nlow tide");
}
