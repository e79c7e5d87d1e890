#include "model/providers/demo.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "model/providers/demo_project.hpp"
#include "support/scratch.hpp"
#include "unit/model/scripted.hpp"

using namespace thole;
using namespace thole::test;

namespace {

using Role = model::Message::Role;

// What a session does with the demo model's calls, in little: on real files, with the real shell.
class Workspace {
public:
    explicit Workspace(bool with_project = true) {
        if (!with_project) return;
        for (const model::DemoFile& file : model::demo_project()) {
            folder.write(std::string(file.path), std::string(file.content));
        }
    }

    model::ToolResult run(const model::ToolCall& call) {
        const Json& input = *call.input;
        std::string path = text_member(input, "path");
        log +=
            call.name + " " + (call.name == "bash" ? text_member(input, "command") : path) + "\n";
        if (denied.count(call.name + " " + path) != 0) {
            return {call.id, "The user denied this call.\nNothing was done.", {}, true};
        }
        if (call.name == "read_file") return read(call, path);
        if (call.name == "edit_file") return edit(call, path);
        if (call.name == "bash") return shell(call, text_member(input, "command"));
        if (call.name == "list_directory") return {call.id, listing, {}, false};
        if (call.name == "write_file") folder.write(path, text_member(input, "content"));
        if (call.name == "update_tasks") tasks = input;
        if (call.name == "spawn_subagent") return spawn(call);
        if (call.name == "merge_subagent") return merge(call, text_member(input, "id"));
        bool plans = call.name == "write_session_plan" || call.name == "exit_plan_mode";
        if (plans && denied.count(call.name) != 0) {
            return {call.id, "nobody can review a plan in this run", {}, true};
        }
        return {call.id, "Done.", {}, false};
    }

    Scratch folder;
    std::set<std::string> denied;  // "tool path"
    bool has_worktrees = true;
    std::string listing = "README.md 400\nsrc/\ntests/\n";
    std::string log;
    Json tasks;

private:
    // Another demo model in a copy of the folder.
    model::ToolResult spawn(const model::ToolCall& call);
    model::ToolResult merge(const model::ToolCall& call, const std::string& id) {
        Workspace& child = *children.at(id);
        for (const char* path : {"src/greet.sh", "src/stats.sh"}) {
            bool is_changed = child.begun.at(path) != child.folder.read(path);
            if (is_changed) folder.write(path, child.folder.read(path));
        }
        return {call.id, "Merged into the user's files, not committed:", {}, false};
    }
    std::map<std::string, std::unique_ptr<Workspace>> children;
    std::map<std::string, std::string> begun;

    model::ToolResult read(const model::ToolCall& call, const std::string& path) {
        std::string content = folder.read(path);
        if (content.empty()) return {call.id, "there is no file " + path, {}, true};
        return {call.id, content, {}, false};
    }
    model::ToolResult edit(const model::ToolCall& call, const std::string& path) {
        std::string content = folder.read(path);
        std::string from = text_member(*call.input, "old_string");
        std::size_t at = content.find(from);
        bool is_unique = at != std::string::npos && content.find(from, at + 1) == std::string::npos;
        if (!is_unique) return {call.id, "old_string does not occur once", {}, true};
        folder.write(path,
                     content.replace(at, from.size(), text_member(*call.input, "new_string")));
        return {call.id, "Changed.", {}, false};
    }
    model::ToolResult shell(const model::ToolCall& call, const std::string& command) {
        std::string all = "cd '" + folder.path() + "' && " + command + " 2>&1";
        FILE* pipe = popen(all.c_str(), "r");
        std::string output;
        for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) output += static_cast<char>(c);
        bool failed = pclose(pipe) != 0;
        return {call.id, output, {}, failed};
    }
};

model::Request asked(std::string_view prompt) {
    model::Request request;
    request.model = "demo";
    request.tools = {{"bash", "Runs.", json("{}")}};
    request.messages = {{Role::user, {model::Text{std::string(prompt)}}}};
    return request;
}

