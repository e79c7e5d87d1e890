#include "cli/agents.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;
using cli::Look;

namespace {

AgentNode node(const std::string& id, const std::string& parent, const std::string& status) {
    AgentNode one;
    one.parent_id = parent;
    one.child.spawned.child_session_id = id;
    one.child.spawned.task = "Mend " + id;
    one.child.status = status;
    one.child.started_at = "2026-11-28T14:05:00Z";
    if (status == "completed") one.child.ended_at = "2026-11-28T14:06:00Z";
    return one;
}

AgentNode with_changes(AgentNode one) {
    one.child.completed.changed_files = {"a", "b"};
    one.child.completed.insertions = 12;
    one.child.completed.deletions = 3;
    one.child.completed.branch = "thole/" + one.child.spawned.child_session_id;
    one.child.result = "changes";
    one.cost_usd = 0.0123;
    one.tokens = 1500;
    one.tool_calls = 5;
    return one;
}

MergeOutcome conflicting() {
    MergeOutcome outcome;
    outcome.status = "conflict";
    git::MergedFile one{"a", git::FileStatus::modified, git::Verdict::conflict,
                        "both have changed it", "<<<<<<< mine\n=======\n>>>>>>> theirs"};
    outcome.files = {one, {"b", git::FileStatus::added, git::Verdict::applies, {}, {}}};
    outcome.changes = {{"a", {}, git::FileStatus::modified, 2, 1, false}};
    outcome.diff = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-old\n+new\n";
    return outcome;
}

}  // namespace

TEST_CASE("sub-agents are a tree of two lines each") {
    AgentNode waiting = node("20261128-1406-x2ab", "20261128-1405-k3fa", "waiting");
    waiting.child.activity = "approval of bash";
    waiting.pending_approvals = 1;
    CHECK(cli::agents_text({with_changes(node("20261128-1405-k3fa", "s", "completed")), waiting},
                           {}) ==
          "20261128-1405-k3fa  completed    changes    Mend 20261128-1405-k3fa\n"
          "    thole/20261128-1405-k3fa · +12 −3, 2 files · 5 calls · 1.5k tokens · $0.0123\n"
          "  20261128-1406-x2ab  waiting                 Mend 20261128-1406-x2ab\n"
          "      waits: approval of bash\n");
    CHECK(cli::agents_text({}, {}) == "There are no sub-agents.\n");
}

TEST_CASE("a sub-agent whose process is gone is interrupted") {
    AgentNode gone = node("20261128-1405-k3fa", "s", "running");
    gone.is_interrupted = true;
    CHECK(cli::agents_text({gone}, {}).find("interrupted") != std::string::npos);
    Json json = cli::agents_to_json("s", {gone});
    CHECK(json["schema_version"] == 1);
    CHECK(json["session_id"] == "s");
    CHECK(json["agents"][0]["interrupted"] == true);
    CHECK(json["agents"][0]["state"] == "failed");
}

TEST_CASE("no line of the tree is wider than the terminal") {
    AgentNode wide = with_changes(node("20261128-1405-k3fa", "s", "completed"));
    wide.child.spawned.task = std::string(300, 'x');
    wide.child.completed.error = std::string(300, 'y');
    std::string text = cli::agents_text({wide}, Look{false, 60});
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
        CHECK(cli::columns(text.substr(begin, end - begin)) <= 60);
    }
}

TEST_CASE("a preview shows each file, what is in its way, and the diff") {
    CHECK(cli::preview_text("x", conflicting(), {}) ==
          "Merge 2 files of x: conflict\n"
          "  conflict    modified  a  +2 −1\n    both have changed it\n"
          "<<<<<<< mine\n=======\n>>>>>>> theirs\n"
          "  applies     added     b\n"
          "\ndiff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-old\n+new\n");
}

TEST_CASE("a diff has its colours, and the names of files are not taken for lines") {
    std::string text = cli::colored_diff(conflicting().diff, Look{true, 80});
    CHECK(text.find("\x1b[31m-old") != std::string::npos);
    CHECK(text.find("\x1b[32m+new") != std::string::npos);
    CHECK(text.find("\x1b[31m---") == std::string::npos);
}
