#include "cli/demo.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "async/channel.hpp"
#include "async/process.hpp"
#include "async/sleep.hpp"
#include "cli/exit_code.hpp"
#include "cli/watch.hpp"
#include "model/providers/demo_project.hpp"

namespace thole::cli {
namespace {

namespace fs = std::filesystem;

Result<std::string> scratch_directory(const std::string& wanted) {
    std::error_code failed;
    if (!wanted.empty()) {
        fs::path path = fs::absolute(wanted).lexically_normal();
        fs::create_directories(path, failed);
        if (!failed && fs::is_empty(path, failed)) return path.string();
        return fail(Code::invalid_argument, "cannot work in '" + path.string() + "': " +
                                                (failed ? failed.message() : "it is not empty") +
                                                "; name a new directory");
    }
    std::string pattern = (fs::temp_directory_path(failed) / "thole-demo-XXXXXX").string();
    if (failed) pattern = "/tmp/thole-demo-XXXXXX";
    if (mkdtemp(pattern.data())) return pattern;
    return fail(Code::io, "cannot make a scratch directory like " + pattern + "; set TMPDIR");
}

Result<void> write_project(const std::string& directory) {
    for (const model::DemoFile& file : model::demo_project()) {
        fs::path path = fs::path(directory) / file.path;
        std::error_code failed;
        fs::create_directories(path.parent_path(), failed);
        std::ofstream out(path, std::ios::binary);
        out << file.content;
        if (!out.flush()) return fail(Code::io, "cannot write " + path.string());
    }
    return {};
}

async::Task<bool> succeeds(async::Loop& loop, std::string directory,
                           std::vector<std::string> argv) {
    async::ProcessOptions options;
    options.argv = std::move(argv);
    options.cwd = std::move(directory);
    Result<std::unique_ptr<async::Process>> process =
        async::Process::spawn(loop, std::move(options), [](async::Stream, std::string_view) {});
    if (!process) co_return false;
    async::Exit exit = co_await (*process)->wait();
    co_return exit == async::Exit{};
}

// A repository, so that `git diff` shows what was done; without git the demo does as well.
async::Task<void> make_repository(async::Loop& loop, std::string directory) {
    std::vector<std::string> init = {"git", "init", "--quiet"};
    bool has_git = co_await succeeds(loop, directory, std::move(init));
    if (!has_git) co_return;
    std::vector<std::string> add = {"git", "add", "--all"};
    co_await succeeds(loop, directory, std::move(add));
    std::vector<std::string> commit = {
        "git",     "-c", "user.name=thole", "-c", "user.email=thole@localhost", "commit",
        "--quiet", "-m", "Sample project"};
    co_await succeeds(loop, std::move(directory), std::move(commit));
}

// Approves whatever is asked, where everybody can see it, and after a moment in which to read it.
class Approver final : public Subscriber {
public:
    Approver(async::Loop& loop, Session& session, std::chrono::milliseconds pause)
        : loop_(loop), session_(session), pause_(pause), asked_(loop) {}
    void on_event(const Envelope& envelope) override {
        const auto* asked = std::get_if<ApprovalRequested>(&envelope.event);
        if (asked) asked_.push(asked->call_id);
    }
    void on_delta(const Event&) override {}