// One reply and its calls; true when there is more to come. A last reply's text is kept in `said`.
bool step(model::Request& request, Workspace& workspace, std::string& said) {
    model::Reply reply = model::demo_reply(request);
    model::Message results{Role::user, {}};
    for (const model::Block& block : reply.blocks) {
        if (const auto* text = std::get_if<model::Text>(&block)) said = text->text;
        const auto* call = std::get_if<model::ToolCall>(&block);
        if (call != nullptr) results.blocks.push_back(workspace.run(*call));
    }
    request.messages.push_back({Role::assistant, reply.blocks});
    CHECK((reply.stop == model::StopReason::tool_use) == !results.blocks.empty());
    if (results.blocks.empty()) return false;
    request.messages.push_back(std::move(results));
    return true;
}

// The whole conversation; its last words.
std::string finish(model::Request& request, Workspace& workspace) {
    std::string said;
    for (int i = 0; i < 30; ++i) {
        if (!step(request, workspace, said)) return said;
    }
    FAIL("it never ends");
    return said;
}

std::string statuses(const Workspace& workspace) {
    std::string text;
    for (const Json& task : member(workspace.tasks, "tasks")) {
        text += text_member(task, "status") + " ";
    }
    return text;
}

model::ToolResult Workspace::spawn(const model::ToolCall& call) {
    if (denied.count("spawn_subagent") != 0) return {call.id, "it cannot be made", {}, true};
    std::string id = "s" + std::to_string(children.size() + 1);
    model::Request request =
        asked(text_member(*call.input, "task") + "\n\nBegin with these files:");
    bool is_in_place = call.input->contains("use_worktree");
    if (!is_in_place && !has_worktrees) {
        return {call.id, "[sub-agent " + id + ": failed]\ncannot make worktree", {}, false};
    }
    if (is_in_place) {
        return {call.id, "[sub-agent " + id + ": completed]\n" + finish(request, *this), {}, false};
    }
    auto child = std::make_unique<Workspace>(false);
    for (const model::DemoFile& file : model::demo_project()) {
        std::string path(file.path);
        child->folder.write(path, folder.read(path));
        child->begun[path] = folder.read(path);
    }
    child->denied = denied;
    std::string said = finish(request, *child);
    log += child->log;
    bool has_changes = child->log.find("edit_file") != std::string::npos && denied.empty();
    children[id] = std::move(child);
    std::string text = "[sub-agent " + id + ": completed]\n" + said;
    if (has_changes) text += "\nmerge_subagent with the id " + id + " brings it there.";
    return {call.id, text, {}, false};
}

model::Request asked_of_team() {
    model::Request request = asked(model::demo_prompt());
    for (const char* tool : {"spawn_subagent", "merge_subagent", "write_session_plan"}) {
        request.tools.push_back({tool, "Does it.", json("{}")});
    }
    return request;
}

const char* const job =
    "update_tasks \nread_file src/greet.sh\nread_file src/stats.sh\ngrep tests\n"
    "bash sh tests/run.sh\n"
    "update_tasks \nedit_file src/greet.sh\n"
    "update_tasks \nedit_file src/stats.sh\n"
    "update_tasks \nwrite_file tests/empty_test.sh\n"
    "bash sh tests/run.sh\nupdate_tasks \n";

const char* const team_summary =
    "**All tests pass now.** The repairs and the new test are in your files.\n";

const char* const summary =
    "**All tests pass now.**\n\nChanged:\n\n"
    "- `src/greet.sh`: an empty name greets the world, as no name does\n"
    "- `src/stats.sh`: the largest of negative numbers is right\n"
    "- `tests/empty_test.sh` (new): no numbers give `count 0`\n";

}  // namespace

TEST_CASE("the sample project has two faults that its tests show") {
    Workspace workspace;
    model::ToolCall call{"1", "bash", json(R"({"command":"sh tests/run.sh"})"), ""};
    model::ToolResult result = workspace.run(call);
    CHECK(result.is_error);
    CHECK(result.text ==
          "ok - greets by name\n"
          "ok - greets the world without a name\n"
          "not ok - greets the world when the name is empty\n"
          "#   expected: Hello, world!\n"
          "#   got:      Hello, !\n"
          "ok - adds numbers up\n"
          "not ok - finds the largest of negative numbers\n"
          "#   expected: count 2 sum -7 max -2\n"
          "#   got:      count 2 sum -7 max 0\n"
          "3 passed, 2 failed\n");
}

