#include "async/process.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "async/descriptor.hpp"
#include "async/signal.hpp"
#include "async/sleep.hpp"
#include "support/scratch.hpp"

using namespace thole::async;
using thole::Code;
using thole::Result;

namespace {

struct Ran {
    Exit exit;
    std::string out;
    std::string err;
};

ProcessOptions shell(std::string script) {
    ProcessOptions options;
    options.argv = {"sh", "-c", std::move(script)};
    return options;
}

OutputSink collect(Ran& ran) {
    return [&ran](Stream stream, std::string_view text) {
        (stream == Stream::out ? ran.out : ran.err) += text;
    };
}

std::unique_ptr<Process> start(Loop& loop, ProcessOptions options, Ran& ran) {
    Result<std::unique_ptr<Process>> process =
        Process::spawn(loop, std::move(options), collect(ran));
    REQUIRE_MESSAGE(process, (process ? "" : process.error().message));
    return std::move(*process);
}

Task<void> run_to_end(Loop& loop, ProcessOptions options, Ran& ran) {
    std::unique_ptr<Process> process = start(loop, std::move(options), ran);
    ran.exit = co_await process->wait();
    CHECK(process->has_exited());
}

Ran run(ProcessOptions options) {
    Ran ran;
    Loop loop;
    loop.run(run_to_end(loop, std::move(options), ran));
    return ran;
}

thole::Error spawn_error(ProcessOptions options) {
    Loop loop;
    auto process = Process::spawn(loop, std::move(options), [](Stream, std::string_view) {});
    REQUIRE_FALSE(process);
    return process.error();
}

// Numbers that the scripts below print: the processes that they started.
std::vector<pid_t> pids_in(const std::string& text) {
    std::istringstream words(text);
    std::vector<pid_t> pids;
    for (pid_t pid = 0; words >> pid;) pids.push_back(pid);
    return pids;
}

bool is_alive(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    std::size_t name_end = line.rfind(')');
    return name_end != std::string::npos && line[name_end + 2] != 'Z';
}

std::vector<bool> alive(const std::vector<pid_t>& pids) {
    std::vector<bool> states;
    for (pid_t pid : pids) states.push_back(is_alive(pid));
    return states;
}

// Runs `script` until it has printed `count` process numbers and a line "ready", then terminates.
struct Victim {
    Ran ran;
    std::vector<pid_t> pids;
};

Task<void> wait_for_ready(Process& process, Signal& printed, Ran& ran) {
    while (ran.out.find("ready\n") == std::string::npos) {
        co_await printed.wait();
    }
    CHECK_FALSE(process.has_exited());
}

Task<void> terminate_when_ready(Loop& loop, std::string script, Victim& victim) {
    Signal printed(loop);
    OutputSink sink = [&](Stream stream, std::string_view text) {
        (stream == Stream::out ? victim.ran.out : victim.ran.err) += text;
        printed.notify();
    };
    Result<std::unique_ptr<Process>> spawned = Process::spawn(loop, shell(script), sink);
    REQUIRE(spawned);
    std::unique_ptr<Process> process = std::move(*spawned);
    co_await wait_for_ready(*process, printed, victim.ran);
    process->terminate();
    victim.ran.exit = co_await process->wait();
    victim.pids = pids_in(victim.ran.out);
    victim.pids.push_back(process->pid());
}

Victim terminated(std::string script) {
    Victim victim;
    Loop loop;
    loop.run(terminate_when_ready(loop, std::move(script), victim));
    return victim;
}

Task<void> wait_for_exit(Process& process, Exit& exit) {
    exit = co_await process.wait();
}

Task<void> stop_while_waiting(Loop& loop, Ran& ran, pid_t& pid) {
    std::unique_ptr<Process> process = start(loop, shell("sleep 1000; echo late"), ran);
    pid = process->pid();
    Scope scope;
    scope.spawn(wait_for_exit(*process, ran.exit));
    scope.request_stop();
    co_await scope.join();
}

Task<void> destroy_running(Loop& loop, std::vector<pid_t>& pids) {
    Ran ran;
    Signal printed(loop);
    ProcessOptions options = shell("setsid sleep 1000 & echo $!; echo ready; sleep 1000");
    OutputSink sink = [&](Stream, std::string_view text) {
        ran.out += text;
        printed.notify();
    };
    Result<std::unique_ptr<Process>> process = Process::spawn(loop, std::move(options), sink);
    REQUIRE(process);
    co_await wait_for_ready(**process, printed, ran);
    pids = pids_in(ran.out);
    pids.push_back((*process)->pid());
    CHECK(alive(pids) == std::vector<bool>{true, true});
}

Task<void> leave_background(Loop& loop, Ran& ran, std::vector<bool>& states) {
    std::unique_ptr<Process> process = start(loop, shell("sleep 1000 & echo $!"), ran);
    ran.exit = co_await process->wait();
    std::vector<pid_t> background = pids_in(ran.out);
    states = alive(background);
    process->terminate();
    co_await process->wait();
    states.push_back(is_alive(background.at(0)));
}

// Output comes after the exit, while the loop is kept busy for longer than it lingers.
Task<void> be_late(Loop& loop, Ran& ran) {
    ProcessOptions options = shell("(sleep 0.05; echo last words; sleep 1000) & exit 2");
    std::unique_ptr<Process> process = start(loop, std::move(options), ran);
    while (!process->has_exited()) {
        co_await sleep_for(loop, std::chrono::milliseconds(0));
    }
    loop.post_from_thread([] {
        auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
        while (std::chrono::steady_clock::now() < end) continue;
    });
    ran.exit = co_await process->wait();
    process->terminate();
    co_await process->wait();
}

Task<void> talk(Loop& loop, Ran& ran) {
    ProcessOptions options = shell("read a; read b; echo \"$a+$b\"; cat");
    options.pipe_stdin = true;
    std::unique_ptr<Process> process = start(loop, std::move(options), ran);
    process->write_stdin("one\n");
    process->write_stdin("two\nrest");
    process->close_stdin();
    process->write_stdin("too late");
    ran.exit = co_await process->wait();
}

Task<void> talk_to_the_deaf(Loop& loop, Ran& ran) {
    ProcessOptions options = shell("exec 0</dev/null; echo closed; read x; exit 4");
    options.stdin_text = std::string(1U << 20U, 'x');
    std::unique_ptr<Process> process = start(loop, std::move(options), ran);
    ran.exit = co_await process->wait();
}

}  // namespace

