#include "session/secret_values.hpp"

#include <algorithm>
#include <array>

namespace thole {

namespace {

constexpr std::size_t shortest_variable = 12;

// SSH_KEY=/home/me/.ssh/key: where a secret lies is none.
bool is_path(std::string_view value) {
    return value.starts_with('/') && value.find('/', 1) != std::string_view::npos &&
           value.find_first_of("+=") == std::string_view::npos;
}

void add_header(std::vector<SecretValue>& values, const std::string& name, std::string_view value) {
    const auto space = value.find(' ');  // "Bearer …": the scheme is no secret
    values.push_back({name, std::string(space == value.npos ? value : value.substr(space + 1))});
}

// Of a profile; those of the environment have names of their own.
void add_account(std::vector<SecretValue>& values, const model::AwsKeys& keys) {
    if (keys.secret_access_key.empty()) return;
    values.push_back({"aws-secret-access-key", keys.secret_access_key});
    values.push_back({"aws-session-token", keys.session_token});
}

}  // namespace

bool is_secret_name(std::string_view name) {
    constexpr std::array<std::string_view, 6> ends{"KEY",      "TOKEN",  "SECRET",
                                                   "PASSWORD", "PASSWD", "CREDENTIALS"};
    return std::any_of(ends.begin(), ends.end(),
                       [&](std::string_view end) { return name.ends_with(end); });
}

std::vector<SecretValue> secret_values(const Config& config,
                                       const std::vector<std::string>& environment) {
    std::vector<SecretValue> values;
    for (const model::ProviderConfig& provider : config.models.providers) {
        const std::string& name = provider.api_key_env;
        values.push_back({name.empty() ? provider.name + "-key" : name, provider.api_key});
        add_account(values, provider.aws);
        for (const auto& [header, value] : provider.headers) add_header(values, header, value);
    }
    for (const mcp::ServerConfig& server : config.mcp.servers) {
        for (std::string& value : server.secrets()) {
            values.push_back({"mcp-" + server.name, std::move(value)});
        }
    }
    for (const std::string& variable : environment) {
        const std::string name = variable.substr(0, variable.find('='));
        if (name.size() == variable.size() || !is_secret_name(name)) continue;
        std::string value = variable.substr(name.size() + 1);
        const bool is_known_place = is_path(value);
        if (value.size() < shortest_variable || is_known_place) continue;
        values.push_back({name, std::move(value)});
    }
    return values;
}

}  // namespace thole
