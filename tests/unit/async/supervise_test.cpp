#include "async/supervise.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "async/descriptor.hpp"
#include "async/process.hpp"
#include "async/signal.hpp"
#include "support/scratch.hpp"

using namespace thole::async;
using thole::Result;

namespace {

// Says "ready" once its parent is the process $1, and stays.
constexpr char orphan[] = R"(
while read -r pid name state parent rest </proc/$$/stat; [ "$parent" != "$1" ]; do :; done
echo ready
exec sleep 1000
)";

// Each process starts the next and goes.
constexpr char runner[] = R"(
[ "$1" = 30 ] && echo ready
sh "$0" $(($1 + 1)) &
)";

// A fifo that every process of a script has open for writing: its end is the death of the last.
class Witness {
public:
    Witness() {
        REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
        end_.reset(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        scratch_.write("orphan.sh", orphan);
        scratch_.write("runner.sh", runner);
    }
    ProcessOptions watched(const std::string& script) const {
        ProcessOptions options;
        options.argv = {"sh", "-c", "exec 9>fifo; " + script};
        options.cwd = scratch_.path();
        return options;
    }
    bool are_all_dead() { return ends_within(0); }
    // Blocks until all are dead; false when that does not happen.
    bool see_all_dying() { return ends_within(20'000); }
    void wait_for_word() {
        pollfd word{end_.fd(), POLLIN, 0};
        ::poll(&word, 1, 20'000);
    }

private:
    bool ends_within(int milliseconds) {
        pollfd end{end_.fd(), POLLIN, 0};
        char words[512];
        while (::poll(&end, 1, milliseconds) > 0) {
            if (::read(end_.fd(), words, sizeof words) == 0) return true;
        }
        return false;
    }

    thole::test::Scratch scratch_;
    std::string path_ = scratch_ / "fifo";
    Descriptor end_;
};

// Each says "ready" when it is what it is about to be.
const std::vector<std::string> escapes = {
    "trap '' TERM HUP INT; echo ready; sleep 1000; sleep 1000",
    "setsid nohup sh -c 'echo ready; exec sleep 1000' & wait",
    "(sh -c '(sh orphan.sh \"$1\" &)' - $PPID &); sleep 1000",
    "(env -i setsid nohup sh -c '(sh orphan.sh \"$1\" &)' - $PPID &); sleep 1000",
    "trap '' TERM; (env -i setsid nohup sh -c '(sh orphan.sh \"$1\" &)' - $PPID &); sleep 1000",
    "trap '' TERM; sh -c 'echo ready; kill -STOP $$' & wait; wait",
    "(env -i setsid sh -c '(sh orphan.sh \"$1\" & kill -STOP $!)' - $PPID &); echo ready; kill "
    "-STOP $$",
    "kill -STOP $PPID; trap '' TERM; setsid sh -c 'echo ready; exec sleep 1000' & wait; wait",
    "kill -TERM $PPID; kill -INT $PPID; kill -HUP $PPID; setsid sh orphan.sh $$ & wait",
    "sh runner.sh 0 & sleep 1000",
    "trap '' TERM; setsid sh runner.sh 0 & exit",
    "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do setsid sleep 1000 & done; echo ready; wait",
};

struct Heard {
    explicit Heard(Loop& loop) : printed(loop) {}
    Signal printed;
    std::string text;
};

OutputSink into(Heard& heard) {
    return [&heard](Stream, std::string_view text) {
        heard.text += text;
        heard.printed.notify();
    };
}

Task<void> until_ready(Heard& heard) {
    while (heard.text.find("ready\n") == std::string::npos) {
        co_await heard.printed.wait();
    }
}

std::unique_ptr<Process> spawned(Loop& loop, ProcessOptions options, OutputSink sink) {
    Result<std::unique_ptr<Process>> process =
        Process::spawn(loop, std::move(options), std::move(sink));
    REQUIRE_MESSAGE(process, (process ? "" : process.error().message));
    return std::move(*process);
}

Task<void> terminate_when_ready(Loop& loop, ProcessOptions options) {
    Heard heard(loop);
    std::unique_ptr<Process> process = spawned(loop, std::move(options), into(heard));
    co_await until_ready(heard);
    process->terminate();
    co_await process->wait();
    CHECK_FALSE(process->leaves_processes());
}

Task<void> destroy_when_ready(Loop& loop, ProcessOptions options) {
    Heard heard(loop);
    std::unique_ptr<Process> process = spawned(loop, std::move(options), into(heard));
    co_await until_ready(heard);
}

Task<void> run_to_end(Loop& loop, ProcessOptions options, Exit& exit) {
    std::unique_ptr<Process> process =
        spawned(loop, std::move(options), [](Stream, std::string_view) {});
    exit = co_await process->wait();
    CHECK_FALSE(process->leaves_processes());
}

Task<void> leave_one_behind(Loop& loop, Witness& witness) {
    ProcessOptions options = witness.watched("setsid nohup sleep 1000 >/dev/null 2>&1 & exit 5");
    std::unique_ptr<Process> process =
        spawned(loop, std::move(options), [](Stream, std::string_view) {});
    Exit exit = co_await process->wait();
    CHECK(exit == Exit{5, 0});
    CHECK(process->leaves_processes());
    CHECK_FALSE(witness.are_all_dead());
}

Task<void> hold(Loop& loop, ProcessOptions options) {
    std::unique_ptr<Process> process =
        spawned(loop, std::move(options), [](Stream, std::string_view) {});
    co_await process->wait();
    Signal never(loop);
    co_await never.wait();
}

// In a process of its own, as thole would, until somebody kills it.
pid_t fork_holder(const ProcessOptions& options) {
    pid_t pid = ::fork();
    if (pid != 0) return pid;
    Loop loop;
    loop.run(hold(loop, options));
    ::_exit(0);
}

}  // namespace

TEST_CASE("terminate leaves nothing, whatever the program did to get away") {
    for (const std::string& script : escapes) {
        CAPTURE(script);
        Witness witness;
        Loop loop;
        loop.run(terminate_when_ready(loop, witness.watched(script)));
        CHECK(witness.are_all_dead());
    }
}

TEST_CASE("destroying a process leaves nothing, whatever the program did to get away") {
    for (const std::string& script : escapes) {
        CAPTURE(script);
        Witness witness;
        Loop loop;
        loop.run(destroy_when_ready(loop, witness.watched(script)));
        CHECK(witness.are_all_dead());
    }
}

TEST_CASE("killing the owner leaves nothing, whatever the program did to get away") {
    for (const std::string& script : escapes) {
        CAPTURE(script);
        Witness witness;
        pid_t owner = fork_holder(witness.watched("exec >&9; " + script));
        witness.wait_for_word();
        ::kill(owner, SIGKILL);
        ::waitpid(owner, nullptr, 0);
        CHECK(witness.see_all_dying());
    }
}

TEST_CASE("a program that kills its supervisor dies with all that it started") {
    for (const std::string script :
         {"setsid sleep 1000 & trap '' TERM; kill -KILL $PPID; sleep 1000; sleep 1000",
          "(env -i setsid nohup sh -c '(sh orphan.sh \"$1\" &)' - $PPID &); sleep 1000 & "
          "kill -KILL $PPID; wait",
          "setsid sh runner.sh 0 & kill -KILL $PPID; wait",
          "(setsid sh -c 'kill -KILL $1; exec sleep 1000' - $PPID &); exec sleep 1000"}) {
        CAPTURE(script);
        Witness witness;
        Loop loop;
        Exit exit;
        loop.run(run_to_end(loop, witness.watched(script), exit));
        CHECK(exit == Exit{0, SIGKILL});
        CHECK(witness.are_all_dead());
        CHECK(loop.children().empty());
    }
}

TEST_CASE("what a program leaves behind lives until its process is destroyed") {
    Witness witness;
    Loop loop;
    loop.run(leave_one_behind(loop, witness));
    CHECK(witness.are_all_dead());
    CHECK(loop.children().empty());
}

TEST_CASE("the word alone makes no supervisor") {
    std::vector<std::string> words = {"thole", supervise_word, "/bin/true", "true"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    supervise_if_asked(static_cast<int>(arguments.size()), arguments.data());
    CHECK(words == std::vector<std::string>{"thole", supervise_word, "/bin/true", "true"});
}
