// Parameters of the ACP methods that thole answers, one struct a method. Reading is lenient where
// real clients are sloppy (empty tables, missing lists) and strict where a mistake would do harm.
// Pure.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "acp/client.hpp"
#include "acp/content.hpp"
#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "mcp/server_config.hpp"
#include "session/command.hpp"

namespace thole::acp {

struct InitializeParams {
    Client client;
    std::int64_t version = 1;  // that is asked for, when it is a whole number
};
struct AuthenticateParams {
    std::string method_id;
};
struct NewParams {
    std::string cwd;
    std::vector<std::string> additional_directories;
    std::vector<mcp::ServerConfig> mcp_servers;
    std::vector<std::string> bad_servers;  // why those are left out
};
struct OpenParams {  // session/load, session/resume, session/fork
    std::string session_id;
    NewParams place;
};
struct ListParams {
    std::string cwd, cursor;
    std::string archived;  // exclude include only, not checked; "" = not said
};
struct TitleParams {
    std::string session_id, title;
};
struct SearchParams {
    std::string text, cwd;
    std::int64_t limit = 20;
};
struct SessionParams {  // those that only name a session
    std::string session_id;
};
struct PlanReviewParams {
    std::string session_id;
    ReviewPlan review;
};
struct ReviewChangesParams {
    std::string session_id;
    ReviewChanges review;
};
struct TasksParams {
    std::string session_id;
    std::int64_t number = 0;  // of the task whose detail is wanted; 0: none
};
struct AgentParams {  // those that only name a sub-agent
    std::string session_id, agent_id;
};
struct AgentMessageParams {
    AgentParams agent;
    std::string text;
};
struct AgentMergeParams {
    AgentParams agent;
    bool preview = false;
    std::string branch;  // "": into the user's files
};
struct PromptParams {
    std::string session_id;
    Prompt prompt;
};
struct SetModeParams {
    std::string session_id, mode_id;
};
struct SetOptionParams {
    std::string session_id, config_id, value;
    std::optional<bool> on;  // instead of `value`: of a switch
};

Result<void> read(const Json& json, InitializeParams& params);
Result<void> read(const Json& json, AuthenticateParams& params);
Result<void> read(const Json& json, NewParams& params);
Result<void> read(const Json& json, OpenParams& params);
Result<void> read(const Json& json, ListParams& params);
Result<void> read(const Json& json, TitleParams& params);
Result<void> read(const Json& json, SearchParams& params);
Result<void> read(const Json& json, SessionParams& params);
Result<void> read(const Json& json, PlanReviewParams& params);
Result<void> read(const Json& json, ReviewChangesParams& params);
Result<void> read(const Json& json, TasksParams& params);
Result<void> read(const Json& json, AgentParams& params);
Result<void> read(const Json& json, AgentMessageParams& params);
Result<void> read(const Json& json, AgentMergeParams& params);
Result<void> read(const Json& json, PromptParams& params);
Result<void> read(const Json& json, SetModeParams& params);
Result<void> read(const Json& json, SetOptionParams& params);

}  // namespace thole::acp
