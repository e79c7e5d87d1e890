// A session's worth of tools in a temporary folder: real files and processes, and a host that
// remembers what it was told. Each call runs the loop to the end of that call.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async/scope.hpp"
#include "base/json.hpp"
#include "base/sha256.hpp"
#include "http/curl_http.hpp"
#include "support/no_subagents.hpp"
#include "support/scratch.hpp"
#include "tools/jobs.hpp"
#include "tools/seen_files.hpp"
#include "tools/tool.hpp"

namespace thole::test {

class RememberingHost final : public ToolHost {
public:
    void show_output(const std::string& call_id, std::string_view text) override {
        shown[call_id] += text;
        if (on_output) on_output();
    }
    Result<std::string> store_blob(std::string_view content) override {
        std::string name = sha256_hex(content);
        blobs[name] = content;
        return name;
    }
    const std::vector<TaskItem>& tasks() const override { return task_list; }
    void replace_tasks(std::vector<TaskItem> tasks) override { task_list = std::move(tasks); }
    async::Task<Result<JsonValue>> ask(QuestionRequested question) override {
        asked.push_back(std::move(question));
        co_return answer;
    }
    std::string timestamp() const override { return now; }
    void refused(EffectRefused effect) override { refusals.push_back(std::move(effect)); }
    Result<std::string> write_plan(std::string content) override {
        if (plan_saved) plan = std::move(content);
        return plan_saved;
    }
    Result<std::string> read_plan() override { return plan; }
    Result<void> submit_plan() override {
        ++submissions;
        return plan_submitted;
    }
    Subagents& subagents() override { return no_subagents; }

    std::map<std::string, std::string> shown, blobs;
    std::vector<TaskItem> task_list;
    std::vector<QuestionRequested> asked;
    std::vector<EffectRefused> refusals;
    Result<JsonValue> answer = fail(Code::denied, "nobody can be asked");
    std::string now = "2026-11-20T12:00:00.000Z";
    Result<std::string> plan = fail(Code::not_found, "no plan");
    Result<std::string> plan_saved = std::string("Plan saved to /s/plan.md");
    Result<void> plan_submitted;
    int submissions = 0;
    NoSubagents no_subagents;
    std::function<void()> on_output;
};

class ToolRig {
public:
    ToolRig()
        : roots_(*Roots::open({scratch.path()})),
          disk_(loop),
          http_(loop),
          jobs(loop),
          context{loop, roots_, disk_, http_, host, jobs, seen, {"PATH=/usr/bin:/bin"}} {}
    ~ToolRig() { loop.run(jobs.close()); }

    Result<Prepared> prepare(std::string_view tool, const Json& input) {
        std::optional<Result<Prepared>> prepared;
        loop.run(preparing(*tools.find(tool), context, JsonValue(input), prepared));
        return std::move(*prepared);
    }
    ToolOutcome run(std::string_view tool, Prepared prepared) {
        prepared.call_id = "call-1";
        ToolOutcome outcome;
        loop.run(running(*tools.find(tool), context, prepared, outcome));
        return outcome;
    }
    // Both steps; a refused input is a failed outcome with its message.
    ToolOutcome call(std::string_view tool, const Json& input) {
        Result<Prepared> prepared = prepare(tool, input);
        if (prepared) return run(tool, std::move(*prepared));
        ToolOutcome refused;
        refused.failed = true;
        refused.output = prepared.error().message;
        return refused;
    }
    // As run(), stopped as soon as the call shows output.
    ToolOutcome run_stopped_at_output(std::string_view tool, Prepared prepared) {
        prepared.call_id = "call-1";
        ToolOutcome outcome;
        loop.run(stopping(*tools.find(tool), prepared, outcome));
        return outcome;
    }

    // As run(), stopped on the loop's next turn.
    ToolOutcome run_stopped(std::string_view tool, Prepared prepared) {
        prepared.call_id = "call-1";
        ToolOutcome outcome;
        loop.run(stopping_soon(*tools.find(tool), prepared, outcome));
        return outcome;
    }

    Scratch scratch;
    async::Loop loop;

private:
    static async::Task<void> preparing(Tool& tool, ToolContext& context, JsonValue input,
                                       std::optional<Result<Prepared>>& prepared) {
        Result<Prepared> given = co_await tool.prepare(context, std::move(input));
        prepared.emplace(std::move(given));
    }
    static async::Task<void> running(Tool& tool, ToolContext& context, const Prepared& prepared,
                                     ToolOutcome& outcome) {
        outcome = co_await tool.run(context, prepared);
    }
    async::Task<void> stopping(Tool& tool, const Prepared& prepared, ToolOutcome& outcome) {
        async::Scope scope;
        host.on_output = [this, &scope] { loop.post([&scope] { scope.request_stop(); }); };
        scope.spawn(running(tool, context, prepared, outcome));
        co_await scope.join();
        host.on_output = nullptr;
    }

    async::Task<void> stopping_soon(Tool& tool, const Prepared& prepared, ToolOutcome& outcome) {
        async::Scope scope;
        scope.spawn(running(tool, context, prepared, outcome));
        loop.post([&scope] { scope.request_stop(); });
        co_await scope.join();
    }

    Roots roots_;
    DiskFiles disk_;
    http::CurlHttp http_;

public:
    RememberingHost host;
    Jobs jobs;
    SeenFiles seen;
    ToolSet tools = standard_tools();
    ToolContext context;
};

}  // namespace thole::test
