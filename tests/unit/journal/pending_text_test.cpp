#include "journal/pending_text.hpp"

#include <doctest/doctest.h>

using namespace thole;

namespace {

std::vector<Event> joined(const std::vector<Event>& pieces) {
    PendingText pending;
    for (const Event& piece : pieces) pending.add(piece);
    return pending.take();
}

}  // namespace

TEST_CASE("pieces of one message are one line") {
    CHECK((joined({TokensStreamed{"m", "a"}, TokensStreamed{"m", "b"}}) ==
           std::vector<Event>{TokensStreamed{"m", "ab"}}));
}

TEST_CASE("thoughts, texts and messages keep their order") {
    const std::vector<Event> pieces{ThoughtStreamed{"m", "t", "", false}, TokensStreamed{"m", "a"},
                                    ThoughtStreamed{"m", "u", "", false}, TokensStreamed{"n", "b"},
                                    TokensStreamed{"m", "c"}};
    CHECK((joined(pieces) == pieces));
}

TEST_CASE("a signature ends a thought and a redacted one stands alone") {
    CHECK((joined({ThoughtStreamed{"m", "a", "", false}, ThoughtStreamed{"m", "", "sig", false},
                   ThoughtStreamed{"m", "b", "", false}, ThoughtStreamed{"m", "x", "", true},
                   ThoughtStreamed{"m", "c", "", false}}) ==
           std::vector<Event>{
               ThoughtStreamed{"m", "a", "sig", false}, ThoughtStreamed{"m", "b", "", false},
               ThoughtStreamed{"m", "x", "", true}, ThoughtStreamed{"m", "c", "", false}}));
}

TEST_CASE("outputs of calls that run together are one line each") {
    CHECK((joined({ToolOutputChunk{"a", "1"}, ToolOutputChunk{"b", "2"}, ToolOutputChunk{"a", "3"},
                   TokensStreamed{"m", "t"}, ToolOutputChunk{"b", "4"}}) ==
           std::vector<Event>{ToolOutputChunk{"a", "13"}, ToolOutputChunk{"b", "24"},
                              TokensStreamed{"m", "t"}}));
}

TEST_CASE("of texts that go on, what may be the beginning of a secret is kept back") {
    const Secrets secrets;
    PendingText pending;
    pending.add(ToolOutputChunk{"a", "one tw"});
    pending.add(ThoughtStreamed{"m", "over ghp_", "signed", false});
    pending.add(TokensStreamed{"m", "say gh"});
    pending.add(ToolOutputChunk{"b", "three\n"});
    CHECK((pending.take_whole(secrets) ==
           std::vector<Event>{ToolOutputChunk{"a", "one "},
                              ThoughtStreamed{"m", "over ghp_", "signed", false},
                              TokensStreamed{"m", "say "}, ToolOutputChunk{"b", "three\n"}}));
    CHECK(pending.bytes() == 4);
    pending.add(TokensStreamed{"m", "p_"});
    pending.add(ToolOutputChunk{"a", "o"});
    CHECK(pending.take_whole(secrets).empty());
    CHECK((pending.take() ==
           std::vector<Event>{ToolOutputChunk{"a", "two"}, TokensStreamed{"m", "ghp_"}}));
    CHECK(pending.bytes() == 0);
}

TEST_CASE("an event takes along the texts that it ends, of others what can be written") {
    const Secrets secrets;
    const std::vector<Event> pieces{ToolOutputChunk{"a", "one tw"}, ToolOutputChunk{"b", "x"},
                                    TokensStreamed{"m", "say gh"}};
    const auto taken = [&](const Event& next) {
        PendingText pending;
        for (const Event& piece : pieces) pending.add(piece);
        return pending.take_before(next, secrets);
    };
    using Events = std::vector<Event>;
    CHECK((taken(CostUpdated{}) ==
           Events{ToolOutputChunk{"a", "one "}, TokensStreamed{"m", "say "}}));
    CHECK((taken(ToolCallCompleted{.call_id = "a"}) ==
           Events{ToolOutputChunk{"a", "one tw"}, TokensStreamed{"m", "say gh"}}));
    CHECK((taken(MessageReceived{.role = "assistant", .message_id = "m"}) ==
           Events{ToolOutputChunk{"a", "one "}, TokensStreamed{"m", "say gh"}}));
    CHECK((taken(BusyStateChanged{}) == pieces));
    CHECK((taken(SessionEnded{"completed"}) == pieces));
}

TEST_CASE("what was taken does not come again") {
    PendingText pending;
    CHECK(pending.is_empty());
    pending.add(TokensStreamed{"m", "abc"});
    CHECK(pending.bytes() == 3);
    CHECK(pending.take().size() == 1);
    CHECK(pending.is_empty());
    CHECK(pending.bytes() == 0);
    CHECK(pending.take().empty());
}
