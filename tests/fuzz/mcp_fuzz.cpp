// Any bytes as what an MCP server says: as lines of the wire to a peer that waits for two answers,
// and as each of the things that it may offer or answer. No crash, no wait that does not end; names
// and schemas that model APIs take; nothing unbounded.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/text.hpp"
#include "mcp/catalog.hpp"
#include "mcp/content.hpp"
#include "mcp/elicitation.hpp"
#include "mcp/hidden.hpp"
#include "mcp/line_splitter.hpp"
#include "mcp/names.hpp"
#include "mcp/peer.hpp"
#include "mcp/schema.hpp"

using namespace thole;

namespace {

void require(bool fact) {
    if (!fact) std::abort();
}

class Wire final : public mcp::Transport {
public:
    void send(mcp::Outgoing message) override { require(parse_json(message.line).has_value()); }
    async::Task<void> close() override { co_return; }
};

class Owner final : public mcp::PeerOwner {
public:
    async::Task<rpc::Answer> answer(std::string, std::shared_ptr<Json> params) override {
        co_return rpc::Answer::result(*params);
    }
    void heard(const std::string&, const Json& params) override { require(params.is_object()); }
    void lost(Error) override {}
};

async::Task<void> wait_for_answer(mcp::Peer& peer) {
    mcp::Ask ask{"tools/call", JsonValue(Json::object())};
    ask.on_progress = [](const Json& params) { require(params.is_object()); };
    mcp::Reply reply = co_await peer.request(std::move(ask));
    require(!reply.is_good() || reply.result->is_object());
}

async::Task<void> talk(async::Loop& loop, std::string_view bytes) {
    Owner owner;
    mcp::Peer peer(loop, owner);
    peer.connect(std::make_unique<Wire>());
    async::Scope waiting;
    for (int i = 0; i < 2; ++i) waiting.spawn(wait_for_answer(peer));
    mcp::TransportSink& sink = peer;
    mcp::LineSplitter lines(4096);
    lines.feed(
        bytes, [&](std::string_view line) { sink.on_message(rpc::read_line(line)); },
        [&] { sink.on_failed(0, fail(Code::too_large, "a long line")); });
    co_await peer.close();
    co_await waiting.join();
}

// Lines are the same however the bytes are cut.
void check_lines(std::string_view bytes) {
    std::string whole, pieces;
    mcp::LineSplitter one(64), many(64);
    one.feed(
        bytes, [&](std::string_view line) { whole.append(line) += '\n'; }, [&] { whole += '!'; });
    for (std::size_t at = 0; at < bytes.size(); at += 7) {
        many.feed(
            bytes.substr(at, 7), [&](std::string_view line) { pieces.append(line) += '\n'; },
            [&] { pieces += '!'; });
    }
    require(whole == pieces);
}

void check_names(std::string_view name) {
    std::set<std::string> parts, taken;
    for (int i = 0; i < 3; ++i) {
        std::string part = mcp::server_part(name, parts);
        require(!part.empty() && part.find("__") == std::string::npos);
        require(part.front() != '_' && part.back() != '_');
        std::string whole = mcp::tool_name(part, name, taken);
        require(whole.size() <= mcp::longest_name && mcp::safe_name(whole, whole.size()) == whole);
    }
    require(parts.size() == 3 && taken.size() == 3);
}

void check_content(const mcp::Content& content) {
    require(is_valid_utf8(content.text));
    if (content.blocks.is_absent()) return;
    require(content.blocks->is_array() && content.blocks->size() <= 50);
}

void check_form(const Json& schema, const std::string& answer) {
    auto fields = mcp::form_fields(schema);
    if (!fields) return;
    for (const mcp::FormField& field : *fields) {
        QuestionRequested question = mcp::question_for("s", answer, field);
        require(is_valid_utf8(question.question) && question.options.size() <= 11);
        (void)mcp::field_value(field, answer);
        for (const std::string& option : question.options) (void)mcp::field_value(field, option);
    }
}

void check_offers(const Json& value, const std::string& words) {
    std::vector<Json> listed{value, Json{{"name", "t"}, {"inputSchema", value}}};
    if (value.is_array()) listed.insert(listed.end(), value.begin(), value.end());
    for (const mcp::Tool& tool : mcp::tools_of(listed)) {
        require(text_member(*tool.schema, "type") == "object");
        bool is_small = dump_json(*tool.schema).size() < 60'000;
        require(!is_small || mcp::usable_schema(*tool.schema) == *tool.schema);
        (void)mcp::mirrored_headers(tool, value);
    }
    for (const mcp::Prompt& prompt : mcp::prompts_of(listed)) {
        (void)mcp::prompt_arguments(prompt, words);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static async::Loop loop;
    std::string text(reinterpret_cast<const char*>(data), size);
    loop.run(talk(loop, text));
    check_lines(text);
    check_names(text);
    Result<Json> value = parse_json(text);
    if (!value || rpc::nests_deeper(text, rpc::max_nesting)) return 0;
    check_offers(*value, text);
    for (const char* key : {"content", "contents", "messages", "structuredContent"}) {
        Json result{{key, *value}};
        check_content(mcp::content_of_result(result));
        check_content(mcp::content_of_resource(result));
        require(mcp::blocks_of_prompt(result)->is_array());
    }
    check_form(*value, text);
    (void)mcp::wanted_addresses(*value);
    mcp::hide_secrets(*value, {"secret"});
    return 0;
}