    // Until it is stopped.
    async::Task<void> run() {
        bool goes_on = true;
        while (goes_on) {
            std::optional<std::string> call_id = co_await asked_.receive();
            if (!call_id) co_return;
            async::Wake wake = co_await async::sleep_for(loop_, pause_);
            goes_on = wake == async::Wake::done;
            Result<std::string> taken = session_.submit(Approve{*call_id});
            (void)taken;  // not_found: the turn was cancelled meanwhile
        }
    }

private:
    async::Loop& loop_;
    Session& session_;
    std::chrono::milliseconds pause_;
    async::Channel<std::string> asked_;
};

// How this program can be called again: by its name when PATH has it.
std::string program() {
    std::error_code failed;
    fs::path self = fs::read_symlink("/proc/self/exe", failed);
    const char* path = std::getenv("PATH");
    std::istringstream folders(path ? path : "");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (fs::equivalent(fs::path(folder) / "thole", self, failed)) return "thole";
    }
    return failed && self.empty() ? "thole" : self.string();
}

void say_hello(Output& output, const std::string& directory) {
    const Look& look = output.out_look();
    output.answer(look.paint(Ink::bold, "thole demo") +
                  ": the built-in model repairs a small project. No key, no network.\n" +
                  look.paint(Ink::dim, "What needs approval is approved by this script. Place: " +
                                           directory) +
                  "\n\n");
}

void say_goodbye(Output& output, const std::string& directory, const std::string& id) {
    const Look& look = output.out_look();
    std::string thole = program();
    output.answer("\n" + look.paint(Ink::bold, "Look around") + "\n  cd " + directory +
                  "\n  git diff\n  " + thole + " logs latest      everything again\n  " + thole +
                  " status latest    how the session stands\n  " + thole +
                  " sessions         all sessions of a directory\n" +
                  look.paint(Ink::dim, "The session is " + directory + "/.thole/sessions/" + id +
                                           ".events.jsonl") +
                  "\n");
}

async::Task<bool> converse(Parts& parts, Session& session, Watch& watch) {
    bool is_watched = parts.output.is_out_terminal();
    Approver approver(parts.loop, session, std::chrono::milliseconds(is_watched ? 700 : 0));
    session.add_answerer();
    session.subscribe(approver);
    SendMessage message;
    message.content = model::demo_prompt();
    Result<std::string> sent = session.submit(std::move(message));
    bool has_ended = false;
    if (sent) {
        watch.expect(*sent);
        std::stop_token stop = co_await async::current_stop();
        async::Scope scope(stop);
        scope.spawn(cancel_at_signal(parts.loop, session));
        scope.spawn(approver.run());
        has_ended = co_await watch.until_ended();
        scope.request_stop();
        co_await scope.join();
    } else {
        parts.output.complain(sent.error().message);
    }
    session.unsubscribe(approver);
    session.remove_answerer();
    co_return has_ended;
}

async::Task<Result<std::string>> make_project(Parts& parts, const std::string& wanted) {
    Result<std::string> directory = scratch_directory(wanted);
    if (!directory) co_return directory;
    Result<void> written = write_project(*directory);
    if (!written) co_return written.error();
    co_await make_repository(parts.loop, *directory);
    co_return directory;
}

async::Task<int> watch_demo(Parts& parts, Session& session, const std::string& directory) {
    Watch::Options options;
    options.shows_progress = options.shows_answer = true;
    options.one_stream = true;
    options.approved = "approved by the demo's script";
    Watch watch(parts.loop, parts.output, options);
    watch.begin(session);
    bool has_ended = co_await converse(parts, session, watch);
    std::string id = session.state().id;
    std::string closing = id;
    co_await parts.sessions.close(std::move(closing));
    if (!has_ended || watch.report().exit_code() != exit_done) co_return watch.report().exit_code();
    std::vector<std::string> tests = {"sh", "tests/run.sh"};
    bool tests_pass = co_await succeeds(parts.loop, directory, std::move(tests));
    if (!tests_pass) {
        parts.output.complain("the demo is over, but the tests of its project fail");
        co_return exit_internal;
    }
    say_goodbye(parts.output, directory, id);
    co_return exit_done;
}

}  // namespace

async::Task<int> run_demo(Parts& parts, const Invocation& invocation) {
    Result<std::string> directory = co_await make_project(parts, invocation.directory);
    if (!directory) {
        parts.output.complain(directory.error().message);
        co_return exit_code(directory.error().code);
    }
    say_hello(parts.output, *directory);
    NewSession fresh;
    fresh.cwd = *directory;
    fresh.model = "demo";
    fresh.mode = "default";
    fresh.limits = parts.config().limits;
    Result<Session*> session = co_await parts.sessions.create(std::move(fresh));
    if (!session) {
        parts.output.complain(session.error().message);
        co_return exit_code(session.error().code);
    }
    co_return co_await watch_demo(parts, **session, *directory);
}

}  // namespace thole::cli
