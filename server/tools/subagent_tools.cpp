// The tools with which an agent has others work for it.
#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/facts.hpp"
#include "tools/standard.hpp"
#include "tools/subagents.hpp"

namespace thole {

namespace {

constexpr std::string_view spawn_properties = R"json({
  "task": {"type": "string", "description": "what is to be done, with all that it needs to know"},
  "agent": {"type": "string", "description": "name of an agent profile; usually left out"},
  "focus_files": {"type": "array", "items": {"type": "string"}, "description": "where to begin"},
  "use_worktree": {"type": "boolean", "description": "false: works in the user's own files, which is asked about"},
  "background": {"type": "boolean", "description": "true: go on at once; it reports when it is done"}
})json";
constexpr std::string_view ids_properties = R"json({
  "ids": {"type": "array", "items": {"type": "string"}, "description": "of sub-agents; none: all that work in the background"}
})json";
constexpr std::string_view id_properties =
    R"json({"id": {"type": "string", "description": "of the sub-agent"}})json";
constexpr std::string_view message_properties = R"json({
  "id": {"type": "string", "description": "of the sub-agent"}, "text": {"type": "string"}
})json";

constexpr std::size_t longest_task = 64 * 1024;

ToolOutcome told(ToolHost& host, Result<std::string> text) {
    if (!text) return failed_outcome(text.error().message);
    return long_outcome(host, std::move(*text), "");
}

Result<SpawnRequest> read_spawn(const Json& input) {
    Fields fields(input, "spawn_subagent");
    fields.only({"task", "agent", "focus_files", "use_worktree", "background"});
    SpawnRequest request;
    request.task = std::string(trim(fields.text("task")));
    request.agent = fields.text_or("agent", "");
    request.focus_files = fields.optional_texts("focus_files");
    request.use_worktree = fields.flag("use_worktree", true);
    request.background = fields.flag("background", false);
    if (fields.ok() && request.task.empty()) fields.fail_at("task", "must not be empty");
    if (request.task.size() > longest_task) fields.fail_at("task", "is longer than 64 KiB");
    if (Result<void> read = fields.finish(); !read) return read.error();
    return request;
}

class Spawn final : public Tool {
public:
    Spawn() { facts_.resumes = true; }
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext& context, JsonValue input) override {
        Result<SpawnRequest> request = read_spawn(*input);
        if (!request) co_return request.error();
        if (Result<void> possible = context.host.subagents().check(*request); !possible) {
            co_return possible.error();
        }
        Prepared prepared;
        std::string who = request->agent.empty() ? "Sub-agent" : "Sub-agent " + request->agent;
        prepared.title = title_of(who + ": " + one_line(request->task, 150));
        if (!request->use_worktree) prepared.effect = Effect::other;
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<SpawnRequest> request = read_spawn(*prepared.input);
        if (!request) co_return failed_outcome(request.error().message);
        request->call_id = prepared.call_id;
        SpawnRequest wanted = std::move(*request);
        Result<std::string> report = co_await context.host.subagents().spawn(std::move(wanted));
        co_return told(context.host, std::move(report));
    }

private:
    ToolFacts facts_ =
        tool_facts("spawn_subagent", Effect::read, "think", spawn_properties, {"task"});
};

class Wait final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext&, JsonValue input) override {
        Fields fields(*input, facts_.name);
        fields.only({"ids"});
        fields.optional_texts("ids");
        if (Result<void> read = fields.finish(); !read) co_return read.error();
        Prepared prepared;
        prepared.title = "Wait for sub-agents";
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Fields fields(*prepared.input, facts_.name);
        std::vector<std::string> ids = fields.optional_texts("ids");
        Result<std::string> report = co_await context.host.subagents().wait(std::move(ids));
        co_return told(context.host, std::move(report));
    }

private:
    ToolFacts facts_ = tool_facts("wait_subagent", Effect::read, "think", ids_properties, {});
};

// What has an id and maybe a text.
struct Addressed {
    std::string id, text;
};

Result<Addressed> read_addressed(const Json& input, const std::string& tool, bool has_text) {
    Fields fields(input, tool);
    Addressed addressed;
    addressed.id = fields.text("id");
    if (has_text) addressed.text = fields.text("text");
    if (!has_text) fields.only({"id"});
    if (has_text) fields.only({"id", "text"});
    if (has_text && fields.ok() && trim(addressed.text).empty()) {
        fields.fail_at("text", "must not be empty");
    }
    if (Result<void> read = fields.finish(); !read) return read.error();
    return addressed;
}

Result<Prepared> prepared_for(const ToolFacts& facts, JsonValue input, bool has_text,
                              const char* verb) {
    Result<Addressed> addressed = read_addressed(*input, facts.name, has_text);
    if (!addressed) return addressed.error();
    Prepared prepared;
    prepared.title = title_of(verb + addressed->id);
    prepared.input = std::move(input);
    return prepared;
}

class Message final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext&, JsonValue input) override {
        co_return prepared_for(facts_, std::move(input), true, "Message to sub-agent ");
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<Addressed> to = read_addressed(*prepared.input, facts_.name, true);
        if (!to) co_return failed_outcome(to.error().message);
        co_return told(context.host, context.host.subagents().message(to->id, to->text));
    }

private:
    ToolFacts facts_ =
        tool_facts("message_subagent", Effect::read, "think", message_properties, {"id", "text"});
};

class CancelOne final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext&, JsonValue input) override {
        co_return prepared_for(facts_, std::move(input), false, "Cancel sub-agent ");
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<Addressed> to = read_addressed(*prepared.input, facts_.name, false);
        if (!to) co_return failed_outcome(to.error().message);
        std::string id = to->id;
        Result<std::string> report = co_await context.host.subagents().cancel(std::move(id));
        co_return told(context.host, std::move(report));
    }

private:
    ToolFacts facts_ = tool_facts("cancel_subagent", Effect::read, "think", id_properties, {"id"});
};

class Merge final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext& context, JsonValue input) override {
        Result<Addressed> of = read_addressed(*input, facts_.name, false);
        if (!of) co_return of.error();
        std::string id = of->id;
        Result<MergePreview> preview = co_await context.host.subagents().preview(std::move(id));
        if (!preview) co_return preview.error();
        if (!preview->obstacle.empty()) {
            co_return fail(Code::invalid_argument, preview->obstacle);
        }
        Prepared prepared;
        prepared.title = title_of(preview->title);
        prepared.diffs = std::move(preview->diffs);
        prepared.paths = std::move(preview->paths);
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<Addressed> of = read_addressed(*prepared.input, facts_.name, false);
        if (!of) co_return failed_outcome(of.error().message);
        std::string id = of->id;
        Result<std::string> report = co_await context.host.subagents().merge(std::move(id));
        co_return told(context.host, std::move(report));
    }

private:
    ToolFacts facts_ = tool_facts("merge_subagent", Effect::edit, "edit", id_properties, {"id"});
};

}  // namespace

std::unique_ptr<Tool> spawn_subagent_tool() {
    return std::make_unique<Spawn>();
}

std::unique_ptr<Tool> wait_subagent_tool() {
    return std::make_unique<Wait>();
}

std::unique_ptr<Tool> message_subagent_tool() {
    return std::make_unique<Message>();
}

std::unique_ptr<Tool> cancel_subagent_tool() {
    return std::make_unique<CancelOne>();
}

std::unique_ptr<Tool> merge_subagent_tool() {
    return std::make_unique<Merge>();
}

}  // namespace thole
