#include "cli/render.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;
using cli::Look;
using cli::Renderer;
using cli::Shown;

namespace {

// Everything that is shown of the events, as one text.
std::string shown(const std::vector<Event>& events, Look look = {}) {
    Renderer renderer({look, true, true, true});
    std::string text;
    std::uint64_t id = 0;
    for (const Event& event : events) {
        Envelope envelope{++id, TimePoint(std::chrono::seconds(id)), event};
        for (const Shown& piece : renderer.piece(event)) text += piece.text;
        for (const Shown& piece : renderer.event(envelope)) text += piece.text;
    }
    return text;
}

ToolCallStarted started(const std::string& title, const std::string& kind) {
    ToolCallStarted call;
    call.call_id = "c1";
    call.tool = "tool";
    call.title = title;
    call.kind = kind;
    return call;
}

ToolCallCompleted completed(const std::string& status, const std::string& output = {}) {
    ToolCallCompleted done;
    done.call_id = "c1";
    done.status = status;
    done.output = output;
    return done;
}

TaskItem task(const std::string& id, const std::string& status) {
    TaskItem item;
    item.id = id;
    item.content = "Task " + id;
    item.status = status;
    return item;
}

}  // namespace

TEST_CASE("an answer ends its line before anything else is shown") {
    CHECK(shown({TokensStreamed{"m", "Both "}, TokensStreamed{"m", "oars."},
                 started("Read a.txt", "read"), completed("completed")}) ==
          "Both oars.\n\n✓ Read a.txt\n");
}

TEST_CASE("answer and progress are told apart") {
    Renderer renderer({});
    CHECK(renderer.piece(TokensStreamed{"m", "Hi"}) == std::vector<Shown>{{true, "Hi"}});
    Envelope limit{1, {}, LimitReached{"max_cost", 5}};
    CHECK(renderer.event(limit) ==
          std::vector<Shown>{{true, "\n"},
                             {false, "\n"},
                             {false, "stopped: the limit max_cost (5) is reached\n"}});
}

TEST_CASE("thoughts are shown only when they are wanted") {
    Renderer renderer({{}, true, false, true});
    CHECK(renderer.piece(ThoughtStreamed{"m", "hmm", {}, false}).empty());
    CHECK(shown({ThoughtStreamed{"m", "hmm", {}, false}}) == "hmm");
}

TEST_CASE("a command shows the end of its output, a read does not") {
    std::string output;
    for (int i = 1; i <= 12; ++i) output += "line " + std::to_string(i) + "\n";
    std::string text = shown({started("$ make", "execute"), completed("completed", output)});
    CHECK(text.find("✓ $ make · 0.0 s\n    … 2 lines before\n    line 3\n") == 0);
    CHECK(shown({started("Read a", "read"), completed("completed", output)}) == "✓ Read a\n");
}

TEST_CASE("a failure says why, a denied call who decided and why") {
    CHECK(shown({started("Read a", "read"), completed("failed", "no such file")}) ==
          "✗ Read a · failed\n    no such file\n");
    ApprovalResolved no;
    no.call_id = "c1";
    no.decision = "deny";
    no.by = "policy";
    no.reason = "nobody can be asked";
    CHECK(shown({started("Edit a", "edit"), no, completed("denied", "denied")}) ==
          "  not allowed: nobody can be asked\n✗ Edit a · not allowed\n");
}

TEST_CASE(
    "what a command tried in vain has a line each, a call refused as a whole has one already") {
    EffectRefused part{"c1", "bash", "delete", "unlink /w/a", "Landlock", "only reads"};
    CHECK(shown({started("$ rm a", "execute"), part, completed("failed", "no")}) ==
          "  refused: unlink /w/a (only reads)\n✗ $ rm a · failed · 0.0 s\n    no\n");
    EffectRefused whole{"c1", "edit_file", "edit", "/w/a", "mode plan", "refuses edits"};
    CHECK(shown({started("Edit a", "edit"), whole, completed("denied", "no")}) ==
          "✗ Edit a · not allowed\n");
}

