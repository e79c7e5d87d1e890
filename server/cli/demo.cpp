#include "cli/demo.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "async/channel.hpp"
#include "async/process.hpp"
#include "async/sleep.hpp"
#include "cli/demo_view.hpp"
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

// Answers in the user's place, where everybody can see it, and after a moment in which to read it.
class StandIn {
public:
    StandIn(async::Loop& loop, std::chrono::milliseconds pause)
        : loop_(loop), pause_(pause), asked_(loop) {}

    // agent_id "": the session itself; call_id "": its plan.
    void ask(const std::string& agent_id, const std::string& call_id) {
        asked_.push({agent_id, call_id});
    }

    // Until it is stopped.
    async::Task<void> run(DemoView& view) {
        bool goes_on = true;
        while (goes_on) {
            std::optional<Asked> asked = co_await asked_.receive();
            if (!asked) co_return;
            async::Wake wake = co_await async::sleep_for(loop_, pause_);
            goes_on = wake == async::Wake::done;
            answer(view, *asked);
        }
    }

private:
    struct Asked {
        std::string agent_id, call_id;
    };
    static void answer(DemoView& view, const Asked& asked) {
        Session* session = view.find(asked.agent_id);
        if (!session) return;
        bool is_plan = asked.call_id.empty();
        if (!is_plan) view.answer(asked.agent_id, "yes");
        Command command = Approve{asked.call_id};
        if (is_plan) command = review_in_words("yes");
        (void)session->submit(std::move(command));  // not_found: it was cancelled meanwhile
    }

    async::Loop& loop_;
    std::chrono::milliseconds pause_;
    async::Channel<Asked> asked_;
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
                  "  a project whose tests fail, and the agent that repairs it\n" +
                  look.paint(Ink::dim,
                             "Built-in model, no key, no network. Where you would answer, "
                             "this script does.\n" +
                                 directory) +
                  "\n\n");
}

void say_goodbye(Output& output, const std::string& directory) {
    const Look& look = output.out_look();
    std::string thole = program();
    auto hint = [&](const std::string& command, const char* what) {
        std::size_t gap = command.size() < 22 ? 22 - command.size() : 2;
        output.answer("  " + command + std::string(gap, ' ') + look.paint(Ink::dim, what) + "\n");
    };
    output.answer("\n" + look.paint(Ink::bold, "Look around") + "  cd " + directory + "\n");
    hint("git diff", "what was done; nothing is committed");
    hint(thole + " agents latest", "the sub-agents and what became of their work");
    hint(thole + " plan latest", "the plan that was approved");
    hint(thole + " logs latest", "everything again");
}

struct Cast {
    Watch& watch;
    DemoView& view;
    StandIn& stand_in;
};

async::Task<bool> converse(Parts& parts, Session& session, Cast cast) {
    // Planning comes first: until somebody approves the plan nothing can be changed.
    Result<std::string> planning = session.submit(SetMode{"plan"});
    SendMessage message;
    message.content = model::demo_prompt();
    Result<std::string> sent = session.submit(std::move(message));
    if (!planning || !sent) {
        parts.output.complain((planning ? sent : planning).error().message);
        co_return false;
    }
    cast.watch.expect(*sent);
    std::stop_token stop = co_await async::current_stop();
    async::Scope scope(stop);
    scope.spawn(cancel_at_signal(parts.loop, session));
    scope.spawn(cast.stand_in.run(cast.view));
    bool has_ended = co_await cast.watch.until_ended();
    scope.request_stop();
    co_await scope.join();
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

async::Task<bool> perform(Parts& parts, Session& session, Watch& watch) {
    bool is_watched = parts.output.is_out_terminal();
    StandIn stand_in(parts.loop, std::chrono::milliseconds(is_watched ? 300 : 0));
    auto asked = [&stand_in](const std::string& agent_id, const std::string& call_id) {
        stand_in.ask(agent_id, call_id);
    };
    DemoView view({parts.output, parts.sessions, session, asked});
    session.add_answerer();
    Cast cast{watch, view, stand_in};
    bool has_ended = co_await converse(parts, session, cast);
    co_await view.close();
    session.remove_answerer();
    co_return has_ended;
}

async::Task<int> watch_demo(Parts& parts, Session& session, const std::string& directory) {
    Watch watch(parts.loop, parts.output, {});
    watch.begin(session);
    bool has_ended = co_await perform(parts, session, watch);
    std::string closing = session.state().id;
    co_await parts.sessions.close(std::move(closing));
    // Where the kernel cannot hold a command to reading, the first run of the tests is refused.
    int code = watch.report().exit_code();
    bool is_over = has_ended && (code == exit_done || code == exit_unapproved);
    if (!is_over) co_return code;
    std::vector<std::string> tests = {"sh", "tests/run.sh"};
    bool tests_pass = co_await succeeds(parts.loop, directory, std::move(tests));
    if (!tests_pass) {
        parts.output.complain("the demo is over, but the tests of its project fail");
        co_return exit_internal;
    }
    say_goodbye(parts.output, directory);
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
    fresh.mode = "accept-edits";
    fresh.limits = parts.config().limits;
    Result<Session*> session = co_await parts.sessions.create(std::move(fresh));
    if (!session) {
        parts.output.complain(session.error().message);
        co_return exit_code(session.error().code);
    }
    co_return co_await watch_demo(parts, **session, *directory);
}

}  // namespace thole::cli
