#include "mcp/server_config.hpp"

#include <algorithm>
#include <array>

#include "base/fields.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::mcp {
namespace {

constexpr std::size_t shortest_secret = 6;

void read_pair(Fields& fields, std::string_view key, const Json& one, Pairs& pairs) {
    Fields pair(one, fields.path_of(key));
    std::string name = pair.text("name");
    pairs.emplace_back(std::move(name), pair.text_or("value", ""));
    fields.merge(pair);
}

Pairs read_pairs(Fields& fields, std::string_view key) {
    const Json& given = fields.any(key);
    Pairs pairs;
    if (given.is_array()) {
        for (const Json& one : given) read_pair(fields, key, one, pairs);
    } else if (given.is_object()) {
        for (const auto& [name, value] : given.items()) {
            if (!value.is_string()) fields.fail_at(key, "'" + name + "' must be a text");
            pairs.emplace_back(name, text_member(given, name));
        }
    } else if (!given.is_null()) {
        fields.fail_at(key, "expected a list or an object");
    }
    for (const auto& [name, value] : pairs) {
        bool is_broken = name.empty() || (name + value).find('\0') != std::string::npos ||
                         name.find('=') != std::string::npos;
        if (is_broken) fields.fail_at(key, "a name must not be empty or hold '='");
    }
    return pairs;
}

// Some clients send an empty object for an empty list.
std::vector<std::string> read_args(Fields& fields) {
    const Json& given = fields.any("args");
    if (given.is_object() && given.empty()) return {};
    return fields.optional_texts("args");
}

void read_http(Fields& fields, ServerConfig& server) {
    server.url = fields.text("url");
    server.headers = read_pairs(fields, "headers");
    bool is_web = starts_with_ignore_case(server.url, "http://") ||
                  starts_with_ignore_case(server.url, "https://");
    if (fields.ok() && !is_web) fields.fail_at("url", "must begin with http:// or https://");
}

// "https://user:word@host/path?key=1" → "https://host/path"
std::string public_url(std::string url) {
    url.erase(std::min(url.find_first_of("?#"), url.size()));
    std::size_t host = url.find("://");
    if (host == std::string::npos) return url;
    host += 3;
    std::size_t at = url.substr(0, url.find('/', host)).rfind('@');
    if (at != std::string::npos && at >= host) url.erase(host, at + 1 - host);
    return url;
}

bool is_passed_on(std::string_view name) {
    constexpr std::array<std::string_view, 34> names{"PATH",
                                                     "HOME",
                                                     "USER",
                                                     "LOGNAME",
                                                     "SHELL",
                                                     "LANG",
                                                     "LANGUAGE",
                                                     "TZ",
                                                     "TERM",
                                                     "TMPDIR",
                                                     "TMP",
                                                     "TEMP",
                                                     "DISPLAY",
                                                     "HTTP_PROXY",
                                                     "HTTPS_PROXY",
                                                     "NO_PROXY",
                                                     "ALL_PROXY",
                                                     "http_proxy",
                                                     "https_proxy",
                                                     "no_proxy",
                                                     "all_proxy",
                                                     "SSL_CERT_DIR",
                                                     "SSL_CERT_FILE",
                                                     "CURL_CA_BUNDLE",
                                                     "NODE_EXTRA_CA_CERTS",
                                                     "DOCKER_HOST",
                                                     "NVM_DIR",
                                                     "JAVA_HOME",
                                                     "GOPATH",
                                                     "CARGO_HOME",
                                                     "PYENV_ROOT",
                                                     "VIRTUAL_ENV",
                                                     "WAYLAND_DISPLAY",
                                                     "DBUS_SESSION_BUS_ADDRESS"};
    bool is_known = std::find(names.begin(), names.end(), name) != names.end();
    return is_known || name.starts_with("LC_") || name.starts_with("XDG_");
}

}  // namespace

// By its words: API_KEY, github-token, X-Auth, but not KEYBOARD or AUTHOR.
bool is_secret_name(std::string_view name) {
    constexpr std::array<std::string_view, 5> parts{"secret", "passw", "credential",
                                                    "authorization", "cookie"};
    constexpr std::array<std::string_view, 4> ends{"key", "token", "auth", "pat"};
    std::string low = to_lower_ascii(name);
    std::replace(low.begin(), low.end(), '-', '_');
    low += '_';
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return low.find(part) != low.npos; }) ||
           std::any_of(ends.begin(), ends.end(), [&](std::string_view end) {
               return low.find(std::string(end) + "_") != low.npos;
           });
}

std::string ServerConfig::shown() const {
    if (is_http()) return one_line(public_url(url), 200);
    std::string text = command;
    for (const std::string& word : args) text += " " + word;
    for (const std::string& secret : secrets()) text = replace_all(text, secret, "…");
    return one_line(text, 200);
}

std::vector<std::string> ServerConfig::secrets() const {
    std::vector<std::string> values;
    for (const auto& [header, value] : headers) {
        if (!is_secret_name(header)) continue;
        // "Bearer …": the scheme is no secret.
        values.push_back(value.substr(value.find(' ') + 1));
    }
    for (const auto& [variable, value] : env) {
        if (is_secret_name(variable)) values.push_back(value);
    }
    std::erase_if(values, [](const std::string& value) { return value.size() < shortest_secret; });
    return values;
}

Result<ServerConfig> read_server(const Json& json, const std::string& name) {
    Fields fields(json, "mcpServers[" + one_line(name, 60) + "]");
    ServerConfig server;
    server.name = name;
    std::string kind = fields.text_or("type", fields.has("url") ? "http" : "stdio");
    if (kind == "http" || kind == "streamable-http" || kind == "streamableHttp") {
        read_http(fields, server);
    } else if (kind == "stdio") {
        server.command = fields.text("command");
        server.args = read_args(fields);
        server.env = read_pairs(fields, "env");
        if (fields.ok() && server.command.empty()) fields.fail_at("command", "must not be empty");
    } else {
        fields.fail_at("type", "'" + one_line(kind, 20) +
                                   "' is not a way to reach a server; stdio and http are");
    }
    if (Result<void> read = fields.finish(); !read) return read.error();
    return server;
}

std::vector<std::string> program_environment(const std::vector<std::string>& ours,
                                             const Pairs& given) {
    std::vector<std::string> environment;
    for (const std::string& variable : ours) {
        std::string name = variable.substr(0, variable.find('='));
        bool is_given = std::any_of(given.begin(), given.end(),
                                    [&](const auto& pair) { return pair.first == name; });
        if (is_passed_on(name) && !is_given) environment.push_back(variable);
    }
    for (const auto& [name, value] : given) environment.push_back(name + "=" + value);
    return environment;
}

}  // namespace thole::mcp
