#include "agent/mcp_tools.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/facts.hpp"

namespace thole {
namespace {

constexpr std::string_view reading_properties = R"json({
  "server": {"type": "string"},
  "uri": {"type": "string", "description": "of the resource; absent: lists what there is"}
})json";

ToolOutcome outcome_of(ToolHost& host, mcp::CallResult result) {
    std::string text = std::move(result.content.text);
    if (text.empty() && result.content.blocks.is_absent()) text = "[no output]";
    ToolOutcome outcome = long_outcome(host, std::move(text), "");
    outcome.failed = result.has_failed;
    outcome.content = std::move(result.content.blocks);
    return outcome;
}

class McpTool final : public Tool {
public:
    McpTool(mcp::Servers& servers, mcp::Offer offer) : servers_(servers), offer_(std::move(offer)) {
        facts_.name = offer_.full_name;
        facts_.description = offer_.tool.description;
        if (facts_.description.empty()) {
            facts_.description = "'" + one_line(offer_.tool.name, 100) + "' of the MCP server '" +
                                 offer_.server_name + "'";
        }
        facts_.schema = offer_.tool.schema;
        facts_.effect = offer_.only_reads ? Effect::read : Effect::other;
        facts_.kind = offer_.only_reads ? "read" : "other";
    }

    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext&, JsonValue input) override {
        if (!input->is_object()) {
            co_return fail(Code::invalid_argument, offer_.full_name + ": expected an object");
        }
        Prepared prepared;
        std::string name = offer_.tool.title.empty() ? offer_.tool.name : offer_.tool.title;
        std::string words = input->empty() ? "" : " " + one_line(dump_json(*input), 120);
        prepared.title = title_of(offer_.server_name + ": " + name + words);
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        mcp::CallRequest request{offer_.server, offer_.tool, prepared.input, prepared.call_id, {}};
        ToolHost& host = context.host;
        request.on_progress = [&host, id = prepared.call_id](const std::string& line) {
            host.show_output(id, line);
        };
        mcp::CallResult result = co_await servers_.call(std::move(request));
        co_return outcome_of(host, std::move(result));
    }

private:
    mcp::Servers& servers_;
    mcp::Offer offer_;
    ToolFacts facts_;
};

// What stands behind a mention or a link that a tool gave.
class ReadResource final : public Tool {
public:
    explicit ReadResource(mcp::Servers& servers) : servers_(servers) {}

    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext&, JsonValue input) override {
        Fields fields(*input, facts_.name);
        fields.only({"server", "uri"});
        std::string server = fields.text("server");
        std::string uri = fields.text_or("uri", "");
        if (Result<void> read = fields.finish(); !read) co_return read.error();
        Prepared prepared;
        prepared.title = title_of(server + (uri.empty() ? ": list resources" : ": read " + uri));
        prepared.input = std::move(input);
        if (servers_.is_trusted(server)) prepared.effect = Effect::read;
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        std::string server = text_member(*prepared.input, "server");
        std::string uri = text_member(*prepared.input, "uri");
        if (uri.empty()) {
            Result<std::string> list = co_await servers_.list_resources(std::move(server));
            if (!list) co_return failed_outcome(list.error().message);
            co_return long_outcome(context.host, std::move(*list), "");
        }
        auto content = co_await servers_.read_resource(std::move(server), std::move(uri));
        if (!content) co_return failed_outcome(content.error().message);
        mcp::CallResult result{false, std::move(*content)};
        co_return outcome_of(context.host, std::move(result));
    }

private:
    mcp::Servers& servers_;
    ToolFacts facts_ =
        tool_facts("mcp__read_resource", Effect::other, "other", reading_properties, {"server"});
};

}  // namespace

async::Task<bool> McpTools::refresh(ToolSet& tools) {
    if (!servers_ || servers_->is_empty()) co_return false;
    co_await servers_->ready();
    if (edition_ == servers_->edition()) co_return false;
    edition_ = servers_->edition();
    ToolSet fresh = ours_();
    for (mcp::Offer& offer : servers_->offers()) {
        fresh.add(std::make_unique<McpTool>(*servers_, std::move(offer)));
    }
    if (servers_->has_resources()) fresh.add(std::make_unique<ReadResource>(*servers_));
    tools = std::move(fresh);
    co_return true;
}

}  // namespace thole