TEST_CASE("an edit shows its diff once: before the decision when somebody is asked") {
    ToolCallStarted edit = started("Edit a", "edit");
    edit.diffs = {{"/w/a", false, false, "old\n", "new\n"}};
    ApprovalRequested asked;
    asked.call_id = "c1";
    asked.why = "edits are asked in default mode";
    ApprovalResolved yes;
    yes.call_id = "c1";
    yes.decision = "allow";
    yes.by = "user";
    std::string diff = "     1 - old\n     1 + new\n";
    CHECK(shown({edit, asked, yes, completed("completed")}) ==
          "? Edit a\n  edits are asked in default mode\n" + diff + "  approved\n✓ Edit a +1 −1\n");
    ApprovalResolved silent = yes;
    silent.by = "policy";
    CHECK(shown({edit, silent, completed("completed")}) == "✓ Edit a +1 −1\n" + diff);
}

TEST_CASE("tasks are listed once and then tick") {
    CHECK(shown({TodosUpdated{{task("1", "in_progress"), task("2", "pending")}},
                 TodosUpdated{{task("1", "completed"), task("2", "in_progress")}}}) ==
          "Tasks\n  [›] 1. Task 1\n  [ ] 2. Task 2\n"
          "  [✓] 1. Task 1  1/2\n  [›] 2. Task 2\n");
}

TEST_CASE("an error that is tried again says so") {
    CHECK(shown({ErrorReported{"unavailable", "the lake is dry", "m", true}}) ==
          "the lake is dry; trying again\n");
}

TEST_CASE("the end of a turn sums it up") {
    CostUpdated cost;
    cost.input_tokens = 1500;
    cost.output_tokens = 500;
    cost.cost_usd = 0.0125;
    CHECK(shown({BusyStateChanged{true, "u", {}, {}, {}}, cost,
                 BusyStateChanged{false, "u", "end_turn", {}, {}}}) ==
          "done in 2.0 s · 2.0k tokens · $0.0125\n");
}

TEST_CASE("questions and their answers are shown") {
    QuestionResolved answer;
    answer.selection = JsonValue(Json({{"kind", "option"}, {"text", "port"}}));
    CHECK(shown({QuestionRequested{"q", "c", "Which side?", {"port", "starboard"}}, answer}) ==
          "? Which side?\n    1. port\n    2. starboard\n  answer: port\n");
}

TEST_CASE("no line is wider than the terminal") {
    std::string wide(300, 'x');
    std::string words;
    for (int i = 0; i < 60; ++i) words += "word ";
    ToolCallStarted call = started(wide, "execute");
    call.diffs = {{"/w/a", false, false, wide + "\n", words + "\n"}};
    TaskItem long_task = task("1", "pending");
    long_task.content = wide;
    std::string text = shown({call, completed("failed", wide), TodosUpdated{{long_task}},
                              ErrorReported{"io", words, {}, false}});
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
        CHECK(cli::columns(text.substr(begin, end - begin)) <= 80);
    }
}

TEST_CASE("what a tool or a model writes cannot steer the terminal") {
    std::string text =
        shown({TokensStreamed{"m", "a\x1b[2Jb\n"}, started("t\x1b]0;x\x07", "execute"),
               completed("failed", "o\x1b[1A\rp")});
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\r') == std::string::npos);
}

TEST_CASE("a diff has line numbers, marks between hunks, and an end") {
    std::string old_text, new_text;
    for (int i = 1; i <= 30; ++i) {
        old_text += std::to_string(i) + "\n";
        new_text += (i == 5 || i == 25 ? "changed" : std::to_string(i)) + "\n";
    }
    FileDiff change{"/w/a", false, false, old_text, new_text};
    CHECK(cli::diff_text(change, {}) ==
          "     3   3\n     4   4\n     5 - 5\n     5 + changed\n     6   6\n     7   7\n"
          "     ⋯\n"
          "    23   23\n    24   24\n    25 - 25\n    25 + changed\n    26   26\n    27   27\n");
    CHECK(cli::diff_text(change, {}, 2) == "     3   3\n     4   4\n       … 10 more lines\n");
    CHECK(cli::diff_text({"/w/a", false, false, "same", "same"}, {}) == "");
}

TEST_CASE("an answer that goes into a file stays as it was written") {
    Renderer renderer({Look{true, 80}, false, false, true});
    CHECK(renderer.piece(TokensStreamed{"m", "a\t**b**\x1b"}) ==
          std::vector<Shown>{{true, "a\t**b**\x1b"}});
}
