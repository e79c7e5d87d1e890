#include "session/mcp_desk.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole {
namespace {

constexpr std::size_t most_mentions = 10;
constexpr std::size_t longest_prompt = 200 * 1024;

std::string hint_of(const mcp::Prompt& prompt) {
    std::string hint;
    for (const mcp::PromptArgument& argument : prompt.arguments) {
        std::string word =
            argument.is_required ? "<" + argument.name + ">" : "[" + argument.name + "]";
        hint += (hint.empty() ? "" : " ") + word;
    }
    return one_line(hint, 200);
}

McpServer seen(const mcp::Standing& standing) {
    McpServer server;
    server.name = standing.name;
    server.source = standing.source;
    server.target = standing.target;
    server.status = standing.state;
    server.error = standing.fault;
    server.protocol = standing.protocol;
    server.tools = static_cast<std::int64_t>(standing.tools);
    for (const mcp::Prompt& prompt : standing.prompts) {
        server.prompts.push_back(
            {standing.typed + ":" + prompt.name, prompt.description, hint_of(prompt)});
    }
    return server;
}

// A file or a page is no resource of a server.
bool is_foreign_uri(const std::string& uri) {
    std::size_t colon = uri.find(':');
    if (colon == std::string::npos || colon == 0) return false;
    std::string scheme = to_lower_ascii(uri.substr(0, colon));
    return scheme != "file" && scheme != "http" && scheme != "https" && scheme != "zed";
}

bool ends_word(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// "Look at @server:uri, then …"
bool ends_sentence(char c) {
    return std::string_view(".,;:!?)\"'").find(c) != std::string_view::npos;
}

}  // namespace

mcp::Servers::Parts McpDesk::parts_of(const Parts& parts, Terms terms, mcp::Host& host) {
    mcp::Server::Parts server{parts.loop,
                              parts.http,
                              host,
                              parts.roots.front(),
                              std::move(terms.environment),
                              std::move(terms.eras),
                              std::move(terms.log)};
    return {std::move(server), std::move(terms.servers), terms.wait};
}

McpDesk::McpDesk(Parts parts, Terms terms)
    : parts_(std::move(parts)),
      given_(terms.given),
      of_workspace_(std::move(terms.of_workspace)),
      servers_(parts_of(parts_, std::move(terms), *this)) {}

std::vector<std::string> McpDesk::heed_workspace() {
    if (!of_workspace_) return {};
    FoundServers found = of_workspace_();
    bool have_ended = servers_.replace_workspaces(joined_servers({std::move(found.servers)}));
    if (have_ended) servers_changed();
    return std::move(found.complaints);
}

void McpDesk::begin_turn() {
    for (const std::string& notice : std::exchange(untold_, {})) tell(notice);
    servers_.forgive();
}

bool McpDesk::asks() const {
    return given_.shows_questions && parts_.conversation.has_answerer();
}

async::Task<Result<JsonValue>> McpDesk::ask(QuestionRequested question) {
    if (!parts_.conversation.state().is_busy) {
        co_return fail(Code::denied, "nobody is asked between turns");
    }
    co_return co_await parts_.conversation.ask_question(std::move(question));
}

void McpDesk::tell(const std::string& notice) {
    if (!parts_.conversation.state().is_busy) {
        if (untold_.size() < most_mentions) untold_.push_back(notice);
        return;
    }
    parts_.conversation.emit(ErrorReported{"mcp", notice, {}, true});
}

void McpDesk::servers_changed() {
    McpServersChanged changed;
    for (const mcp::Standing& standing : servers_.standings()) {
        changed.servers.push_back(seen(standing));
    }
    bool is_news = changed.servers != parts_.conversation.state().mcp_servers;
    if (is_news) parts_.conversation.emit(std::move(changed));
}

// "@server:uri" in the text, and links of a scheme that is a server's.
std::vector<McpDesk::Mention> McpDesk::mentions(const std::string& text,
                                                const JsonValue& blocks) const {
    std::vector<Mention> found;
    for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
        bool is_word = at == 0 || ends_word(text[at - 1]);
        std::size_t end = at;
        while (end < text.size() && !ends_word(text[end])) ++end;
        std::string word = text.substr(at + 1, end - at - 1);
        while (!word.empty() && ends_sentence(word.back())) word.pop_back();
        std::size_t colon = word.find(':');
        if (!is_word || colon == std::string::npos || colon + 1 == word.size()) continue;
        Mention mention{word.substr(0, colon), word.substr(colon + 1)};
        if (servers_.knows(mention.server)) found.push_back(std::move(mention));
    }
    for (std::size_t i = 0; blocks->is_array() && i < blocks->size(); ++i) {
        if (text_member((*blocks)[i], "type") != "resource_link") continue;
        std::string uri = text_member((*blocks)[i], "uri");
        if (is_foreign_uri(uri)) found.push_back({"", std::move(uri)});
    }
    if (found.size() > most_mentions) found.resize(most_mentions);
    return found;
}

bool McpDesk::means_more(const std::string& text, const JsonValue& blocks) const {
    if (servers_.is_empty()) return false;
    if (text.starts_with('/')) {
        std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
        return servers_.has_prompt(text.substr(1, end - 1));
    }
    return !mentions(text, blocks).empty();
}

async::Task<Result<mcp::Content>> McpDesk::read(Mention mention) {
    Result<mcp::Content> content = fail(Code::not_found, "no MCP server has it");
    std::vector<std::string> names{mention.server};
    if (mention.server.empty()) names = servers_.with_resources();
    for (const std::string& name : names) {
        content = co_await servers_.read_resource(name, mention.uri);
        if (content) break;
    }
    co_return content;
}

// What cannot be read stays as it was said.
async::Task<void> McpDesk::expand(std::string text, JsonValue blocks, Result<JsonValue>& meaning) {
    if (text.starts_with('/')) {
        std::string typed = text.substr(1);
        meaning = co_await servers_.prompt(std::move(typed));
        co_return;
    }
    Json all = blocks->is_array() ? *blocks : Json::array({{{"type", "text"}, {"text", text}}});
    co_await servers_.ready();
    for (Mention& mention : mentions(text, blocks)) {
        std::string uri = mention.uri;
        Result<mcp::Content> content = co_await read(std::move(mention));
        std::string words = content ? content->text : "";
        if (!content) words = "[" + uri + " could not be read: " + content.error().message + "]";
        words = head_and_tail(words, longest_prompt).text;
        all.push_back({{"type", "text"}, {"text", words}});
        if (!content || content->blocks.is_absent()) continue;
        for (const Json& block : *content->blocks) all.push_back(block);
    }
    meaning = JsonValue(std::move(all));
}

}  // namespace thole
