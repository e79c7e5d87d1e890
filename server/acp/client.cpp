#include "acp/client.hpp"

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::acp {

namespace {

bool is_true(const Json& value) {
    return value.is_boolean() && value.get<bool>();
}

}  // namespace

Client read_client(const Json& params) {
    const Json& capabilities = member(params, "clientCapabilities");
    const Json& files = member(capabilities, "fs");
    Client client;
    client.name = text_member(member(params, "clientInfo"), "name");
    // Where one client puts it by mistake.
    if (client.name.empty()) client.name = text_member(member(capabilities, "clientInfo"), "name");
    client.reads_files = is_true(member(files, "readTextFile"));
    client.writes_files = is_true(member(files, "writeTextFile"));
    client.lends_terminals = is_true(member(capabilities, "terminal"));
    client.shows_terminals = !client.lends_terminals &&
                             is_true(member(member(capabilities, "_meta"), "terminal_output"));
    const Json& session = member(capabilities, "session");
    client.shows_notices = member(session, "notices").is_object();
    client.shows_compactions = member(session, "compaction").is_object();
    client.shows_switches = member(member(session, "configOptions"), "boolean").is_object();
    client.logs_in_terminal = is_true(member(member(capabilities, "auth"), "terminal"));
    client.shows_forms = member(member(capabilities, "elicitation"), "form").is_object();
    client.shows_subagents = member(capabilities, "subagents").is_object();
    client.shows_plans = member(capabilities, "plan").is_object();
    read_own_features(capabilities, client);
    // Some clients pop up a warning about a method that they do not know.
    client.takes_withdrawal =
        starts_with_ignore_case(client.name, "zed") || client.queues_approvals;
    return client;
}

void read_own_features(const Json& capabilities, Client& client) {
    const Json& own = member(member(capabilities, "_meta"), "thole");
    client.is_ours = own.is_object();
    const Json& features = member(own, "features");
    client.reviews_plans = member(features, "plan").is_object();
    client.shows_agents = member(features, "agents").is_object();
    client.reviews_changes = member(features, "changes").is_object();
    client.tells_problems = member(features, "diagnostics").is_object();
    client.shows_busy = member(features, "busy").is_object();
    client.queues_approvals = member(features, "approvals").is_object();
}

}  // namespace thole::acp
