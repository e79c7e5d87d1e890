#include "session/mcp_config.hpp"

#include <algorithm>
#include <cctype>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "session/offered_files.hpp"

namespace thole {
namespace {

constexpr const char* settings_file = ".thole/config.toml";
constexpr const char* servers_file = ".mcp.json";
constexpr std::chrono::seconds longest_patience{24 * 3600};

bool is_name(const std::string& name) {
    return !name.empty() && name.size() <= 64 &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
           });
}

// "${NAME}" and "${NAME:-otherwise}".
std::string expanded(const std::string& text, const Variables& variables) {
    std::string out;
    std::size_t at = 0;
    while (true) {
        std::size_t begin = text.find("${", at);
        std::size_t end = begin == std::string::npos ? begin : text.find('}', begin);
        if (end == std::string::npos) return out + text.substr(at);
        out += text.substr(at, begin - at);
        std::string inside = text.substr(begin + 2, end - begin - 2);
        std::size_t colon = inside.find(":-");
        std::string value = variables(inside.substr(0, colon).c_str());
        bool has_other = value.empty() && colon != std::string::npos;
        out += has_other ? inside.substr(colon + 2) : value;
        at = end + 1;
    }
}

void expand(mcp::ServerConfig& server, const Variables& variables) {
    server.command = expanded(server.command, variables);
    server.url = expanded(server.url, variables);
    for (std::string& word : server.args) word = expanded(word, variables);
    for (auto& [name, value] : server.env) value = expanded(value, variables);
    for (auto& [name, value] : server.headers) value = expanded(value, variables);
}

void read_duration(TomlReader& section, const char* key, std::chrono::seconds& target) {
    std::string text;
    section.text(key, text);
    if (text.empty()) return;
    Result<std::chrono::seconds> time = parse_duration(text);
    if (!time) return section.fail_at(key, time.error().message);
    if (*time > longest_patience) return section.fail_at(key, "at most a day");
    target = *time;
}

// False: it is switched off.
bool read_one(TomlReader& section, mcp::ServerConfig& server) {
    bool is_on = true;
    section.text("command", server.command);
    section.texts("args", server.args);
    section.text_pairs("env", server.env);
    section.text("url", server.url);
    section.text_pairs("headers", server.headers);
    for (const auto& [name, value] : server.headers) {
        bool is_broken = (name + value).find_first_of("\r\n") != std::string::npos;
        if (is_broken) section.fail_at("headers", "a header must not hold a line end");
    }
    section.flag("trusted", server.is_trusted);
    section.flag("enabled", is_on);
    section.texts("tools", server.tools);
    read_duration(section, "timeout", server.patience);
    section.no_others();
    if (server.command.empty() == server.url.empty()) {
        section.fail_here("must have either command or url");
    }
    bool is_web = server.url.empty() || server.url.starts_with("http://") ||
                  server.url.starts_with("https://") || server.url.starts_with("${");
    if (!is_web) section.fail_at("url", "must begin with http:// or https://");
    if (!is_name(server.name)) {
        section.fail_here("the name must be letters, digits, '-', '_' and '.'");
    }
    return is_on;
}

Result<std::vector<mcp::ServerConfig>> read_settings(const TrustedFile& file,
                                                     const std::string& path,
                                                     const Variables& variables) {
    Result<TomlDocument> document = TomlDocument::parse(file.content, path);
    if (!document) return document.error();
    TomlReader root = document->root();
    McpConfig config;
    read_mcp(root, path, variables, config);
    // What else is there, [[hooks]] and [permissions], is read with the workspace's extensions.
    if (Result<void> read = root.finish(); !read) return read.error();
    // It must not vouch for itself.
    for (mcp::ServerConfig& server : config.servers) server.is_trusted = false;
    return std::move(config.servers);
}