TEST_CASE("the demo model repairs the sample project, with real edits and passing tests") {
    Workspace workspace;
    model::Request request = asked(model::demo_prompt());
    CHECK(finish(request, workspace) == summary);
    CHECK(workspace.log == job);
    CHECK(statuses(workspace) == "completed completed completed completed ");
    model::ToolCall call{"1", "bash", json(R"({"command":"sh tests/run.sh"})"), ""};
    CHECK(workspace.run(call).text.ends_with("6 passed, 0 failed\n"));
}

TEST_CASE("with sub-agents the demo model plans, has both faults repaired, and merges") {
    Workspace workspace;
    model::Request request = asked_of_team();
    CHECK(finish(request, workspace) == team_summary);
    CHECK(workspace.log ==
          "read_file src/greet.sh\nread_file src/stats.sh\nbash sh tests/run.sh\n"
          "write_session_plan \nexit_plan_mode \n"
          "update_tasks \n"
          "spawn_subagent \nread_file src/greet.sh\nedit_file src/greet.sh\n"
          "bash sh tests/run.sh greet\n"
          "spawn_subagent \nread_file src/stats.sh\nedit_file src/stats.sh\n"
          "bash sh tests/run.sh stats\n"
          "update_tasks \nmerge_subagent \nmerge_subagent \n"
          "update_tasks \nwrite_file tests/empty_test.sh\n"
          "update_tasks \nbash sh tests/run.sh\nupdate_tasks \n");
    CHECK(statuses(workspace) == "completed completed completed completed ");
}

TEST_CASE("the demo model goes on after the approval of its plan, whatever it was asked") {
    Workspace workspace;
    model::Request request = asked_of_team();
    request.messages = {{Role::user, {model::Text{"Hello"}}}};
    std::string said;
    while (workspace.log.find("exit_plan_mode") == std::string::npos) {
        step(request, workspace, said);
    }
    request.messages.push_back(
        {Role::user, {model::Text{"I approve revision 1 of the plan. Carry it out now."}}});
    CHECK(finish(request, workspace) == team_summary);
    CHECK(workspace.log.find("write_session_plan") == workspace.log.rfind("write_session_plan"));
}

TEST_CASE("where nobody reviews plans and no sub-agent can be had the demo model works alone") {
    Workspace workspace;
    workspace.denied = {"write_session_plan", "spawn_subagent"};
    model::Request request = asked_of_team();
    CHECK(finish(request, workspace) == team_summary);
    CHECK(workspace.log.find("exit_plan_mode") == workspace.log.rfind("exit_plan_mode"));
    CHECK(statuses(workspace) == "completed completed completed completed ");
}

TEST_CASE("where no worktree can be made the sub-agents work in the user's own files") {
    Workspace workspace;
    workspace.has_worktrees = false;
    model::Request request = asked_of_team();
    CHECK(finish(request, workspace) == team_summary);
    CHECK(workspace.log.find("merge_subagent") == std::string::npos);
    CHECK(statuses(workspace) == "completed completed completed completed ");
}

TEST_CASE("a sub-agent of the demo that may not change its file says so") {
    Workspace workspace;
    workspace.denied = {"edit_file src/greet.sh"};
    model::Request request = asked_of_team();
    std::string last = finish(request, workspace);
    CHECK(last.starts_with("**The tests still fail:**"));
    CHECK(statuses(workspace) == "completed cancelled completed pending ");
}

