#include "cli/report.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;
using cli::DeniedCall;
using cli::RunReport;

namespace {

ToolCallStarted started(const std::string& id, const std::string& tool) {
    ToolCallStarted call;
    call.call_id = id;
    call.tool = tool;
    call.title = "Use " + tool;
    return call;
}

ToolCallCompleted completed(const std::string& id, const std::string& status) {
    ToolCallCompleted done;
    done.call_id = id;
    done.status = status;
    done.output = "output of " + id;
    return done;
}

BusyStateChanged ended(const std::string& reason, const std::string& code = {}) {
    return BusyStateChanged{false, "u1", reason, code, code.empty() ? "" : "it failed"};
}

RunReport report_of(const std::vector<Event>& events) {
    RunReport report;
    report.session_id = "s";
    report.prompt_id = "u1";
    for (const Event& event : events) report.take(event);
    return report;
}

}  // namespace

TEST_CASE("a run that ends by itself is 0") {
    CHECK(report_of({ended("end_turn")}).exit_code() == 0);
}

TEST_CASE("the end of another prompt is not the end of this one") {
    RunReport report = report_of({BusyStateChanged{false, "u0", "end_turn", {}, {}}});
    CHECK_FALSE(report.has_ended());
    CHECK(report.exit_code() == 1);
}

TEST_CASE("each way to end has its exit code") {
    CHECK(report_of({ended("refusal")}).exit_code() == 10);
    CHECK(report_of({ended("max_turn_requests")}).exit_code() == 11);
    CHECK(report_of({ended("max_tokens")}).exit_code() == 11);
    CHECK(report_of({LimitReached{"max_cost", 5}, ended("limit")}).exit_code() == 11);
    CHECK(report_of({ended("cancelled")}).exit_code() == 130);
    CHECK(report_of({ended("error", "authentication")}).exit_code() == 4);
    CHECK(report_of({ended("error", "unavailable")}).exit_code() == 5);
    CHECK(report_of({ended("error", "not_found")}).exit_code() == 3);
    CHECK(report_of({ended("error", "what is this")}).exit_code() == 1);
}

TEST_CASE("a run that its timeout ended says which limit") {
    RunReport report = report_of({});
    report.limit = "timeout";
    report.take(ended("cancelled"));
    CHECK(report.exit_code() == 11);
    CHECK(report.to_json()["limit"] == "timeout");
}

TEST_CASE("a run with a denied call is never 0, and names the call once") {
    ApprovalResolved resolved;
    resolved.call_id = "c1";
    resolved.decision = "deny";
    resolved.reason = "nobody can be asked";
    RunReport report =
        report_of({started("c1", "bash"), resolved, completed("c1", "denied"), ended("end_turn")});
    CHECK(report.exit_code() == 13);
    CHECK(report.denied ==
          std::vector<DeniedCall>{{"c1", "bash", "Use bash", "nobody can be asked"}});
}

TEST_CASE("a call that could not be made is no denied call") {
    ApprovalResolved resolved;
    resolved.call_id = "c1";
    resolved.decision = "deny";
    resolved.reason = "old_string is not in the file";
    RunReport report = report_of(
        {started("c1", "edit_file"), resolved, completed("c1", "failed"), ended("end_turn")});
    CHECK(report.exit_code() == 0);
    CHECK(report.denied.empty());
}

TEST_CASE("the answer is the last one, without what was discarded") {
    RunReport report = report_of({TokensStreamed{"m1", "I look."}, TokensStreamed{"m2", "Three "},
                                  TokensStreamed{"m2", "lines."}});
    CHECK(report.answer == "Three lines.");
    report.take(ErrorReported{"unavailable", "cut", "m2", true});
    CHECK(report.answer.empty());
}

TEST_CASE("changed files are named once, in order, and only when the change was made") {
    ToolCallStarted edit = started("c1", "edit_file");
    edit.diffs = {{"/w/b", false, false, "1", "2"}, {"/w/a", false, false, "1", "2"}};
    ToolCallStarted failed = started("c2", "edit_file");
    failed.diffs = {{"/w/c", false, false, "1", "2"}};
    ToolCallStarted again = edit;
    again.call_id = "c3";
    RunReport report = report_of({edit, completed("c1", "completed"), failed,
                                  completed("c2", "failed"), again, completed("c3", "completed")});
    CHECK(report.changed_files == std::vector<std::string>{"/w/b", "/w/a"});
    CHECK(report.tool_calls == 3);
}

TEST_CASE("the document holds what a script wants to know") {
    CostUpdated cost;
    cost.input_tokens = 10;
    cost.output_tokens = 4;
    cost.cost_usd = 0.25;
    cost.price_known = true;
    RunReport report = report_of(
        {TokensStreamed{"m1", "Yes."}, cost, ended("end_turn"), SessionEnded{"completed"}});
    report.model = "demo/fixed";
    report.mode = "default";
    Json expected = parse_json(R"({"schema_version":1,"session_id":"s","status":"completed",
        "exit_code":0,"stop_reason":"end_turn","answer":"Yes.","model":"demo/fixed",
        "mode":"default","tool_calls":0,"usage":{"input_tokens":10,"output_tokens":4,
        "cached_read_tokens":0,"cached_write_tokens":0,"thought_tokens":0,"model_requests":1},
        "changed_files":[],"denied":[],"cost":{"amount":0.25,"currency":"USD"},"agents":[],
        "tree_usage":{"agents":0,"cost_usd":0.25,"tokens":14,"tool_calls":0}})")
                        .value();
    CHECK(report.to_json() == expected);
}

