#include "cli/doctor.hpp"

#include <unistd.h>

#include <filesystem>

#include "async/confinement.hpp"
#include "async/process.hpp"
#include "async/worker.hpp"
#include "cli/doctor_servers.hpp"
#include "cli/exit_code.hpp"
#include "git/aside.hpp"
#include "workspace/git_head.hpp"

namespace thole::cli {
namespace {

namespace fs = std::filesystem;

enum class Health { good, note, bad };

struct Finding {
    Health health = Health::good;
    std::string what, detail;
    std::string advice;  // "" when there is nothing to do
};

std::string text_of(const Finding& finding, const Look& look) {
    std::string sign = look.paint(Ink::green, "✓");
    if (finding.health == Health::note) sign = look.paint(Ink::yellow, "!");
    if (finding.health == Health::bad) sign = look.paint(Ink::red, "✗");
    std::string name =
        finding.what + std::string(14 - std::min<std::size_t>(finding.what.size(), 13), ' ');
    std::string text = sign + " " + look.paint(Ink::bold, name);
    std::size_t room = look.width - 16;
    bool is_first = true;
    for (const std::string& line : wrap(printable(finding.detail), room)) {
        text += (is_first ? "" : std::string(16, ' ')) + line + "\n";
        is_first = false;
    }
    if (finding.advice.empty()) return text;
    for (const std::string& line : wrap(printable(finding.advice), room)) {
        text += std::string(16, ' ') + look.paint(Ink::dim, line) + "\n";
    }
    return text;
}

Finding configuration(const Parts& parts) {
    Finding found{Health::good, "configuration", parts.config().source, {}};
    if (parts.config().source.empty()) found.detail = "no file; the defaults hold";
    if (!parts.config_fault.empty()) {
        found = {Health::bad, "configuration", parts.config_fault,
                 "mend or remove the file; until then nothing but doctor works"};
    }
    return found;
}

// The nearest folder upwards that is there must be writable.
Finding writable(const std::string& what, const fs::path& directory) {
    fs::path there = directory;
    std::error_code failed;
    while (!fs::exists(there, failed) && there.has_parent_path() && there != there.root_path()) {
        there = there.parent_path();
    }
    if (access(there.c_str(), W_OK | X_OK) == 0)
        return {Health::good, what, directory.string(), {}};
    return {Health::bad, what, directory.string() + " cannot be written",
            "make " + there.string() + " writable for you"};
}

Finding provider_key(const model::ProviderConfig& provider) {
    std::string what = provider.name;
    if (provider.has_key()) {
        std::string variable =
            provider.api_key.empty() ? "AWS_SECRET_ACCESS_KEY" : provider.api_key_env;
        std::string found = variable + " is set, ";
        if (!provider.profile.empty()) found = "AWS profile '" + provider.profile + "', ";
        return {Health::good, what, found + provider.base_url, {}};
    }
    if (!provider.key_fault.empty()) return {Health::note, what, provider.key_fault, {}};
    return {
        Health::note, what, "no key",
        "set " + provider.api_key_env + ", or run `thole login " + provider.name + "`, to use it"};
}

// Asks a port of this machine at which nobody answers: any answer but "no libcurl" will do.
async::Task<Finding> library(http::Http& http) {
    http::Request request;
    request.method = "GET";
    request.url = "http://127.0.0.1:9/";
    request.connect_timeout = std::chrono::milliseconds(500);
    http::BodySink collected;
    Result<http::Response> answer = co_await http.send(std::move(request), std::move(collected));
    if (answer || answer.error().code != Code::configuration) {
        co_return Finding{Health::good, "libcurl", "loads", {}};
    }
    co_return Finding{Health::bad, "libcurl", answer.error().message,
                      "no model can be reached without it"};
}

async::Task<Finding> server(http::Http& http, std::string name, std::string base_url) {
    http::Request request;
    request.method = "GET";
    request.url = base_url + "/models";
    request.connect_timeout = std::chrono::milliseconds(500);
    request.idle_timeout = std::chrono::milliseconds(2000);
    http::BodySink collected;
    Result<http::Response> answer = co_await http.send(std::move(request), std::move(collected));
    Finding found{Health::good, name, "answers at " + base_url, {}};
    if (answer && answer->status == 200) co_return found;
    found.health = Health::note;
    found.detail = "no answer at " + base_url;
    co_return found;
}

async::Task<Finding> git(async::Loop& loop, const std::string& cwd) {
    async::ProcessOptions options;
    options.argv = {"git", "--version"};
    std::string version;
    async::OutputSink sink = [&version](async::Stream, std::string_view text) { version += text; };
    Result<std::unique_ptr<async::Process>> process =
        async::Process::spawn(loop, std::move(options), std::move(sink));
    if (!process) {
        co_return Finding{Health::note, "git", "not found", "install git; sub-agents will need it"};
    }
    co_await (*process)->wait();
    std::string branch = current_branch(cwd);
    std::string detail = version.substr(0, version.find('\n'));
    detail += branch.empty() ? ", not in a repository" : ", on " + branch;
    co_return Finding{Health::good, "git", std::move(detail), {}};
}

async::Task<std::vector<Finding>> stopped_merges(async::Loop& loop, const std::string& cwd) {
    auto work = [cwd](std::stop_token stop) { return git::leftovers(cwd, stop); };
    std::vector<git::Leftover> left = co_await async::on_worker(loop, std::move(work));
    std::vector<Finding> found;
    for (const git::Leftover& one : left) {
        std::string names = one.files.front();
        if (one.files.size() > 1) names += " and " + std::to_string(one.files.size() - 1) + " more";
        found.push_back({Health::note, "merge",
                         "one stopped in the middle; what was in " + names + " before is in " +
                             one.folder + " (names in its file '" + git::names_file + "')",
                         "merge the sub-agent again for the rest, or copy them back by hand; then "
                         "delete the folder"});
    }
    co_return found;
}

async::Task<Finding> sandbox(async::Loop& loop) {
    Result<std::string> proof = co_await loop.confinement().proof();
    if (proof) co_return Finding{Health::good, "sandbox", "for plan mode: " + *proof, {}};
    co_return Finding{Health::note, "sandbox", "none for plan mode: " + proof.error().message,
                      "commands are refused in plan mode; it takes Linux 5.13 with Landlock, and "
                      "seccomp with user notification"};
}

async::Task<Finding> default_model(model::Models& models) {
    Result<std::string> name = co_await models.default_model();
    if (name) co_return Finding{Health::good, "model", *name, {}};
    co_return Finding{Health::note, "model", name.error().message, {}};
}

Finding server_finding(const mcp::Standing& server) {
    std::string what = "mcp " + server.name;
    if (server.state == "ready") {
        return {Health::good,
                what,
                std::to_string(server.tools) + " tools, revision " + server.protocol,
                {}};
    }
    std::string why = server.fault.empty() ? "it is not ready in time" : server.fault;
    return {Health::note, what, why, "started as " + server.target + ", from " + server.source};
}

async::Task<void> add_servers(Parts& parts, std::vector<Finding>& found) {
    SeenServers seen = co_await try_servers(parts);
    for (const mcp::Standing& server : seen.standings) found.push_back(server_finding(server));
    for (const std::string& why : seen.complaints) found.push_back({Health::note, "mcp", why, {}});
    for (const std::string& name : seen.waiting) {
        found.push_back({Health::note, "mcp " + name,
                         "not started: this workspace names it, and you have not looked at it",
                         "review it with: thole trust"});
    }
}

// Who would be asked instead, and could not be.
std::vector<Finding> fallbacks(const model::Models& models, const model::ModelsConfig& config) {
    std::vector<Finding> found;
    for (const std::string& fallback : config.fallback) {
        Result<std::string> name = models.resolve(fallback);
        Result<void> usable = name ? models.check_key(*name) : Result<void>(name.error());
        std::string detail = usable ? *name : usable.error().message;
        Health health = usable ? Health::good : Health::bad;
        found.push_back({health, "fallback", std::move(detail), {}});
    }
    return found;
}

async::Task<std::vector<Finding>> examine(Parts& parts) {
    std::vector<Finding> found;
    found.push_back({Health::good, "thole", THOLE_VERSION, {}});
    found.push_back(configuration(parts));
    Finding curl = co_await library(parts.http);
    found.push_back(std::move(curl));
    for (const model::ProviderConfig& provider : parts.config().models.providers) {
        if (provider.needs_key) found.push_back(provider_key(provider));
        if (provider.needs_key || provider.base_url.empty()) continue;
        Finding one = co_await server(parts.http, provider.name, provider.base_url);
        found.push_back(std::move(one));
    }
    Finding model = co_await default_model(parts.sessions.models());
    found.push_back(std::move(model));
    for (Finding& one : fallbacks(parts.sessions.models(), parts.config().models)) {
        found.push_back(std::move(one));
    }
    Finding program = co_await git(parts.loop, parts.cwd);
    found.push_back(std::move(program));
    std::vector<Finding> merges = co_await stopped_merges(parts.loop, parts.cwd);
    for (Finding& one : merges) found.push_back(std::move(one));
    Finding held = co_await sandbox(parts.loop);
    found.push_back(std::move(held));
    co_await add_servers(parts, found);
    fs::path workspace = workspace_of(parts.cwd);
    found.push_back(writable("sessions", workspace / parts.config().history_dir));
    found.push_back(writable("state", parts.state_directory));
    co_return found;
}

std::string limit_text(std::int64_t value) {
    return value > 0 ? std::to_string(value) : "none";
}

struct Setting {
    std::string name, value, origin;
};

std::string origin_of(bool is_default, const std::string& file) {
    return is_default || file.empty() ? "default" : file;
}

void add_rules(std::vector<Setting>& settings, const char* name, const std::vector<Rule>& rules,
               const std::string& file) {
    for (const Rule& rule : rules) settings.push_back({name, rule.text, file});
}

std::vector<Setting> settings_of(const Config& config) {
    const Config born;
    const std::string& file = config.source;
    bool is_from_variable = !environment_variable("THOLE_MODEL").empty();
    const std::string& model = config.models.default_model;
    std::vector<Setting> settings = {
        {"model.default", model.empty() ? "(first with a key)" : model,
         is_from_variable ? "THOLE_MODEL" : origin_of(model.empty(), file)},
        {"permissions.mode", config.mode, origin_of(config.mode == born.mode, file)},
        {"session.history_dir", config.history_dir,
         origin_of(config.history_dir == born.history_dir, file)},
        {"session.max_turns_per_run", limit_text(config.limits.max_turns_per_run),
         origin_of(config.limits.max_turns_per_run == born.limits.max_turns_per_run, file)},
        {"session.max_tool_calls_per_turn", limit_text(config.limits.max_tool_calls_per_turn),
         origin_of(config.limits.max_tool_calls_per_turn == born.limits.max_tool_calls_per_turn,
                   file)},
    };
    for (const auto& [alias, name] : config.models.aliases) {
        settings.push_back({"model.aliases." + alias, name, file});
    }
    for (const std::string& fallback : config.models.fallback) {
        settings.push_back({"model.fallback", fallback, file});
    }
    add_rules(settings, "permissions.allow", config.rules.allow, file);
    add_rules(settings, "permissions.ask", config.rules.ask, file);
    add_rules(settings, "permissions.deny", config.rules.deny, file);
    for (const model::ProviderConfig& provider : config.models.providers) {
        if (provider.kind == "demo") continue;
        std::string key = provider.has_key() ? "key from " + provider.api_key_env : "no key";
        if (provider.api_key.empty() && provider.has_key()) key = "key from AWS_SECRET_ACCESS_KEY";
        if (!provider.needs_key) key = "needs no key";
        settings.push_back({"providers." + provider.name, provider.base_url, key});
    }
    for (const mcp::ServerConfig& server : config.mcp.servers) {
        settings.push_back({"mcp.servers." + server.name, server.shown(), server.source});
    }
    return settings;
}

}  // namespace

async::Task<int> run_doctor(Parts& parts) {
    std::vector<Finding> found = co_await examine(parts);
    std::string text;
    bool is_well = true;
    for (const Finding& one : found) {
        text += text_of(one, parts.output.out_look());
        is_well = is_well && one.health != Health::bad;
    }
    parts.output.answer(std::move(text));
    co_return is_well ? exit_done : exit_internal;
}

int show_config(Parts& parts, const Invocation& invocation) {
    const Look& look = parts.output.out_look();
    std::string text;
    for (const Setting& setting : settings_of(parts.config())) {
        text += setting.name + " = " + printable(setting.value);
        bool is_provider = setting.name.rfind("providers.", 0) == 0;
        if (invocation.show_origin || is_provider) {
            text += look.paint(Ink::dim, "  (" + setting.origin + ")");
        }
        text += "\n";
    }
    parts.output.answer(std::move(text));
    return exit_done;
}

}  // namespace thole::cli
