// What the client at the other end can do: read once from `initialize`. Anything malformed counts
// as "no". Pure.
#pragma once
#include <string>

#include "base/json_fwd.hpp"

namespace thole::acp {

struct Client {
    std::string name;  // of clientInfo; "" when it did not say
    bool reads_files = false;
    bool writes_files = false;
    bool lends_terminals = false;  // terminal/*
    bool shows_terminals = false;  // what a program of ours prints, as a terminal: Zed's _meta
    bool shows_notices = false;
    bool shows_compactions = false;  // compaction_update
    bool shows_switches = false;     // options of type "boolean"
    bool logs_in_terminal = false;   // runs login methods of type "terminal"
    bool is_ours = false;            // says anything in _meta.thole
    bool shows_forms = false;        // elicitation/create with mode "form"
    bool takes_withdrawal = false;   // knows $/cancel_request
    bool shows_plans = false;        // plan_update
    bool shows_subagents = false;    // subagent_update, and the sessions that it announces
    bool wants_echo = false;         // of its own prompts
    // Of our own clients: features of _meta.thole.
    bool reviews_plans = false;     // _thole/plan/changed
    bool shows_agents = false;      // _thole/agents/changed
    bool reviews_changes = false;   // _thole/changes/changed
    bool tells_problems = false;    // _thole/editor/diagnostics
    bool shows_busy = false;        // whether a turn runs, whoever began it
    bool queues_approvals = false;  // several session/request_permission at a time
    bool operator==(const Client&) const = default;
};

// From the params of `initialize`.
Client read_client(const Json& params);
// What our own clients say in `_meta` of their capabilities; the same in every version.
void read_own_features(const Json& capabilities, Client& client);

}  // namespace thole::acp