TEST_CASE("a program gives its output, its errors and its code") {
    Ran ran = run(shell("echo out; echo err >&2; exit 3"));
    CHECK(ran.exit == Exit{3, 0});
    CHECK(ran.out == "out\n");
    CHECK(ran.err == "err\n");
}

TEST_CASE("a program that a signal ends says which") {
    CHECK(run(shell("kill -SEGV $$")).exit == Exit{0, SIGSEGV});
}

TEST_CASE("a program runs in its folder, with its environment and nothing else") {
    ProcessOptions options;
    options.argv = {"/bin/sh", "-c", "pwd; env | sed 's/=.*//' | sort | tr '\\n' ' '"};
    options.cwd = "/usr";
    options.env = {"PATH=/usr/bin:/bin", "COLOUR=blue"};
    CHECK(run(std::move(options)).out == "/usr\nCOLOUR PATH PWD ");
}

TEST_CASE("without an environment of its own a program has ours") {
    ::setenv("THOLE_TEST_WORD", "inherited", 1);
    CHECK(run(shell("echo $THOLE_TEST_WORD")).out == "inherited\n");
}

TEST_CASE("a program has none of our descriptors, and /dev/null as stdin") {
    Descriptor leaky(::open("/proc/self/exe", O_RDONLY));
    Ran ran = run(shell("echo /proc/self/fd/*; readlink /proc/self/fd/0"));
    CHECK(ran.out ==
          "/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n/dev/null\n");
}

TEST_CASE("a program can open its output by name") {
    Ran ran = run(shell("echo a > /proc/self/fd/1; echo b > /proc/self/fd/2"));
    CHECK(ran.out == "a\n");
    CHECK(ran.err == "b\n");
}

TEST_CASE("a program leads a session of its own") {
    Ran ran = run(shell("cut -d' ' -f5,6 /proc/$$/stat; echo $$"));
    std::vector<pid_t> pids = pids_in(ran.out);
    REQUIRE(pids.size() == 3);
    CHECK(pids[0] == pids[2]);
    CHECK(pids[1] == pids[2]);
}

TEST_CASE("SIGPIPE has its usual effect in a program even if we ignore it") {
    ::signal(SIGPIPE, SIG_IGN);
    CHECK(run(shell("kill -PIPE $$; echo survived")).exit == Exit{0, SIGPIPE});
}

TEST_CASE("text for stdin arrives whole, and then the end") {
    ::signal(SIGPIPE, SIG_IGN);
    ProcessOptions options = shell("cat");
    options.stdin_text = std::string(3'000'000, 'x') + "end";
    std::string expected = options.stdin_text;
    CHECK(run(std::move(options)).out == expected);
}

TEST_CASE("a program can be talked to while it runs") {
    Ran ran;
    Loop loop;
    loop.run(talk(loop, ran));
    CHECK(ran.out == "one+two\nrest");
}

TEST_CASE("a program that does not read its stdin does no harm") {
    ::signal(SIGPIPE, SIG_IGN);
    Ran ran;
    Loop loop;
    loop.run(talk_to_the_deaf(loop, ran));
    CHECK(ran.exit == Exit{4, 0});
    CHECK(ran.out == "closed\n");
}

TEST_CASE("much output arrives whole") {
    CHECK(run(shell("head -c 5000000 /dev/zero")).out.size() == 5'000'000);
}

