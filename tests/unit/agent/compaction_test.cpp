#include "agent/compaction.hpp"

#include <doctest/doctest.h>

#include "base/code.hpp"
#include "unit/agent/rig.hpp"

using namespace thole;
using namespace thole::test;

namespace {

// The model's context holds 128,000 tokens, so the threshold is at 96,000.
constexpr std::int64_t threshold = 96'000;

using Lines = std::vector<std::string>;

std::string first_words(const std::string& text) {
    return text.size() > 20 ? text.substr(0, 3) + "…" : text;
}

Lines context(const State& state) {
    static const char* kinds[] = {"user", "answer", "thought", "call", "result", "summary"};
    Lines lines;
    for (const ContextItem& item : state.context) {
        bool is_call = item.kind == ContextItem::Kind::call;
        bool is_result = item.kind == ContextItem::Kind::result;
        lines.push_back(std::string(kinds[static_cast<int>(item.kind)]) + ":" +
                        (is_call || is_result ? item.call_id : first_words(item.text)));
    }
    return lines;
}

// Compactions, warnings, limits and errors, without figures.
Lines story(const Talk& talk) {
    Lines lines;
    for (const Event& event : talk.events) {
        if (const auto* one = std::get_if<ContextCompaction>(&event)) lines.push_back(one->phase);
        if (std::holds_alternative<ContextWarning>(event)) lines.push_back("warning");
        if (const auto* one = std::get_if<LimitReached>(&event)) {
            lines.push_back("limit " + one->limit + " " + std::to_string(one->value));
        }
        if (const auto* one = std::get_if<ErrorReported>(&event)) {
            lines.push_back((one->retrying ? "retry " : "error ") + one->code);
        }
    }
    return lines;
}

Recorded globs(int number, std::int64_t tokens) {
    return calls("c" + std::to_string(number), "glob", {{"pattern", "*.none"}}, tokens);
}

// A conversation of four messages that fills 90,000 tokens, most of them in the first prompt.
void fill(AgentRig& rig) {
    rig.script({says("one", 80'000), says("two", 90'000)});
    rig.turn(std::string(300'000, 'x'));
    rig.turn("second");
    rig.http.asked.clear();
}

}  // namespace

TEST_CASE("below the threshold nothing is summarised") {
    AgentRig rig;
    fill(rig);
    rig.script({says("three", threshold - 1)});
    CHECK(rig.turn("third").stop_reason == "end_turn");
    CHECK(story(rig.talk).empty());
    CHECK(rig.http.asked.size() == 1);
}

TEST_CASE("a request that would reach the threshold is made after a summary") {
    AgentRig rig;
    fill(rig);
    rig.script({says("S", 70'000, 50), says("three", 20'000)});
    CHECK(rig.turn(std::string(30'000, 'y')).stop_reason == "end_turn");
    CHECK(story(rig.talk) == Lines{"warning", "started", "completed"});
    CHECK(context(rig.talk.state()) == Lines{"summary:S", "answer:one", "user:second", "answer:two",
                                             "user:yyy…", "answer:three"});
    CHECK(rig.talk.state().usage.context_used == 20'010);

    Json asked = rig.body(0);
    CHECK_FALSE(asked.contains("tools"));
    CHECK(asked["messages"].size() == 2);
    CHECK(asked["messages"][1]["content"].dump().find("<user>\\nxxx") != std::string::npos);
    Json next = rig.body(1);
    CHECK(next.contains("tools"));
    CHECK(next["messages"][1]["content"].get<std::string>().ends_with("\n\nS"));
    CHECK(next["messages"].back()["content"] == std::string(30'000, 'y'));
}

TEST_CASE("before is what the provider has counted, after follows from what it has counted") {
    AgentRig rig;
    fill(rig);
    rig.script({says("S", 70'000, 50), says("three", 20'000)});
    rig.turn(std::string(30'000, 'y'));
    std::vector<ContextCompaction> phases = rig.talk.all<ContextCompaction>();
    REQUIRE(phases.size() == 2);
    CHECK(phases[0] == ContextCompaction{"started", {}, {}, 90'010, 0, 0});
    CHECK(phases[1].before_tokens == 90'010);
    CHECK(phases[1].kept_messages == 4);
    CHECK(phases[1].summary == "S");
    // Nine tenths of what was measured is gone with the first prompt.
    CHECK(phases[1].after_tokens > 10'000);
    CHECK(phases[1].after_tokens < 30'000);
    std::vector<ContextWarning> warnings = rig.talk.all<ContextWarning>();
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].size == 128'000);
    CHECK(warnings[0].used >= threshold);
}

TEST_CASE("the summary's request is paid for and says nothing of the context") {
    AgentRig rig;
    fill(rig);
    std::int64_t before = rig.talk.state().usage.input_tokens;
    std::int64_t used = 0;
    rig.talk.on_event = [&](const Event& event) {
        if (std::holds_alternative<CostUpdated>(event) && used == 0) {
            used = rig.talk.state().usage.context_used;
        }
    };
    rig.script({says("S", 70'000, 50), says("three", 20'000)});
    rig.turn(std::string(30'000, 'y'));
    CHECK(used == 90'010);
    CHECK(rig.talk.state().usage.input_tokens == before + 90'000);
    CHECK(rig.talk.state().usage.model_requests == 4);
}

TEST_CASE("a conversation that was reopened is measured by its last request") {
    AgentRig rig;
    rig.prompt(std::string(300'000, 'x'));
    rig.talk.emit(TokensStreamed{"m1", "one"});
    rig.talk.emit(MessageReceived{"assistant", "m1", {}, {}, "end_turn", {}});
    CostUpdated cost;
    cost.context_used = 95'000;
    rig.talk.emit(cost);
    rig.script({says("S", 70'000), says("two", 9'000)});
    CHECK(rig.turn(std::string(20'000, 'y')).stop_reason == "end_turn");
    CHECK(story(rig.talk) == Lines{"warning", "started", "completed"});
}

TEST_CASE("at most so many messages stay as are configured, and never half a call") {
    AgentRig rig(ContextPolicy{true, 75, 2});
    rig.script({says("one", 1'000), globs(1, 80'000), says("two", 90'000)});
    rig.turn(std::string(300'000, 'x'));
    rig.turn("second");
    rig.script({says("S", 70'000), says("three", 20'000)});
    rig.turn(std::string(30'000, 'y'));
    CHECK(context(rig.talk.state()) ==
          Lines{"summary:S", "answer:two", "user:yyy…", "answer:three"});
    CHECK(rig.talk.all<ContextCompaction>()[1].kept_messages == 2);
}

TEST_CASE("after two attempts without room the turn ends, and so does the next at once") {
    AgentRig rig;
    rig.script(
        {globs(1, 120'000), says("S1", 9), globs(2, 120'000), says("S2", 9), globs(3, 120'000)});
    TurnEnd end = rig.turn("go");
    CHECK(end.stop_reason == "limit");
    CHECK(code_name(end.error.code) == "limit");
    CHECK(end.error.message.find("summarised twice") != std::string::npos);
    CHECK(story(rig.talk) == Lines{"warning", "started", "completed", "warning", "started",
                                   "completed", "limit context 128000", "error limit"});
    CHECK(context(rig.talk.state()) == Lines{"summary:S2", "call:c3", "result:c3"});
    CHECK(rig.http.asked.size() == 5);
    CHECK(rig.last_words(3).find("300 words at most") != std::string::npos);

    CHECK(rig.turn("again").stop_reason == "limit");
    CHECK(rig.http.asked.size() == 5);
}

TEST_CASE("a summary by hand gives a conversation that was given up another chance") {
    AgentRig rig;
    rig.script(
        {globs(1, 120'000), says("S1", 9), globs(2, 120'000), says("S2", 9), globs(3, 120'000)});
    CHECK(rig.turn("go").stop_reason == "limit");
    rig.script({says("S3", 9), says("S4", 9), says("done", 20'000)});
    CHECK(run(rig.loop, rig.agent.compact()).has_value());
    CHECK(rig.turn("again").stop_reason == "end_turn");
}

TEST_CASE("a second attempt that makes room lets the turn go on") {
    AgentRig rig;
    rig.script({globs(1, 120'000), says("S1", 9), globs(2, 120'000), says("S2", 9),
                globs(3, 20'000), says("done", 21'000)});
    CHECK(rig.turn("go").stop_reason == "end_turn");
    CHECK(rig.talk.all<ContextCompaction>().size() == 4);
}

TEST_CASE("a request that just misses the threshold does not count as room") {
    AgentRig rig;
    rig.script({globs(1, 120'000), says("S1", 9), globs(2, 90'000), globs(3, 120'000),
                says("S2", 9), globs(4, 120'000)});
    CHECK(rig.turn("go").stop_reason == "limit");
    CHECK(rig.http.asked.size() == 6);
}

TEST_CASE("a summary that cannot be had leaves the conversation alone, and the turn goes on") {
    AgentRig rig;
    fill(rig);
    rig.script({fails(), globs(1, 100'000), says("three", 100'000)});
    CHECK(rig.turn(std::string(30'000, 'y')).stop_reason == "end_turn");
    CHECK(story(rig.talk) == Lines{"warning", "started", "failed"});
    CHECK(rig.talk.all<ContextCompaction>()[1].message.find("no such thing") != std::string::npos);
    CHECK(context(rig.talk.state()).front() == "user:xxx…");
    rig.script({says("S", 100'000), says("four", 10'000)});
    CHECK(rig.turn("next").stop_reason == "end_turn");
    CHECK(context(rig.talk.state()).front() == "summary:S");
}

TEST_CASE("an empty summary is none") {
    AgentRig rig;
    fill(rig);
    rig.script({says(" \n", 5), says("three", 100'000)});
    CHECK(rig.turn(std::string(30'000, 'y')).stop_reason == "end_turn");
    CHECK(story(rig.talk) == Lines{"warning", "started", "failed"});
}

TEST_CASE("a cancel in the summary changes nothing and ends the turn") {
    AgentRig rig;
    fill(rig);
    Lines before = context(rig.talk.state());
    Recorded stopped;
    stopped.broken = cancelled();
    rig.script({stopped});
    CHECK(rig.turn(std::string(30'000, 'y')).stop_reason == "cancelled");
    CHECK(story(rig.talk) == Lines{"warning", "started", "failed"});
    before.push_back("user:yyy…");
    CHECK(context(rig.talk.state()) == before);
}

TEST_CASE("a request that does not fit is made again after a summary") {
    AgentRig rig;
    rig.script({says("one", 5'000), overflows(), says("S", 9), says("two", 500)});
    rig.turn(std::string(50'000, 'x'));
    TurnEnd end = rig.turn("second");
    CHECK(end.stop_reason == "end_turn");
    CHECK(story(rig.talk) == Lines{"retry too_large", "warning", "started", "completed"});
    CHECK(context(rig.talk.state()) ==
          Lines{"summary:S", "answer:one", "user:second", "answer:two"});
    CHECK(rig.talk.state().last_error.empty());
}

TEST_CASE("what does not fit after two summaries ends the turn with a limit") {
    AgentRig rig;
    rig.script(
        {says("one", 5'000), overflows(), says("S1", 9), overflows(), says("S2", 9), overflows()});
    rig.turn(std::string(50'000, 'x'));
    CHECK(rig.turn("second").stop_reason == "limit");
    CHECK(context(rig.talk.state()) == Lines{"summary:S2", "user:second"});
    CHECK(rig.http.asked.size() == 6);
}

TEST_CASE("a prompt that alone does not fit says so") {
    AgentRig rig;
    rig.script({overflows()});
    TurnEnd end = rig.turn("a very long prompt");
    CHECK(end.stop_reason == "error");
    CHECK(code_name(end.error.code) == "too_large");
    CHECK(end.error.message ==
          "the conversation is too long for test/m: maximum context length is 128000 tokens; it "
          "could not be summarised: there is nothing before the last messages that could be "
          "summarised; make the prompt shorter or choose a model with a larger context");
    CHECK(rig.http.asked.size() == 1);
}

TEST_CASE("an overflow whose summary fails ends the turn with both reasons") {
    AgentRig rig;
    rig.script({says("one", 500), overflows(), fails()});
    rig.turn("first");
    TurnEnd end = rig.turn("second");
    CHECK(code_name(end.error.code) == "too_large");
    CHECK(end.error.message.find("it could not be summarised: test answered 400: no such thing") !=
          std::string::npos);
    CHECK(context(rig.talk.state()) == Lines{"user:first", "answer:one", "user:second"});
}

TEST_CASE("with automatic summaries switched off nothing is summarised by itself") {
    AgentRig rig(ContextPolicy{false, 75, 50});
    rig.script({says("one", 120'000), says("two", 125'000), overflows()});
    CHECK(rig.turn("first").stop_reason == "end_turn");
    CHECK(rig.turn("second").stop_reason == "end_turn");
    CHECK(rig.turn("third").stop_reason == "error");
    CHECK(story(rig.talk) == Lines{"error too_large"});
}

TEST_CASE("by hand the last third of a conversation stays") {
    AgentRig rig;
    rig.script({says("one", 1'000), says("two", 1'100), says("three", 1'200), says("S", 900)});
    for (char letter : {'a', 'b', 'c'}) rig.turn(std::string(3000, letter));
    CHECK(run(rig.loop, rig.agent.compact()).has_value());
    CHECK(story(rig.talk) == Lines{"warning", "started", "completed"});
    CHECK(context(rig.talk.state()) == Lines{"summary:S", "answer:three"});
}

TEST_CASE("by hand an earlier summary goes into the next one") {
    AgentRig rig;
    rig.script({says("one", 1'000), says("EARLIER", 9), says("two", 1'000), says("S", 9)});
    rig.turn("first");
    CHECK(run(rig.loop, rig.agent.compact()).has_value());
    rig.turn("second");
    CHECK(run(rig.loop, rig.agent.compact()).has_value());
    CHECK(rig.last_words(3).find("<earlier_summary>\\nEARLIER") != std::string::npos);
    CHECK(context(rig.talk.state()).front() == "summary:S");
    CHECK(rig.talk.state().session_summary == "S");
}

TEST_CASE("an empty conversation, or a summary alone, is not summarised") {
    AgentRig rig;
    Result<void> nothing = run(rig.loop, rig.agent.compact());
    CHECK(code_name(nothing.error().code) == "not_found");
    rig.script({says("one", 1'000), says("S", 9)});
    rig.turn("first");
    CHECK(run(rig.loop, rig.agent.compact()).has_value());
    CHECK(context(rig.talk.state()) == Lines{"summary:S"});
    Result<void> again = run(rig.loop, rig.agent.compact());
    CHECK(code_name(again.error().code) == "not_found");
    CHECK(rig.http.asked.size() == 2);
}

TEST_CASE("nothing is summarised by hand while a turn runs") {
    AgentRig rig;
    async::Scope scope;
    std::optional<Result<void>> answer;
    rig.talk.on_event = [&](const Event& event) {
        if (!std::holds_alternative<ToolCallStarted>(event)) return;
        scope.spawn(keep(rig.agent.compact(), answer));
    };
    rig.script({globs(1, 10), says("done", 10)});
    CHECK(rig.turn("go").stop_reason == "end_turn");
    REQUIRE(answer.has_value());
    CHECK(code_name(answer->error().code) == "busy");
    CHECK(rig.http.asked.size() == 2);
}

TEST_CASE("after a summary each request repeats the open tasks from the state") {
    AgentRig rig;
    rig.talk.emit(
        TodosUpdated{{TaskItem{"t7", "Mend the oar", "in_progress", "high", "", "", ""}}});
    rig.script({says("one", 1'000), says("S", 9), globs(1, 1'000), says("two", 1'000)});
    rig.turn("first");
    CHECK(rig.last_words(0).find("Mend the oar") == std::string::npos);
    CHECK(run(rig.loop, rig.agent.compact()).has_value());
    rig.turn("second");
    for (std::size_t request : {2, 3}) {
        CAPTURE(request);
        CHECK(rig.last_words(request).find("[in_progress] Mend the oar (id t7") !=
              std::string::npos);
    }
}

TEST_CASE("the longest answer shrinks when it would not fit beside the conversation") {
    AgentRig rig({}, "anthropic/claude-haiku-4-5");
    rig.script({says("one", 140'000), says("two", 141'000)});
    rig.turn(std::string(300'000, 'x'));
    rig.turn("second");
    CHECK(rig.body(0)["max_tokens"] == 64'000);
    CHECK(rig.body(1)["max_tokens"] > 50'000);
    CHECK(rig.body(1)["max_tokens"] < 60'000);
}
