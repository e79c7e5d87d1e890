// The wiring, and nothing else: one loop, one of each part, and the front end that was asked for.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "acp/server.hpp"
#include "async/signals.hpp"
#include "async/supervise.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/spawn.hpp"
#include "http/curl_http.hpp"
#include "ipc/socket_links.hpp"
#include "session/secret_values.hpp"

namespace {

using namespace thole;

// Everything that a front end works with, in the order in which one part needs the other.
struct Graph {
    Graph(Config read, std::vector<std::string> environment)
        : config(std::move(read)),
          http(loop),
          models(loop, http, config.models),
          secrets(secret_values(config, environment)),
          links(loop, {environment_variable("XDG_RUNTIME_DIR"), geteuid()}),
          sessions({loop, clock, http, models, config, secrets,
                    state_directory(environment_variable), std::move(environment), &links}) {}

    Config config;
    SystemClock clock;
    async::Loop loop;
    http::CurlHttp http;
    model::Models models;
    Secrets secrets;
    ipc::SocketLinks links;
    Sessions sessions;
};

std::vector<std::string> environment_of_process() {
    std::vector<std::string> all;
    for (char** one = environ; *one; ++one) all.emplace_back(*one);
    return all;
}

// A terminal that is closed is an editor that is gone; the others tell thole itself to stop.
async::Task<void> stop_at_signal(async::Loop& loop, AcpServer& server, async::Scope& scope) {
    async::Signals signals(loop, {SIGINT, SIGTERM, SIGHUP});
    std::optional<int> number = co_await signals.next();
    while (number && *number == SIGHUP) {
        server.hang_up();
        number = co_await signals.next();
    }
    if (number) scope.request_stop();
}

async::Task<void> serve_until_end(AcpServer& server, async::Scope& scope) {
    co_await server.run();
    scope.request_stop();
}

async::Task<void> serve(Graph& graph, rpc::StdioFds fds) {
    AcpServer server(graph.loop, graph.sessions, fds);
    async::Scope scope;
    scope.spawn(stop_at_signal(graph.loop, server, scope));
    scope.spawn(serve_until_end(server, scope));
    co_await scope.join();
    co_await graph.sessions.close_all();
}

async::Task<void> run_command(Graph& graph, cli::Parts& parts, const cli::Invocation& invocation,
                              int& exit_code) {
    exit_code = co_await cli::run_command(parts, invocation);
    co_await graph.sessions.close_all();
    co_await parts.output.drained();
}

int complain(const Error& error) {
    std::fprintf(stderr, "thole: %s\n", error.message.c_str());
    return cli::exit_code(error.code);
}

int run(const cli::Invocation& invocation) {
    bool is_doctor = invocation.action == cli::Action::doctor;
    Result<Config> config = load_config(invocation.config_file, environment_variable);
    std::string fault = config ? "" : config.error().message;
    if (!config && is_doctor) config = load_config("/dev/null", environment_variable);
    if (!config) return complain(config.error());
    Graph graph(std::move(*config), environment_of_process());
    if (invocation.action == cli::Action::serve) {
        Result<rpc::StdioFds> fds = rpc::take_stdio();
        if (!fds) return complain(fds.error());
        graph.loop.run(serve(graph, *fds));
        return cli::exit_done;
    }
    cli::Output output(graph.loop, STDOUT_FILENO, STDERR_FILENO);
    std::error_code failed;
    std::string cwd = std::filesystem::current_path(failed).string();
    if (failed) return complain(fail(Code::io, "the current directory is gone; cd to another"));
    cli::Parts parts{graph.loop,
                     graph.http,
                     graph.sessions,
                     output,
                     graph.secrets,
                     cwd,
                     state_directory(environment_variable),
                     fault};
    int exit_code = cli::exit_internal;
    graph.loop.run(run_command(graph, parts, invocation, exit_code));
    return exit_code;
}

// What editors type must not wait for the parser of the command line to be set up.
bool is_plain_serve(int argc, char** argv) {
    return argc == 2 && (std::strcmp(argv[1], "--stdio") == 0 || std::strcmp(argv[1], "acp") == 0);
}

}  // namespace

int main(int argc, char** argv) {
    async::supervise_if_asked(argc, argv);
    std::signal(SIGPIPE, SIG_IGN);
    cli::Invocation invocation;
    if (is_plain_serve(argc, argv)) {
        invocation.action = cli::Action::serve;
    } else {
        invocation = cli::parse_command_line(std::vector<std::string>(argv + 1, argv + argc));
    }
    if (invocation.action == cli::Action::say) {
        std::fputs(invocation.text.c_str(), invocation.exit_code == 0 ? stdout : stderr);
        return invocation.exit_code;
    }
    if (invocation.action == cli::Action::spawn) {
        std::optional<int> begun = cli::leave_to_background(invocation);
        if (begun) return *begun;
    }
    return run(invocation);
}