Result<std::vector<mcp::ServerConfig>> read_servers(const TrustedFile& file,
                                                    const std::string& path,
                                                    const Variables& variables) {
    Result<Json> json = parse_json(file.content);
    if (!json) return fail(Code::configuration, path + ": " + json.error().message);
    const Json& list = member(*json, "mcpServers");
    std::vector<mcp::ServerConfig> servers;
    if (!list.is_object()) return fail(Code::configuration, path + ": mcpServers is missing");
    for (const auto& [name, one] : list.items()) {
        Result<mcp::ServerConfig> server = mcp::read_server(one, name);
        if (!server) return fail(Code::configuration, path + ": " + server.error().message);
        server->source = path;
        expand(*server, variables);
        servers.push_back(std::move(*server));
    }
    return servers;
}

void add_servers(const TrustedFile& file, const std::string& path, const Variables& variables,
                 FoundServers& found) {
    bool is_settings = file.path == settings_file;
    auto servers =
        is_settings ? read_settings(file, path, variables) : read_servers(file, path, variables);
    if (!servers) return found.complaints.push_back(servers.error().message);
    for (mcp::ServerConfig& server : *servers) {
        server.is_workspaces = true;
        found.servers.push_back(std::move(server));
    }
}

// Those that name servers, as far as they lie in the workspace.
std::vector<TrustedFile> server_files(const std::string& workspace) {
    OfferedFolder where{workspace, "", true};
    std::vector<TrustedFile> files;
    for (const char* path : {settings_file, servers_file}) {
        if (offers(where, path)) files.push_back(read_offered(where, path));
    }
    return files;
}

}  // namespace

void read_mcp(TomlReader& root, const std::string& source, const Variables& variables,
              McpConfig& config) {
    TomlReader section = root.table("mcp");
    read_duration(section, "startup_wait", config.startup_wait);
    TomlReader servers = section.table("servers");
    for (const std::string& name : servers.keys()) {
        mcp::ServerConfig server;
        server.name = name;
        server.source = source;
        TomlReader one = servers.table(name);
        bool is_on = read_one(one, server);
        servers.merge(one);
        expand(server, variables);
        if (is_on) config.servers.push_back(std::move(server));
    }
    section.merge(servers);
    section.no_others();
    root.merge(section);
}

std::vector<std::string> servers_named_in(const TrustedFile& file) {
    constexpr std::size_t most = 10;
    std::vector<std::string> names;
    if (file.path == settings_file) {
        Result<TomlDocument> document = TomlDocument::parse(file.content, file.path);
        if (document) names = document->root().table("mcp").table("servers").keys();
    } else if (file.path == servers_file) {
        Result<Json> json = parse_json(file.content);
        const Json none;
        const Json& list = member(json ? *json : none, "mcpServers");
        for (auto one = list.begin(); list.is_object() && one != list.end(); ++one) {
            names.push_back(one.key());
        }
    }
    if (names.size() > most) names.resize(most);
    for (std::string& name : names) {
        if (!is_name(name)) name = "(a name that is none)";
    }
    return names;
}

FoundServers servers_of_workspace(const std::string& workspace, const Trust& trust,
                                  const Variables& variables) {
    FoundServers found;
    TrustedHashes trusted = trust.of(workspace);
    for (const TrustedFile& file : server_files(workspace)) {
        std::string path = workspace + "/" + file.path;
        if (!file.fault.empty()) {
            found.complaints.push_back(path + ": " + file.fault);
        } else if (trusted.holds(file)) {
            add_servers(file, path, variables, found);
        } else {
            for (std::string& name : servers_named_in(file)) {
                found.waiting.push_back(std::move(name));
            }
        }
    }
    return found;
}

std::vector<mcp::ServerConfig> joined_servers(std::vector<std::vector<mcp::ServerConfig>> parts) {
    std::vector<mcp::ServerConfig> all;
    for (std::vector<mcp::ServerConfig>& part : parts) {
        for (mcp::ServerConfig& server : part) {
            bool is_known = std::any_of(all.begin(), all.end(), [&](const auto& known) {
                return known.name == server.name;
            });
            if (!is_known) all.push_back(std::move(server));
        }
    }
    return all;
}

}  // namespace thole
