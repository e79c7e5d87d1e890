#include <doctest/doctest.h>

#include "base/json.hpp"
#include "cli/render.hpp"

using namespace thole;
using cli::Renderer;
using cli::Shown;

namespace {

const std::string id = "20261128-1405-k3fa";

std::string shown(const std::vector<Event>& events, Renderer::Options options = {}) {
    Renderer renderer(std::move(options));
    std::string text;
    for (const Event& event : events) {
        for (const Shown& piece : renderer.event(Envelope{1, {}, event})) text += piece.text;
    }
    return text;
}

// Of the sub-agent itself, as the one who follows it sees it.
std::string shown_of_agent(const std::vector<Event>& events) {
    Renderer::Options options;
    options.agent = "k3fa";
    options.agent_task = "Mend the oar";
    return shown(events, std::move(options));
}

ToolCallStarted call(const std::string& tool, const std::string& effect) {
    ToolCallStarted started;
    started.call_id = "c1";
    started.tool = tool;
    started.title = "Use " + tool;
    started.effect = effect;
    started.kind = effect == "execute" ? "execute" : "edit";
    return started;
}

ToolCallCompleted completed(const std::string& status) {
    ToolCallCompleted done;
    done.call_id = "c1";
    done.status = status;
    done.output = "much\n";
    return done;
}

ChildSessionCompleted ended(const std::string& status) {
    ChildSessionCompleted done;
    done.child_session_id = id;
    done.status = status;
    return done;
}

}  // namespace

TEST_CASE("a sub-agent is a line when it starts, waits, ends and is merged") {
    ChildSessionCompleted done = ended("completed");
    done.changed_files = {"a", "b"};
    done.insertions = 12;
    done.deletions = 3;
    done.tool_calls = 2;
    done.tokens = 1200;
    done.cost_usd = 0.0123;
    CHECK(shown({ChildSessionSpawned{id, "c1", "Mend the oar", "builder", {}, true},
                 ChildSessionActivity{id, "queued", {}}, ChildSessionActivity{id, "running", {}},
                 ChildSessionActivity{id, "waiting", "approval of bash"}, done,
                 WorktreeMerged{id, {}, "changes", {"a", "b"}, {}, {}}}) ==
          "▸ k3fa  Mend the oar · builder · in the background\n"
          "· k3fa  waits for its turn\n"
          "? k3fa  waits: approval of bash\n"
          "✓ k3fa  completed · +12 −3, 2 files · 2 calls · 1.2k tokens · $0.0123\n"
          "✓ k3fa  merged into your files: a, b\n");
}

TEST_CASE("a sub-agent that failed or was refused says why") {
    ChildSessionCompleted done = ended("failed");
    done.error = "no such model";
    CHECK(shown({done, ended("cancelled"), WorktreeMerged{id, "mine", "branch", {}, {}, {}},
                 WorktreeMerged{id, {}, "discarded", {}, "refs/thole/rescue/x", {}},
                 WorktreeMerged{id,
                                {},
                                "refused",
                                {},
                                {},
                                "Nothing was touched: there are "
                                "conflicts.\n\nmore"}}) ==
          "✗ k3fa  failed · nothing changed: no such model\n"
          "✗ k3fa  cancelled · nothing changed\n"
          "✓ k3fa  merged as the branch mine\n"
          "– k3fa  discarded; reachable as refs/thole/rescue/x\n"
          "✗ k3fa  not merged. Nothing was touched: there are conflicts.\n");
}

TEST_CASE("calls that start or merge a sub-agent are not told twice") {
    ToolCallStarted merge = call("merge_subagent", "edit");
    merge.input = JsonValue(Json{{"id", id}});
    CHECK(
        shown({call("spawn_subagent", "read"), ChildSessionSpawned{id, "c1", "Mend", {}, {}, false},
               completed("completed"), merge, WorktreeMerged{id, {}, "changes", {"a"}, {}, {}},
               completed("completed")}) == "▸ k3fa  Mend\n✓ Use merge_subagent\n");
}

TEST_CASE("of what a sub-agent does only changes are shown, in a line each") {
    ToolCallStarted edit = call("edit_file", "edit");
    edit.diffs = {{"/w/a", false, false, "old\n", "new\n"}};
    CHECK(shown_of_agent({edit, completed("completed")}) == "✓ k3fa  Use edit_file +1 −1\n");
    CHECK(shown_of_agent({call("bash", "execute"), completed("completed")}) ==
          "✓ k3fa  Use bash · 0.0 s\n");
    CHECK(shown_of_agent({call("read_file", "read"), completed("completed")}) == "");
    CHECK(shown_of_agent({call("read_file", "read"), completed("failed")}) == "");
    CHECK(shown_of_agent({BusyStateChanged{true, "u", {}, {}, {}},
                          BusyStateChanged{false, "u", "end_turn", {}, {}},
                          MessageReceived{"user", "u", "Mend", {}, {}, {}}}) == "");
}

TEST_CASE("what a sub-agent asks says for what it asks") {
    ApprovalRequested asked;
    asked.call_id = "c1";
    asked.tool = "bash";
    asked.why = "commands are asked";
    ApprovalResolved no{"c1", "deny", "once", "user", "not now", {}};
    CHECK(shown_of_agent({call("bash", "execute"), asked, no, completed("denied")}) ==
          "? k3fa  Use bash\n  asked by the sub-agent for: Mend the oar\n  commands are asked\n"
          "  k3fa: not allowed: not now\n");
}

TEST_CASE("what a sub-agent shows never stands in the middle of a line") {
    Renderer renderer({});
    renderer.piece(TokensStreamed{"m", "Row"});
    std::string text;
    for (const Shown& piece : renderer.aside({{false, "✓ k3fa  Edit a\n"}})) text += piece.text;
    for (const Shown& piece : renderer.piece(TokensStreamed{"m", "ing"})) text += piece.text;
    CHECK(text == "\n\n✓ k3fa  Edit a\n\ning");
}
