#include "cli/opening.hpp"

#include <filesystem>

#include "cli/exit_code.hpp"

namespace thole::cli {
namespace {

std::vector<std::string> absolute(const std::vector<std::string>& directories) {
    std::vector<std::string> result;
    result.reserve(directories.size());
    for (const std::string& one : directories) {
        result.push_back(std::filesystem::absolute(one).lexically_normal().string());
    }
    return result;
}

// The limits of the configuration, and those of the command line over them. A chat has no end, so
// that only a limit that was asked for counts its tool calls.
Limits limits_of(const Parts& parts, const Invocation& invocation) {
    Limits limits = parts.config().limits;
    limits.max_tool_calls = invocation.limits.max_tool_calls;
    bool is_usual = limits.max_tool_calls == usual_max_tool_calls;
    if (invocation.action == Action::chat && is_usual) limits.max_tool_calls = 0;
    if (invocation.limits.max_tokens_total > 0) {
        limits.max_tokens_total = invocation.limits.max_tokens_total;
    }
    if (invocation.limits.max_background_workers > 0) {
        limits.max_background_workers = invocation.limits.max_background_workers;
    }
    if (invocation.limits.max_cost > 0) limits.max_cost = invocation.limits.max_cost;
    return limits;
}

}  // namespace

NewSession new_session(const Parts& parts, const Invocation& invocation) {
    NewSession fresh;
    fresh.cwd = parts.cwd;
    fresh.additional_directories = absolute(invocation.allowed_directories);
    fresh.model = invocation.model;
    fresh.mode = invocation.mode;
    fresh.limits = limits_of(parts, invocation);
    return fresh;
}

OpenSession known_session(const Parts& parts, const Invocation& invocation, std::string id) {
    OpenSession known;
    known.id = std::move(id);
    known.cwd = parts.cwd;
    known.additional_directories = absolute(invocation.allowed_directories);
    known.model = invocation.model;
    known.mode = invocation.mode;
    known.limits = limits_of(parts, invocation);
    return known;
}

Error as_setting(Error error) {
    if (error.code == Code::not_found) error.code = Code::configuration;
    return error;
}

async::Task<Result<Session*>> open_session(Parts& parts, const Invocation& invocation) {
    if (invocation.id.empty()) {
        NewSession fresh = new_session(parts, invocation);
        Result<Session*> created = co_await parts.sessions.create(std::move(fresh));
        if (!created) co_return as_setting(created.error());
        co_return created;
    }
    Result<std::string> id = resolve_session(parts.config(), parts.cwd, invocation.id);
    if (!id) co_return id.error();
    OpenSession known = known_session(parts, invocation, *id);
    co_return co_await parts.sessions.open(std::move(known));
}

Result<SessionFiles> files_of(const Parts& parts, const Invocation& invocation) {
    Result<std::string> id = resolve_session(parts.config(), parts.cwd, invocation.id);
    if (!id) return id.error();
    std::filesystem::path workspace = workspace_of(parts.cwd);
    return SessionFiles{(workspace / parts.config().history_dir).string(), *id};
}

int complain(Parts& parts, const Error& error) {
    parts.output.complain(error.message);
    return exit_code(error.code);
}

}  // namespace thole::cli
