#include "acp/params.hpp"

#include <filesystem>

#include "base/fields.hpp"
#include "base/json.hpp"

namespace thole::acp {

namespace {

// "/a/b/../c/" → "/a/c".
std::string normal_path(const std::string& path) {
    std::string normal = std::filesystem::path(path).lexically_normal().string();
    if (normal.size() > 1 && normal.ends_with('/')) normal.pop_back();
    return normal;
}

std::string absolute_path(Fields& fields, std::string_view key, const std::string& path) {
    if (!path.starts_with('/')) {
        fields.fail_at(key, "expected an absolute path, got '" + path + "'");
        return path;
    }
    return normal_path(path);
}

std::string server_name(const Json& server) {
    std::string name = text_member(server, "name");
    return name.empty() ? "(without a name)" : name;
}

// Some clients send an empty object for an empty list. One bad server is no reason to be without
// the session.
void read_servers(Fields& fields, NewParams& params) {
    const Json& servers = fields.any("mcpServers");
    if (servers.is_null() || (servers.is_object() && servers.empty())) return;
    if (!servers.is_array()) return fields.fail_at("mcpServers", "expected an array");
    for (const Json& one : servers) {
        Result<mcp::ServerConfig> server = mcp::read_server(one, server_name(one));
        if (!server) params.bad_servers.push_back(server.error().message);
        if (!server) continue;
        server->source = "the editor";
        params.mcp_servers.push_back(std::move(*server));
    }
}

void read_directories(Fields& fields, std::vector<std::string>& directories) {
    const Json& given = fields.any("additionalDirectories");
    if (given.is_null() || (given.is_object() && given.empty())) return;
    for (const std::string& path : fields.optional_texts("additionalDirectories")) {
        directories.push_back(absolute_path(fields, "additionalDirectories", path));
    }
}

void read_place(Fields& fields, NewParams& params) {
    std::string cwd = fields.text("cwd");
    if (fields.ok()) params.cwd = absolute_path(fields, "cwd", cwd);
    read_directories(fields, params.additional_directories);
    read_servers(fields, params);
}

}  // namespace

Result<void> read(const Json& json, InitializeParams& params) {
    params.client = read_client(json);
    const Json& version = member(json, "protocolVersion");
    if (version.is_number_integer()) params.version = version.get<std::int64_t>();
    return {};
}

Result<void> read(const Json& json, AuthenticateParams& params) {
    Fields fields(json, "params");
    params.method_id = fields.text("methodId");
    return fields.finish();
}

Result<void> read(const Json& json, NewParams& params) {
    Fields fields(json, "params");
    read_place(fields, params);
    return fields.finish();
}

Result<void> read(const Json& json, OpenParams& params) {
    Fields fields(json, "params");
    params.session_id = fields.text("sessionId");
    read_place(fields, params.place);
    return fields.finish();
}

Result<void> read(const Json& json, ListParams& params) {
    Fields fields(json, "params");
    std::string cwd = fields.text_or("cwd", "");
    if (!cwd.empty()) params.cwd = absolute_path(fields, "cwd", cwd);
    params.cursor = fields.text_or("cursor", "");
    params.archived = fields.text_or("archived", "");
    return fields.finish();
}

Result<void> read(const Json& json, TitleParams& params) {
    Fields fields(json, "params");
    params.session_id = fields.text("sessionId");
    params.title = fields.text("title");
    return fields.finish();
}

Result<void> read(const Json& json, SearchParams& params) {
    Fields fields(json, "params");
    params.text = fields.text("text");
    std::string cwd = fields.text_or("cwd", "");
    if (!cwd.empty()) params.cwd = absolute_path(fields, "cwd", cwd);
    params.limit = fields.optional_integer("limit", 1, 1000).value_or(params.limit);
    return fields.finish();
}

Result<void> read(const Json& json, SessionParams& params) {
    Fields fields(json, "params");
    params.session_id = fields.text("sessionId");
    return fields.finish();
}

Result<void> read(const Json& json, PlanReviewParams& params) {
    Fields fields(json, "params");
    params.session_id = fields.text("sessionId");
    ReviewPlan& review = params.review;
    review.decision = fields.one_of("decision", {"approved", "rejected", "feedback"});
    review.feedback = fields.text_or("feedback", "");
    review.edits = fields.optional_text("edits");
    review.revision = fields.optional_integer("revision", 1).value_or(0);
    review.mode = fields.text_or("mode", "");
    for (const Json& one : fields.optional_array("comments")) {
        std::string at = "comments[" + std::to_string(review.comments.size()) + "]";
        Fields inner(one, fields.path_of(at));
        PlanComment comment;
        comment.start_line = inner.integer("startLine", 1);
        comment.end_line = inner.optional_integer("endLine", 1).value_or(comment.start_line);
        comment.text = inner.text("text");
        fields.merge(inner);
        review.comments.push_back(std::move(comment));
    }
    return fields.finish();
}

Result<void> read(const Json& json, ReviewChangesParams& params) {
    Fields fields(json, "params");
    params.session_id = fields.text("sessionId");
    ReviewChanges& review = params.review;
    review.path = fields.text("path");
    review.event_id = fields.integer("eventId", 1);
    review.baseline = fields.optional_text("baseline");
    review.latest = fields.optional_text("latest");
    return fields.finish();
}

Result<void> read(const Json& json, TasksParams& params) {
    Fields fields(json, "params");
    params.session_id = fields.text("sessionId");
    params.number = fields.optional_integer("number", 1).value_or(0);
    return fields.finish();
}

Result<void> read(const Json& json, AgentParams& params) {
    Fields fields(json, "params");
    params.session_id = fields.text("sessionId");
    params.agent_id = fields.text("agentId");
    return fields.finish();
}

Result<void> read(const Json& json, AgentMessageParams& params) {
    if (Result<void> named = read(json, params.agent); !named) return named;
    Fields fields(json, "params");
    params.text = fields.text("text");
    if (fields.ok() && params.text.empty()) fields.fail_at("text", "must not be empty");
    return fields.finish();
}

Result<void> read(const Json& json, AgentMergeParams& params) {
    if (Result<void> named = read(json, params.agent); !named) return named;
    Fields fields(json, "params");
    params.preview = fields.flag("preview", false);
    std::string as = fields.optional_one_of("as", {"changes", "branch"}).value_or("changes");
    params.branch = fields.text_or("branch", "");
    bool is_branch = as == "branch";
    if (is_branch && params.branch.empty()) fields.fail_at("branch", "is missing: its name");
    if (!is_branch && !params.branch.empty()) fields.fail_at("branch", "goes with as: \"branch\"");
    return fields.finish();
}

Result<void> read(const Json& json, PromptParams& params) {
    Fields fields(json, "params");
    params.session_id = fields.text("sessionId");
    if (Result<void> checked = fields.finish(); !checked) return checked;
    Result<Prompt> prompt = read_prompt(member(json, "prompt"));
    if (!prompt) return prompt.error();
    params.prompt = std::move(*prompt);
    return {};
}

Result<void> read(const Json& json, SetModeParams& params) {
    Fields fields(json, "params");
    params.session_id = fields.text("sessionId");
    params.mode_id = fields.text("modeId");
    return fields.finish();
}

Result<void> read(const Json& json, SetOptionParams& params) {
    Fields fields(json, "params");
    params.session_id = fields.text("sessionId");
    params.config_id = fields.text("configId");
    bool is_switch = text_member(json, "type") == "boolean";
    if (!is_switch) params.value = fields.text("value");
    const Json& on = member(json, "value");
    if (is_switch && on.is_boolean()) params.on = on.get<bool>();
    if (is_switch && !on.is_boolean()) fields.fail_at("value", "expected true or false");
    return fields.finish();
}

}  // namespace thole::acp
