#include "mcp/server_config.hpp"

#include <algorithm>
#include <array>

#include "base/fields.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "workspace/wildcard.hpp"

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
    for (const auto& [name, value] : server.headers) {
        bool is_broken = (name + value).find_first_of("\r\n") != std::string::npos;
        if (is_broken) fields.fail_at("headers", "'" + one_line(name, 60) + "' holds a line end");
    }
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

// "Bearer abc" → "abc": the scheme is no secret.
std::string after_scheme(const std::string& value) {
    return value.substr(value.find(' ') + 1);
}

// The password, and parameters whose names say that they are secret.
void add_of_url(std::string_view url, std::vector<std::string>& values) {
    std::size_t host = url.find("://");
    if (host == std::string_view::npos) return;
    host += 3;
    std::string_view place = url.substr(host, url.find_first_of("/?#", host) - host);
    std::size_t at = place.rfind('@');
    std::size_t colon = place.find(':');
    bool has_password = at != std::string_view::npos && colon < at;
    if (has_password) values.emplace_back(place.substr(colon + 1, at - colon - 1));
    std::size_t query = url.find('?', host);
    while (query != std::string_view::npos) {
        std::size_t end = url.find_first_of("&#", query + 1);
        std::string_view pair = url.substr(query + 1, end - query - 1);
        std::size_t is = pair.find('=');
        bool is_secret = is != std::string_view::npos && is_secret_name(pair.substr(0, is));
        if (is_secret) values.emplace_back(pair.substr(is + 1));
        query = end;
    }
}

// "--token=abc", "API_KEY=abc", "--env=API_KEY=abc", "Authorization: Bearer abc".
void add_of_word(std::string_view word, std::vector<std::string>& values) {
    for (std::size_t is = word.find('='); is != std::string_view::npos; is = word.find('=')) {
        std::string_view name = word.substr(0, is);
        bool is_secret = name.find_first_of("/?&") == name.npos && is_secret_name(name);
        word.remove_prefix(is + 1);
        if (!is_secret) continue;
        values.emplace_back(word);
        return;
    }
    std::size_t colon = word.find(": ");
    bool is_header = colon != std::string_view::npos && is_secret_name(word.substr(0, colon));
    if (is_header) values.push_back(after_scheme(std::string(word.substr(colon + 2))));
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

bool ServerConfig::uses(std::string_view tool) const {
    return tools.empty() ||
           std::any_of(tools.begin(), tools.end(),
                       [tool](const std::string& pattern) { return wild_match(pattern, tool); });
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
        if (is_secret_name(header)) values.push_back(after_scheme(value));
    }
    for (const auto& [variable, value] : env) {
        if (is_secret_name(variable)) values.push_back(value);
        add_of_url(value, values);
    }
    for (std::size_t i = 0; i < args.size(); ++i) {
        bool is_flag = args[i].starts_with('-') && args[i].find('=') == std::string::npos &&
                       is_secret_name(args[i]);
        if (is_flag && i + 1 < args.size()) values.push_back(args[i + 1]);
        add_of_word(args[i], values);
        add_of_url(args[i], values);
    }
    add_of_url(url, values);
    std::erase_if(values, [](const std::string& value) { return value.size() < shortest_secret; });
    std::sort(values.begin(), values.end(), [](const std::string& a, const std::string& b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    values.erase(std::unique(values.begin(), values.end()), values.end());
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
