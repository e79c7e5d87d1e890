#include "ipc/text_flow.hpp"

#include <doctest/doctest.h>

using namespace thole;
using ipc::TextFlow;

namespace {

std::string missing(TextFlow& flow, const Event& line) {
    std::optional<Event> event = flow.missing_of(line);
    if (!event) return "";
    if (const auto* chunk = std::get_if<ToolOutputChunk>(&*event)) return chunk->text;
    return std::get<TokensStreamed>(*event).text;
}

}  // namespace

TEST_CASE("what came as pieces is not missing, and what did not is") {
    TextFlow flow;
    flow.saw_piece(TokensStreamed{"m1", "one two thr"});
    CHECK(missing(flow, TokensStreamed{"m1", "one "}) == "");
    CHECK(missing(flow, TokensStreamed{"m1", "two three "}) == "ee ");
    CHECK(missing(flow, TokensStreamed{"m1", "four"}) == "four");
    CHECK(missing(flow, ToolOutputChunk{"m1", "output"}) == "output");
    // The end of a text may be written after events that do not end it.
    flow.saw_piece(TokensStreamed{"m1", " five"});
    CHECK(missing(flow, ModeChanged{"plan", "user"}) == "");
    CHECK(missing(flow, TokensStreamed{"m1", " five"}) == "");
    CHECK(missing(flow, ToolCallCompleted{"c1", "completed"}) == "");
}

TEST_CASE("a piece that is longer than its line does not count for the next text") {
    TextFlow flow;
    flow.saw_piece(TokensStreamed{"m1", "a secret of 30 characters here"});
    CHECK(missing(flow, TokensStreamed{"m1", "[redacted]"}) == "");
    CHECK(missing(flow, MessageReceived{"assistant", "m1"}) == "");
    CHECK(missing(flow, TokensStreamed{"m1", "next"}) == "next");
}

TEST_CASE("no character is cut in two") {
    TextFlow flow;
    flow.saw_piece(TokensStreamed{"m1", "x"});
    CHECK(missing(flow, TokensStreamed{"m1", "éé"}) == "é");
}