TEST_CASE("the demo model names the checks that failed before it repairs anything") {
    Workspace workspace;
    model::Request request = asked(model::demo_prompt());
    std::string said;
    for (int i = 0; i < 4; ++i) step(request, workspace, said);
    CHECK(said ==
          "These checks fail:\n\n- greets the world when the name is empty\n"
          "- finds the largest of negative numbers\n\n"
          "`greet.sh` takes an empty name for a name: `${1-world}` must be `${1:-world}`.\n");
    CHECK(statuses(workspace) == "completed in_progress pending pending ");
}

TEST_CASE("the demo model goes on after an interruption where it was") {
    for (int before = 1; before < 8; ++before) {
        Workspace workspace;
        model::Request request = asked(model::demo_prompt());
        std::string said;
        for (int i = 0; i < before; ++i) step(request, workspace, said);
        for (model::Block& block : request.messages.back().blocks) {
            auto& result = std::get<model::ToolResult>(block);
            result.text = "This call was interrupted before it gave a result.";
            result.is_error = true;
        }
        request.messages.push_back({Role::user, {model::Text{"go on, please"}}});
        std::string last = finish(request, workspace);
        CHECK(last.starts_with("**All tests pass now.**"));
    }
}

TEST_CASE("a denied edit is respected, told, and the failing tests are admitted") {
    Workspace workspace;
    workspace.denied = {"edit_file src/greet.sh"};
    model::Request request = asked(model::demo_prompt());
    CHECK(finish(request, workspace) ==
          "**The tests still fail:**\n\n- greets the world when the name is empty\n\n\n"
          "Changed:\n\n"
          "- `src/stats.sh`: the largest of negative numbers is right\n"
          "- `tests/empty_test.sh` (new): no numbers give `count 0`\n");
    CHECK(workspace.log == job);
    CHECK(statuses(workspace) == "completed cancelled completed pending ");
}

TEST_CASE("a demo model that may do nothing says so and ends") {
    Workspace workspace;
    workspace.denied = {"edit_file src/greet.sh", "edit_file src/stats.sh",
                        "write_file tests/empty_test.sh", "bash ", "update_tasks "};
    model::Request request = asked(model::demo_prompt());
    CHECK(finish(request, workspace) ==
          "I was not allowed to run the tests again, so I do not know whether they pass.\n\n"
          "Nothing was changed.\n");
}

TEST_CASE("asked a second time the demo model finds nothing to repair") {
    Workspace workspace;
    model::Request request = asked(model::demo_prompt());
    finish(request, workspace);
    request.messages.push_back({Role::user, {model::Text{std::string(model::demo_prompt())}}});
    CHECK(finish(request, workspace) == "All tests pass already: there is nothing to repair.\n");
    CHECK(statuses(workspace) == "completed cancelled cancelled completed ");
}

TEST_CASE("the ids of the demo model's calls are never used twice in a conversation") {
    Workspace workspace;
    model::Request request = asked(model::demo_prompt());
    finish(request, workspace);
    request.messages.push_back({Role::user, {model::Text{std::string(model::demo_prompt())}}});
    finish(request, workspace);
    std::set<std::string> ids;
    std::size_t calls = 0;
    for (const model::Message& message : request.messages) {
        for (const model::Block& block : message.blocks) {
            const auto* call = std::get_if<model::ToolCall>(&block);
            if (call == nullptr) continue;
            ids.insert(call->id);
            ++calls;
        }
    }
    CHECK(calls > 13);
    CHECK(ids.size() == calls);
}

TEST_CASE("the demo model says what it is when it does not know the prompt") {
    Workspace workspace(false);
    workspace.listing = "main.c 12\n";
    model::Request request = asked("What is this?");
    CHECK(
        finish(request, workspace) ==
        "I am thole's built-in **demo model**: no network, no key, and no thoughts of my own about "
        "\"What is this?\".\n\nThis directory holds:\n\n```\nmain.c 12\n\n```\n\n"
        "The one job I know is the one of `thole demo`. Run `thole login`, or start Ollama, to "
        "work "
        "with a real model.\n");
    CHECK(workspace.log == "list_directory \n");
}

TEST_CASE("in the sample project the demo model does its job whatever it is asked") {
    Workspace workspace;
    model::Request request = asked("Hello");
    CHECK(finish(request, workspace) == summary);
    CHECK(workspace.log == std::string("list_directory \nread_file README.md\n") + job);
}