namespace {

// A report of a run whose plan stands like that at its end.
RunReport with_plan(const std::string& status, std::vector<Event> events) {
    events.push_back(ended("end_turn"));
    RunReport report = report_of(events);
    State state;
    state.plan = {"/s/p.md", "# Plan\n", "cafe", "thole", 2, "agent"};
    state.plan_status = status;
    report.note_plan(state);
    return report;
}

PlanReviewed decided(const std::string& decision) {
    return {decision, "", "cafe", 2, {}};
}

}  // namespace

TEST_CASE("a plan that waits for approval ends with 13, a rejected one with 14") {
    CHECK(with_plan("in_review", {}).exit_code() == 13);
    CHECK(with_plan("in_review", {decided("feedback")}).exit_code() == 13);
    CHECK(with_plan("rejected", {decided("rejected")}).exit_code() == 14);
    CHECK(with_plan("approved", {decided("approved")}).exit_code() == 0);
    CHECK(with_plan("done", {decided("approved")}).exit_code() == 0);
    CHECK(with_plan("drafting", {}).exit_code() == 0);
}

TEST_CASE("only the last decision of this run counts") {
    CHECK(with_plan("approved", {decided("rejected"), decided("approved")}).exit_code() == 0);
    CHECK(with_plan("rejected", {decided("approved"), decided("rejected")}).exit_code() == 14);
    CHECK(with_plan("in_review", {decided("rejected"), decided("feedback")}).exit_code() == 13);
    CHECK(with_plan("rejected", {}).exit_code() == 0);
}

TEST_CASE("what went wrong counts more than where the plan stands") {
    auto code = [](const std::vector<Event>& events) {
        RunReport report = report_of(events);
        report.plan_status = "in_review";
        return report.exit_code();
    };
    CHECK(code({ended("error", "unavailable")}) == 5);
    CHECK(code({ended("cancelled")}) == 130);
    CHECK(code({ended("max_turn_requests")}) == 11);
    CHECK(code({decided("rejected"), ended("refusal")}) == 10);
}

TEST_CASE("the document has the plan as it stands, and none when there is none") {
    Json plan = with_plan("in_review", {}).to_json()["plan"];
    CHECK(plan == *parse_json(R"({"status":"in_review","revision":2,"sha256":"cafe",
        "path":"/s/p.md","content":"# Plan\n"})"));
    CHECK(with_plan("in_review", {}).to_json()["exit_code"] == Json(13));
    CHECK_FALSE(report_of({ended("end_turn")}).to_json().contains("plan"));
}

TEST_CASE("a run that could not begin reports why") {
    RunReport report = cli::report_of_failure(fail(Code::authentication, "no key"));
    CHECK(report.exit_code() == 4);
    CHECK(report.to_json()["error"] == Json({{"code", "authentication"}, {"message", "no key"}}));
    CHECK(cli::report_of_failure(fail(Code::not_found, "no session")).exit_code() == 15);
}

TEST_CASE("a run tells of its sub-agents, and of what all of them used together") {
    ChildSessionCompleted done;
    done.child_session_id = "a";
    done.status = "completed";
    done.branch = "thole/a";
    done.changed_files = {"x.c"};
    done.tokens = 100;
    done.tool_calls = 3;
    done.cost_usd = 0.5;
    CostUpdated cost;
    cost.input_tokens = 10;
    cost.output_tokens = 5;
    cost.cost_usd = 0.25;
    RunReport report =
        report_of({ChildSessionSpawned{"a", "c1", "Mend x", {}, {}, false}, cost, done,
                   WorktreeMerged{"a", {}, "changes", {"x.c"}, {}, {}}, ended("end_turn")});
    AgentNode below;
    below.parent_id = "a";
    below.child.spawned.child_session_id = "b";
    below.child.status = "completed";
    below.tokens = 40;
    AgentNode earlier = below;
    earlier.parent_id = "s";
    earlier.child.spawned.child_session_id = "of another run";
    report.note_tree({below, earlier});
    Json json = report.to_json();
    CHECK(json["tree_usage"] ==
          Json({{"tokens", 115}, {"tool_calls", 3}, {"cost_usd", 0.75}, {"agents", 2}}));
    CHECK(json["agents"][0] == Json({{"id", "a"},
                                     {"parent_id", "s"},
                                     {"task", "Mend x"},
                                     {"status", "completed"},
                                     {"result", "merged"},
                                     {"branch", "thole/a"},
                                     {"changed_files", {"x.c"}},
                                     {"tokens", 100},
                                     {"cost_usd", 0.5},
                                     {"tool_calls", 3}}));
    CHECK(json["agents"][1]["id"] == "b");
    CHECK(json["usage"]["input_tokens"] == 10);
}