TEST_CASE("what cannot be run says why") {
    ProcessOptions nothing;
    CHECK(spawn_error(nothing).code == Code::invalid_argument);
    ProcessOptions missing;
    missing.argv = {"no-such-program-anywhere"};
    CHECK(spawn_error(missing) ==
          thole::fail(Code::not_found, "cannot run 'no-such-program-anywhere': no such program"));
    ProcessOptions text;
    text.argv = {"/etc/passwd"};
    CHECK(spawn_error(text).code == Code::denied);
    ProcessOptions lost = shell("true");
    lost.cwd = "/no/such/folder";
    CHECK(spawn_error(lost) ==
          thole::fail(Code::not_found, "cannot run 'sh': there is no folder '/no/such/folder'"));
}

TEST_CASE("a file that no interpreter runs says so and exits with 127") {
    thole::test::Scratch scratch;
    scratch.write("script", "#!/no/such/interpreter\n");
    ::chmod((scratch / "script").c_str(), 0700);
    ProcessOptions options;
    options.argv = {"./script"};
    options.cwd = scratch.path();
    Ran ran = run(std::move(options));
    CHECK(ran.exit == Exit{127, 0});
    CHECK(ran.err == "cannot run './script': No such file or directory\n");
}

TEST_CASE("a program is looked for in the PATH that it is given, and in its folder") {
    thole::test::Scratch scratch;
    scratch.write("bin/tool", "echo \"found $0\"\n");
    scratch.write("bin/text", "");
    scratch.write("other/text/x", "");
    ::chmod((scratch / "bin/tool").c_str(), 0700);
    ProcessOptions options;
    options.argv = {"tool"};
    options.env = {"PATH=/no/such:bin:/bin"};
    options.cwd = scratch.path();
    CHECK(run(options).out == "found bin/tool\n");
    options.env = {"PATH="};
    CHECK(spawn_error(options).code == Code::not_found);
    options.cwd += "/bin";
    CHECK(run(options).out == "found ./tool\n");
    options.argv = {"text"};
    options.env = {"PATH=../other:/no/such:."};
    CHECK(spawn_error(options).code == Code::denied);
    options.argv = {"./tool/x"};
    CHECK(spawn_error(options).code == Code::not_found);
}

TEST_CASE("a background process does not hold up the wait, and can be ended after it") {
    Ran ran;
    std::vector<bool> states;
    Loop loop;
    loop.run(leave_background(loop, ran, states));
    CHECK(ran.exit == Exit{0, 0});
    CHECK(states == std::vector<bool>{true, false});
}

TEST_CASE("a loop that comes late still gets all output") {
    Ran ran;
    Loop loop;
    loop.run(be_late(loop, ran));
    CHECK(ran.out == "last words\n");
}

TEST_CASE("a stop while waiting ends the program and waits for it") {
    Ran ran;
    pid_t pid = 0;
    Loop loop;
    loop.run(stop_while_waiting(loop, ran, pid));
    CHECK(ran.exit == Exit{0, SIGTERM});
    CHECK(ran.out.empty());
    CHECK_FALSE(is_alive(pid));
}

TEST_CASE("terminate ends a program that ignores SIGTERM") {
    Victim victim = terminated("trap '' TERM; echo ready; while :; do sleep 0.01; done");
    CHECK(victim.ran.exit == Exit{0, SIGKILL});
    CHECK(alive(victim.pids) == std::vector<bool>{false});
}

TEST_CASE("terminate lets a program clean up") {
    Victim victim =
        terminated("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.01; done");
    CHECK(victim.ran.exit == Exit{7, 0});
    CHECK(victim.ran.out == "ready\nbye\n");
}

TEST_CASE("terminate ends what went into a session of its own") {
    Victim victim = terminated(
        "setsid nohup sleep 1000 >/dev/null 2>&1 & echo $!; sleep 0.05; echo ready; sleep 1000");
    CHECK(alive(victim.pids) == std::vector<bool>{false, false});
}

TEST_CASE("terminate ends what was forked twice and left parent, session and output behind") {
    Victim victim = terminated(
        "(setsid sh -c 'sleep 1000 >/dev/null 2>&1 & echo $!' &) ; sleep 0.05; echo ready; "
        "sleep 1000");
    CHECK(alive(victim.pids) == std::vector<bool>{false, false});
}

TEST_CASE("terminate ends a descendant without our mark by its chain of parents") {
    Victim victim = terminated("env -i setsid sleep 1000 & echo $!; sleep 0.05; echo ready; wait");
    CHECK(alive(victim.pids) == std::vector<bool>{false, false});
}

TEST_CASE("terminate ends stopped processes") {
    Victim victim = terminated(
        "sh -c 'trap \"\" TERM; kill -STOP $$' & echo $!; sleep 0.05; echo ready; kill -STOP $$");
    CHECK(alive(victim.pids) == std::vector<bool>{false, false});
}

TEST_CASE("destroying a running process ends it and what it started") {
    std::vector<pid_t> pids;
    Loop loop;
    loop.run(destroy_running(loop, pids));
    CHECK(alive(pids) == std::vector<bool>{false, false});
}