TEST_CASE("a project that only looks like the sample is left alone") {
    Workspace workspace(false);
    workspace.folder.write("README.md", "# Another project");
    model::Request request = asked("Hello");
    CHECK(finish(request, workspace).starts_with("I am thole's built-in **demo model**"));
    CHECK(workspace.log == "list_directory \nread_file README.md\n");
}

TEST_CASE("the demo's prompt in another directory gets an honest answer") {
    Workspace workspace(false);
    model::Request request = asked(model::demo_prompt());
    CHECK(finish(request, workspace)
              .starts_with("I am thole's demo model: I know one job, in the sample project of "
                           "`thole demo`, and this directory does not hold it (there is no file "
                           "src/greet.sh)."));
}

TEST_CASE("a request without tools gets words alone") {
    model::Request request = asked("Sum up");
    request.tools.clear();
    model::Reply reply = model::demo_reply(request);
    CHECK(shown(reply) ==
          "text The user asked: \"Sum up\". 0 tool calls were made.\n\nend_turn in 2 out 13 read 0 "
          "write 0 thought 0");
    CHECK(reply.usage.cost_usd == 0);
}

TEST_CASE("the demo model streams what its reply holds, piece by piece") {
    async::Loop loop;
    auto provider = model::demo_provider(loop, std::chrono::milliseconds(0));
    model::Request request = asked(model::demo_prompt());
    Pieces pieces;
    std::size_t count = 0;
    model::PieceSink inner = pieces.sink();
    model::PieceSink sink = [&inner, &count](const model::Piece& piece) {
        ++count;
        inner(piece);
    };
    model::Answer answer = run(loop, provider->stream(request, sink));
    REQUIRE(answer.has_reply());
    CHECK(shown(answer.reply()) == shown(model::demo_reply(request)));
    const auto& thought = std::get<model::Thought>(answer.reply().blocks[0]);
    const auto& text = std::get<model::Text>(answer.reply().blocks[1]);
    CHECK(pieces.text() ==
          "\nthought:" + thought.text + "\ntext:" + text.text + "\nbegins:demo_1 update_tasks");
    CHECK(count > 10);
}

TEST_CASE("the demo model summarises a conversation that is told to it") {
    model::Request request;
    request.messages = {{model::Message::Role::user,
                         {model::Text{"<conversation>\n<user>\nfirst\nwish\n</user>\n"
                                      "<call tool=\"glob\">\n{}\n</call>\n"
                                      "<user>\nsecond\n</user>\n</conversation>\nSummarise."}}}};
    model::Reply reply = model::demo_reply(request);
    REQUIRE(reply.blocks.size() == 1);
    CHECK(std::get<model::Text>(reply.blocks[0]).text ==
          "## What the user asked\n\n- \"first wish\"\n- \"second\"\n\n"
          "## What was done\n\n1 tool calls were made.\n");
}

TEST_CASE("what thole repeats of a session's state is no prompt to the demo model") {
    using Role = model::Message::Role;
    std::string state = std::string(model::session_state_mark) + "\nplan\n</session_state>";
    std::string summary = std::string(model::summary_mark) + ": much";
    model::Request request;
    request.tools = {{"list_directory", "Lists.", std::make_shared<const Json>(Json::object())}};
    auto input = std::make_shared<const Json>(Json::object());
    request.messages = {
        {Role::user, {model::Text{summary}, model::Text{"Hello"}, model::Text{state}}},
        {Role::assistant, {model::ToolCall{"1", "list_directory", input, ""}}},
        {Role::user, {model::ToolResult{"1", "notes.txt", {}, false}, model::Text{state}}}};
    model::Reply reply = model::demo_reply(request);
    REQUIRE(reply.blocks.size() == 1);
    const std::string& text = std::get<model::Text>(reply.blocks[0]).text;
    CHECK(text.find("about \"Hello\".") != std::string::npos);
    CHECK(text.find("notes.txt") != std::string::npos);
}
