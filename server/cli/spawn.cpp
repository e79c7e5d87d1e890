#include "cli/spawn.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "async/worker.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/opening.hpp"
#include "cli/run.hpp"
#include "cli/watch.hpp"
#include "git/cleanup.hpp"
#include "journal/files.hpp"

namespace thole::cli {
namespace {

struct Pipe {
    Descriptor reading, writing;

    static Pipe make() {
        int ends[2] = {-1, -1};
        bool is_made = pipe2(ends, O_CLOEXEC) == 0;
        return {Descriptor(is_made ? ends[0] : -1), Descriptor(is_made ? ends[1] : -1)};
    }
};

int complain_of(const Error& error) {
    std::fprintf(stderr, "thole: %s\n", error.message.c_str());
    return exit_code(error.code);
}

// In the child: nothing of the terminal is left but the pipes.
void cut_loose(const Pipe& errors) {
    (void)setsid();
    Descriptor nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
    (void)dup2(nothing.fd(), STDIN_FILENO);
    (void)dup2(nothing.fd(), STDOUT_FILENO);
    (void)dup2(errors.writing.fd(), STDERR_FILENO);
}

// Passes on what the child complains of until it reports or is gone. The report.
std::string wait_for_report(const Descriptor& report, const Descriptor& errors) {
    std::array<pollfd, 2> ends = {pollfd{report.fd(), POLLIN, 0}, pollfd{errors.fd(), POLLIN, 0}};
    std::string text;
    char buffer[4096];
    while (ends[0].fd >= 0 && text.find('\n') == std::string::npos) {
        if (poll(ends.data(), ends.size(), -1) < 0) continue;
        if (ends[1].revents != 0) {
            ssize_t got = read(errors.fd(), buffer, sizeof buffer);
            if (got > 0) std::fwrite(buffer, 1, static_cast<std::size_t>(got), stderr);
            if (got <= 0) ends[1].fd = -1;
        }
        if (ends[0].revents != 0 && ends[1].revents == 0) {
            ssize_t got = read(report.fd(), buffer, sizeof buffer);
            if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
            if (got <= 0) ends[0].fd = -1;
        }
    }
    return text;
}

int exit_code_of_child(pid_t child) {
    int status = 0;
    pid_t gone = waitpid(child, &status, 0);
    bool has_exited = gone == child && WIFEXITED(status) && WEXITSTATUS(status) != 0;
    return has_exited ? WEXITSTATUS(status) : exit_internal;
}

int report_to_user(const std::string& report, bool is_json) {
    Result<Json> begun = parse_json(trim(report));
    if (!begun) return exit_internal;
    std::string line = is_json ? dump_json(*begun) : text_member(*begun, "id");
    std::printf("%s\n", line.c_str());
    return std::fflush(stdout) == 0 ? exit_done : exit_internal;
}

// From now on what goes wrong is written to <state>/log/<pid>.log.
void keep_errors(const std::string& state_directory) {
    std::string folder = state_directory + "/log";
    Result<void> made = make_private_directories(folder);
    std::string path = folder + "/" + std::to_string(getpid()) + ".log";
    Result<Descriptor> file = fail(Code::io, "no folder");
    if (made) file = open_own_file(path, O_WRONLY | O_APPEND);
    if (made && !file) file = open_own_file(path, O_WRONLY | O_APPEND | O_CREAT);
    Descriptor nothing(open("/dev/null", O_WRONLY | O_CLOEXEC));
    (void)dup2(file ? file->fd() : nothing.fd(), STDERR_FILENO);
}

void report_begin(const Session& session, int fd) {
    const State& state = session.state();
    Json report = {{"schema_version", 1},
                   {"id", state.id},
                   {"pid", getpid()},
                   {"log", session.files().log()},
                   {"socket", state.socket_path}};
    Descriptor out(fd);
    std::string line = dump_json(report) + "\n";
    Result<void> written = write_all(out.fd(), line, "the pipe");
    (void)written;  // a parent that was killed wants no report
}

async::Task<Result<git::MadeWorktree>> make_apart(Parts& parts, std::string id) {
    const WorktreesConfig& config = parts.config().worktrees;
    git::WorktreeRequest request{parts.cwd, config.directory, std::move(id), config.include_file};
    auto work = [request](std::stop_token stop) mutable {
        request.stop = std::move(stop);
        return git::make_worktree(request);
    };
    co_return co_await async::on_worker(parts.loop, std::move(work));
}

async::Task<Result<git::Removal>> remove_apart(Parts& parts, git::MadeWorktree unused) {
    auto held = std::make_shared<git::MadeWorktree>(std::move(unused));
    auto work = [held](std::stop_token) {
        return git::remove_worktree(held->worktree, std::move(held->lease));
    };
    co_return co_await async::on_worker(parts.loop, std::move(work));
}

// A session in a worktree of its own; its log stays in the user's workspace. The lease is to be
// held for as long as it works there.
async::Task<Result<Session*>> open_apart(Parts& parts, const Invocation& invocation,
                                         git::Lease& lease) {
    NewSession fresh = new_session(parts, invocation);
    fresh.id = new_session_id(SystemClock().now());
    fresh.workspace = workspace_of(parts.cwd);
    Result<git::MadeWorktree> made = co_await make_apart(parts, fresh.id);
    if (!made) {
        // "Not found" is no missing session here.
        Code code = made.error().code == Code::not_found ? Code::invalid_argument : Code::internal;
        co_return fail(code, made.error().message);
    }
    for (const std::string& note : made->notes) parts.output.complain(note);
    fresh.cwd = made->cwd;
    Result<Session*> created = co_await parts.sessions.create(std::move(fresh));
    if (created) {
        lease = std::move(made->lease);
        co_return created;
    }
    git::MadeWorktree unused = std::move(*made);
    Result<git::Removal> removed = co_await remove_apart(parts, std::move(unused));
    if (!removed) parts.output.complain(removed.error().message);
    co_return as_setting(created.error());
}

}  // namespace

std::optional<int> leave_to_background(Invocation& invocation) {
    Result<std::string> prompt = prompt_of(invocation);
    if (!prompt) return complain_of(prompt.error());
    invocation.prompt = std::move(*prompt);
    Pipe report = Pipe::make(), errors = Pipe::make();
    pid_t child = errors.writing.is_open() ? fork() : -1;
    if (child < 0) return complain_of(fail(Code::io, "cannot start a process in the background"));
    if (child == 0) {
        cut_loose(errors);
        invocation.report_fd = dup(report.writing.fd());
        return std::nullopt;
    }
    report.writing.reset();
    errors.writing.reset();
    std::string begun = wait_for_report(report.reading, errors.reading);
    if (begun.empty()) return exit_code_of_child(child);
    return report_to_user(begun, invocation.json);
}

async::Task<int> run_in_background(Parts& parts, Invocation invocation) {
    if (invocation.mode.empty()) invocation.mode = "accept-edits";
    Result<Session*> opened = fail(Code::internal, "");
    git::Lease lease;
    if (invocation.worktree) {
        opened = co_await open_apart(parts, invocation, lease);
    } else {
        opened = co_await open_session(parts, invocation);
    }
    if (!opened) co_return complain(parts, opened.error());
    Session& session = **opened;
    session.wait_for_answers();
    report_begin(session, invocation.report_fd);
    keep_errors(parts.state_directory);
    invocation.streaming = Streaming::off;
    co_return co_await run_in_session(parts, session, std::move(invocation));
}

}  // namespace thole::cli
