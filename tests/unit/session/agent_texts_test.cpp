#include "session/agent_texts.hpp"

#include <doctest/doctest.h>

#include "session/agent_commands.hpp"

using namespace thole;

namespace {

AgentNode node(const std::string& id, const std::string& parent) {
    AgentNode one;
    one.parent_id = parent;
    one.child.spawned.child_session_id = id;
    one.child.spawned.task = "Mend\nthe oar";
    one.child.status = "completed";
    return one;
}

std::vector<AgentNode> family() {
    return {node("20261128-1405-k3fa", "s"), node("20261128-1405-k3zz", "20261128-1405-k3fa"),
            node("20261128-1407-b2b2", "s")};
}

std::string message_of(const std::string& name) {
    Result<AgentNode> found = find_agent(family(), name);
    return found ? found->child.spawned.child_session_id : found.error().message;
}

}  // namespace

TEST_CASE("a sub-agent is named by the unique start of its id or by its last part") {
    CHECK(message_of("20261128-1407") == "20261128-1407-b2b2");
    CHECK(message_of("k3zz") == "20261128-1405-k3zz");
    CHECK(message_of("20261128-1405-k3fa") == "20261128-1405-k3fa");
    CHECK(message_of("20261128-1405") ==
          "'20261128-1405' may be 20261128-1405-k3fa, 20261128-1405-k3zz; write more of it");
    CHECK(message_of("x") ==
          "there is no sub-agent 'x'; there are 20261128-1405-k3fa, 20261128-1405-k3zz, "
          "20261128-1407-b2b2");
    CHECK(find_agent({}, "x").error().message == "there is no sub-agent 'x'; none was started");
}

TEST_CASE("the tree in Markdown is a nested list") {
    std::vector<AgentNode> nodes = family();
    nodes[0].child.result = "changes";
    nodes[0].child.completed.branch = "thole/20261128-1405-k3fa";
    nodes[0].child.completed.changed_files = {"a"};
    nodes[0].child.completed.insertions = 2;
    nodes[0].cost_usd = 0.5;
    nodes[2].is_interrupted = true;
    CHECK(agents_as_markdown(nodes) ==
          "- `20261128-1405-k3fa` **completed** · changes · `thole/20261128-1405-k3fa` · +2 −0, 1 "
          "file · $0.5000: Mend the oar\n"
          "  - `20261128-1405-k3zz` **completed**: Mend the oar\n"
          "- `20261128-1407-b2b2` **interrupted**: Mend the oar\n"
          "\n`/agents preview`, `merge` or `discard` with an id goes on.\n");
    CHECK(agents_as_markdown({}) == "There are no sub-agents.");
}

TEST_CASE("what came of the work of a sub-agent is said in a sentence") {
    CHECK(said_of({"x", {}, "changes", {"a", "b"}, {}, {}}) ==
          "Merged 2 files of x into your files, not committed:\n\n- a\n- b\n");
    CHECK(said_of({"x", "mine", "branch", {}, {}, {}}) == "The work of x is on the branch mine.\n");
    CHECK(said_of({"x", {}, "discarded", {}, "refs/thole/rescue/x", {}}) ==
          "The work of x is discarded; it can still be reached as refs/thole/rescue/x.\n");
}
