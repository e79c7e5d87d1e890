#include "acp/v2/params.hpp"

#include <set>

#include "base/fields.hpp"
#include "base/json.hpp"

namespace thole::acp::v2 {

Result<void> read(const Json& json, ResumeParams& params) {
    if (Result<void> opened = acp::read(json, params.open); !opened) return opened;
    Fields fields(json, "params");
    const Json& from = fields.any("replayFrom");
    if (from.is_null()) return {};
    params.replays = text_member(from, "type") == "start";
    if (!params.replays) fields.fail_at("replayFrom", "must be {\"type\":\"start\"}");
    return fields.finish();
}

Result<void> read(const Json& json, OptionParams& params) {
    if (Result<void> option = acp::read(json, params.option); !option) return option;
    Fields fields(json, "params");
    fields.one_of("type", {"id", "boolean"});
    return fields.finish();
}

Result<Client> read_client(const Json& params) {
    Fields fields(params, "params");
    Fields info(fields.object("info"), fields.path_of("info"));
    Client client;
    client.name = info.text("name");
    info.text("version");
    fields.merge(info);
    if (Result<void> told = fields.finish(); !told) return told.error();
    const Json& capabilities = member(params, "capabilities");
    client.shows_forms = member(member(capabilities, "elicitation"), "form").is_object();
    client.logs_in_terminal = member(member(capabilities, "auth"), "terminal").is_object();
    client.shows_notices = true;
    client.shows_compactions = true;
    client.shows_switches = true;
    client.wants_echo = true;
    client.takes_withdrawal = true;
    read_own_features(capabilities, client);
    client.shows_busy = false;  // states tell it
    return client;
}

Result<void> check_servers(const NewParams& params) {
    if (!params.bad_servers.empty()) {
        return fail(Code::invalid_argument, "params.mcpServers: " + params.bad_servers.front());
    }
    std::set<std::string> names;
    for (const mcp::ServerConfig& server : params.mcp_servers) {
        bool is_new = names.insert(server.name).second;
        if (!is_new) {
            return fail(Code::invalid_argument,
                        "params.mcpServers: there are two named '" + server.name + "'");
        }
    }
    return {};
}

}  // namespace thole::acp::v2
