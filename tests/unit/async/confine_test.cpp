// Programs that may only read, started as any other: real shells and interpreters that try to
// change something, in a folder that is the same afterwards.
#include <doctest/doctest.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "async/confine.hpp"
#include "async/confinement.hpp"
#include "async/descriptor.hpp"
#include "async/process.hpp"
#include "support/running.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"

using namespace thole::async;
using thole::Code;
using thole::Result;
using thole::test::is_running;
using thole::test::Scratch;
using thole::test::tree_of;
using Texts = std::vector<std::string>;

namespace {

struct Ran {
    Exit exit;
    std::string printed;
    Texts refused;
    int others = 0;
    std::string unconfined;
};

Task<void> run_to_end(Loop& loop, ProcessOptions options, Ran& ran) {
    OutputSink sink = [&ran](Stream, std::string_view text) { ran.printed += text; };
    options.on_refused = [&ran](const Refusal& refusal) {
        if (!refusal.what.empty()) ran.refused.push_back(refusal.what);
        ran.others += refusal.others;
    };
    Result<std::unique_ptr<Process>> process =
        Process::spawn(loop, std::move(options), std::move(sink));
    REQUIRE_MESSAGE(process, (process ? "" : process.error().message));
    ran.exit = co_await (*process)->wait();
    ran.unconfined = (*process)->unconfined();
}

Ran run(ProcessOptions options) {
    Ran ran;
    Loop loop;
    loop.run(run_to_end(loop, std::move(options), ran));
    return ran;
}

ProcessOptions reading(const std::string& script, const std::string& folder) {
    ProcessOptions options;
    options.argv = {"/bin/sh", "-c", script};
    options.cwd = folder;
    options.env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONDONTWRITEBYTECODE=1"};
    options.read_only = true;
    return options;
}

Task<void> prove(Confinement& confinement, std::string& name) {
    Result<std::string> proof = co_await confinement.proof();
    name = proof ? *proof : "not: " + proof.error().message;
}

std::string proved() {
    std::string name;
    Loop loop;
    loop.run(prove(loop.confinement(), name));
    return name;
}

bool has_program(const std::string& name) {
    static std::map<std::string, bool> known;
    if (auto found = known.find(name); found != known.end()) return found->second;
    ProcessOptions options;
    options.argv = {"/bin/sh", "-c", "command -v " + name};
    options.env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    return known[name] = run(std::move(options)).exit == Exit{};
}

// A workspace with what is to be attacked; $W is its path.
class Field {
public:
    Field() {
        scratch_.write("w/file", "text\n");
        scratch_.write("w/folder/inner", "inner\n");
        scratch_.write("outside", "outside\n");
        std::filesystem::create_symlink(scratch_ / "outside", scratch_ / "w/link");
        std::filesystem::create_hard_link(scratch_ / "outside", scratch_ / "w/hard");
        ::mkfifo((scratch_ / "w/fifo").c_str(), 0600);
        std::filesystem::create_symlink("/dev/null", scratch_ / "w/sink");
        for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch_.path())) {
            if (!entry.is_symlink()) ::chmod(entry.path().c_str(), S_IRWXU | S_IRWXG | S_IRWXO);
        }
        ::chmod(scratch_.path().c_str(), S_IRWXU | S_IRWXG | S_IRWXO);
    }
    std::string folder() const { return scratch_ / "w"; }
    Texts tree() const { return tree_of(scratch_.path()); }
    // "$W" in a text is the folder.
    std::string filled(std::string text) const {
        for (std::size_t at; (at = text.find("$W")) != std::string::npos;) {
            text.replace(at, 2, folder());
        }
        return text;
    }
    Ran attempt(const std::string& script) const { return run(reading(filled(script), folder())); }

private:
    Scratch scratch_;
};

struct Attempt {
    const char* script;
    const char* told;  // one of the refusals; "" when there need be none
    const char* program = "sh";
};

const std::vector<Attempt> attempts = {
    {"echo x > file", "open $W/file"},
    {"echo x >> file", "open $W/file"},
    {": > file", "open $W/file"},
    {"echo x > new", "open $W/new"},
    {"echo x >| ./folder/../file", "open $W/file"},
    {"cd folder && echo x > ../file", "open $W/file"},
    {"exec 3<> file", "open $W/file"},
    {"echo x > link", "open $W/link"},
    {"echo x > hard", "open $W/hard"},
    {"echo x > /proc/self/cwd/file", "open /proc/self/cwd/file"},
    {"echo x > /proc/self/root$W/file", "open /proc/self/root$W/file"},
    {"exec 3< file; echo x > /dev/fd/3", "open /dev/fd/3"},
    {"exec 3< file; echo x > /proc/self/fd/3", "open /proc/self/fd/3"},
    {"(cat <&- & true) > fifo", "open $W/fifo"},
    {"cat file | tee new >/dev/null", "open $W/new"},
    {"dd if=/dev/zero of=file bs=1 count=1 conv=notrunc", "open $W/file"},
    {"cp file new", "open $W/new"},
    {"cp --reflink=auto folder/inner file", "open $W/file"},
    {"mv file new", "rename $W/file"},
    {"rm file", "unlink $W/file"},
    {"rm -rf folder", "unlink $W/folder/inner"},
    {"rmdir folder", "rmdir $W/folder"},
    {"unlink hard", "unlink $W/hard"},
    {"ln file new", "link $W/new"},
    {"ln -s file new", "symlink $W/new"},
    {"ln -sf file link", ""},
    {"mkdir new", "mkdir $W/new"},
    {"mkdir -p new/deep", "mkdir $W/new"},
    {"mkfifo new", "mknod $W/new"},
    {"touch file", "open $W/file"},
    {"touch new", "open $W/new"},
    {"touch -h -d 2001-01-01 link", "utime $W/link"},
    {"truncate -s 0 file", "open $W/file"},
    {"chmod 600 file", "chmod $W/file"},
    {"chmod -R go-rwx .", "chmod $W"},
    {"chown 1:1 file", "chown $W/file"},
    {"chgrp 1 file", "chown $W/file"},
    {"install -m 600 file new", "open $W/new"},
    {"sed -i s/text/x/ file", ""},
    {"sort -o file file", "open $W/file"},
    {"find . -name inner -delete", "unlink $W/folder/inner"},
    {"find . -name inner -exec rm {} +", "unlink $W/folder/inner"},
    {"echo file | xargs rm", "unlink $W/file"},
    {"env -i /bin/rm file", "unlink $W/file"},
    {"sh -c 'sh -c \"rm file\"'", "unlink $W/file"},
    {"(rm file &) ; wait; sleep 0.1", "unlink $W/file"},
    {"setsid -w rm file", "unlink $W/file", "setsid"},
    {"nohup rm file", "unlink $W/file", "nohup"},
    {"cat > new <<EOF\nx\nEOF", "open $W/new"},
    {"awk 'BEGIN { print 1 > \"new\" }'", "open $W/new", "awk"},
    {"chattr +a file", "chattr $W/file", "chattr"},
    {"setfattr -n user.a -v b file", "setxattr $W/file", "setfattr"},
    {"perl -e 'unlink \"file\" or die'", "unlink $W/file", "perl"},
    {"perl -e 'open(F, \"+<\", \"file\") or die'", "open $W/file", "perl"},
    {"perl -MFcntl -e 'sysopen(F, \"file\", O_RDONLY|O_TRUNC) or die'", "open $W/file", "perl"},
    {"perl -MFcntl -e 'sysopen(F, \"new\", O_RDONLY|O_CREAT) or die'", "open $W/new", "perl"},
    {"perl -e 'truncate(\"file\", 0) or die'", "", "perl"},
    {"perl -e 'open(F, \"file\"); chmod(0600, *F) or die'", "chmod $W/file", "perl"},
    {"perl -e 'open(F, \"file\"); utime(1, 1, *F) or die'", "utime $W/file", "perl"},
    {"python3 -c 'open(\"file\", \"w\")'", "open $W/file", "python3"},
    {"python3 -c 'import os; os.fchown(os.open(\"file\", 0), 1, 1)'", "chown $W/file", "python3"},
    {"python3 -c 'import os; os.link(\"file\", \"new\")'", "link $W/new", "python3"},
    {"python3 -c 'import os; os.truncate(\"file\", 1)'", "truncate $W/file", "python3"},
    {"python3 -c 'import os; os.setxattr(\"file\", \"user.a\", b\"b\")'", "setxattr $W/file",
     "python3"},
    {"python3 -c 'import os; os.rename(\"file\", \"folder/inner\")'", "rename $W/file", "python3"},
    {"python3 -c 'import os; os.mknod(\"new\")'", "mknod $W/new", "python3"},
    {"python3 -c 'import shutil; shutil.rmtree(\"folder\")'", "unlink $W/folder/inner", "python3"},
    {"python3 -c 'import socket; socket.socket().connect((\"127.0.0.1\", 1))'", "socket inet",
     "python3"},
    {"python3 -c 'import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)'",
     "socket netlink", "python3"},
    {"python3 -c 'import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)'", "socket unix",
     "python3"},
    {"python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"new\")'", "bind $W/new",
     "python3"},
    {"python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"\\0x\")'", "connect @x",
     "python3"},
    {"mount -t tmpfs none folder", "", "mount"},
    {"unshare -r rm file", "unshare", "unshare"},
};

bool holds(const Texts& texts, const std::string& wanted) {
    return std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

// In a process of its own, that `change` makes another one. False: it could not be made.
template <class Change, class Body>
bool in_other_process(Change change, Body body) {
    constexpr int cannot = 77;
    pid_t pid = ::fork();
    if (pid == 0) ::_exit(change() ? (body() ? 0 : 1) : cannot);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == cannot) return false;
    CHECK(status == 0);
    return true;
}

// That the sandbox holds here, with an attempt of each kind.
bool stands_firm(const Field& field) {
    Texts before = field.tree();
    Ran ran = field.attempt("cat file; echo x > new; rm file; chmod 600 file; kill -9 " +
                            std::to_string(::getppid()));
    Texts told{"open $W/new", "unlink $W/file", "chmod $W/file"};
    for (std::string& each : told) each = field.filled(each);
    told.push_back("kill " + std::to_string(::getppid()));
    return ran.printed.starts_with("text\n") && ran.refused == told && field.tree() == before &&
           proved().starts_with("Landlock ABI ");
}

bool become_nobody() {
    constexpr uid_t nobody = 65534;
    return ::setgid(nobody) == 0 && ::setuid(nobody) == 0;
}

bool write_text(const char* path, const std::string& text) {
    std::ofstream file(path);
    return (file << text).flush().good();
}

bool enter_user_namespace() {
    std::string uid = std::to_string(::getuid()), gid = std::to_string(::getgid());
    return ::unshare(CLONE_NEWUSER) == 0 && write_text("/proc/self/setgroups", "deny") &&
           write_text("/proc/self/uid_map", "0 " + uid + " 1") &&
           write_text("/proc/self/gid_map", "0 " + gid + " 1");
}

}  // namespace

TEST_CASE("what a program that may only read attempts changes nothing, and is told") {
    Field field;
    Texts before = field.tree();
    for (const Attempt& attempt : attempts) {
        if (!has_program(attempt.program)) continue;
        CAPTURE(attempt.script);
        Ran ran = field.attempt(attempt.script);
        CAPTURE(ran.printed);
        CHECK(field.tree() == before);
        REQUIRE(!ran.refused.empty());
        if (*attempt.told != '\0') CHECK(holds(ran.refused, field.filled(attempt.told)));
    }
}

TEST_CASE("reading, programs, pipes and the bins work without a word") {
    Field field;
    struct Reading {
        const char* script;
        const char* printed;
        const char* program = "sh";
    };
    for (const Reading& one : std::vector<Reading>{
             {"cat file folder/inner", "text\ninner\n"},
             {"ls folder; ls -l file | cut -c1-10", "inner\n-rwxrwxrwx\n"},
             {"id -u >/dev/null; whoami >/dev/null; echo $?", "0\n"},
             {"grep -rc text . 2>/dev/null | grep -c :1", "1\n"},
             {"cat file | sort | wc -l", "1\n"},
             {"cat <<EOF\nhere\nEOF", "here\n"},
             {"echo a >/dev/null; echo b 2>/dev/null >&1", "b\n"},
             {"echo x > /dev/zero; echo x > sink; echo x 1>&2 2>/dev/null; echo $?", "x\n0\n"},
             {"(echo x > /dev/full) 2>/dev/null || echo full", "full\n"},
             {"echo a > /dev/stdout; echo b > /dev/fd/1; echo c > /proc/self/fd/1", "a\nb\nc\n"},
             {"find . -name inner -exec cat {} \\;", "inner\n"},
             {"(sleep 0.01; echo late) & wait", "late\n"},
             {"(sleep 100 & kill $!; wait $!; echo $?) 2>/dev/null", "143\n"},
             {"trap 'echo got; exit' USR1; kill -USR1 $$; sleep 1", "got\n"},
             {"timeout 0.01 sleep 5; echo $?", "124\n", "timeout"},
             {"cd folder; [ -w inner ] && cat inner", "inner\n"},
             {"[ -e /dev/tty ] && (: < file) && echo ok", "ok\n"},
             {"rm -f missing; rmdir missing 2>/dev/null; mkdir folder 2>/dev/null; echo $?", "1\n"},
             {"ulimit -c", "0\n"},
             {"python3 -c 'print(1)'", "1\n", "python3"},
             {"python3 -c 'import socket; a, b = socket.socketpair(); a.send(b\"x\"); "
              "print(b.recv(9))'",
              "b'x'\n", "python3"},
             {"python3 -c 'import os; f = os.memfd_create(\"a\"); os.ftruncate(f, 9); "
              "print(os.fstat(f).st_size); open(f\"/proc/self/fd/{f}\", \"w\")'",
              "9\n", "python3"},
             {"python3 -c 'import threading as t; x = t.Thread(target=lambda: print(2)); "
              "x.start(); x.join()'",
              "2\n", "python3"},
             {"python3 -c 'import subprocess as s; print(s.run([\"cat\", \"file\"], "
              "stdout=s.PIPE, stderr=s.DEVNULL).stdout)'",
              "b'text\\n'\n", "python3"},
             {"perl -e 'print 1 + 1'", "2", "perl"},
             {"flock -n file echo locked", "locked\n", "flock"},
         }) {
        if (!has_program(one.program)) continue;
        CAPTURE(one.script);
        Ran ran = field.attempt(one.script);
        CHECK(ran.refused == Texts{});
        CHECK(ran.printed == one.printed);
    }
}

TEST_CASE("a lookup of users is no attempt, and a socket that is not there is not refused") {
    if (!has_program("python3")) return;
    Field field;
    Ran ran = field.attempt(
        "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"missing\")' 2>&1 | "
        "tail -1");
    CHECK(ran.printed == "FileNotFoundError: [Errno 2] No such file or directory\n");
    CHECK(ran.refused == Texts{});
}

TEST_CASE("a service that listens on a unix socket is out of reach") {
    if (!has_program("python3")) return;
    Field field;
    Descriptor door(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string path = field.folder() + "/door";
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(door.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(door.fd(), 1) == 0);
    Ran ran = field.attempt(
        "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"door\")' 2>&1 | "
        "tail -1");
    CHECK(ran.printed == "PermissionError: [Errno 1] Operation not permitted\n");
    CHECK(ran.refused == Texts{"connect " + path});
}

TEST_CASE("signals reach what the program started and nobody else") {
    Field field;
    pid_t outsider = ::fork();
    if (outsider == 0) {
        ::pause();
        ::_exit(0);
    }
    // Of a group of its own, which has a leader whoever runs the tests.
    REQUIRE(::setpgid(outsider, outsider) == 0);
    std::string number = std::to_string(outsider);
    for (const std::string& script : Texts{"kill -9 " + number, "kill -9 -1", "kill -9 -" + number,
                                           "kill -9 $PPID", "kill -STOP " + number}) {
        CAPTURE(script);
        Ran ran = field.attempt(script);
        CHECK(ran.exit == Exit{1, 0});
        REQUIRE(ran.refused.size() == 1);
        CHECK(ran.refused[0].starts_with("kill "));
        CHECK(is_running(outsider));
    }
    CHECK(field.attempt("kill -0 " + number).refused == Texts{});
    CHECK(field.attempt("kill -9 999999999").refused == Texts{});
    ::kill(outsider, SIGKILL);
    ::waitpid(outsider, nullptr, 0);
}

TEST_CASE("the first twenty things are told by name, each once, and the others are counted") {
    Field field;
    Ran ran = field.attempt(
        "for i in $(seq 30); do echo x > new$i; echo x > new1; done 2>/dev/null; sh -c 'rm file'");
    CHECK(ran.refused.size() == 20);
    CHECK(ran.refused.front() == field.filled("open $W/new1"));
    CHECK(ran.refused.back() == field.filled("open $W/new20"));
    CHECK(ran.others == 11);
}

TEST_CASE("a program that dies in the middle of an attempt does no harm") {
    if (!has_program("timeout")) return;
    Field field;
    Texts before = field.tree();
    Ran ran = field.attempt(
        "for i in 1 2 3 4 5 6 7 8; do timeout -s KILL 0.0$i sh -c "
        "'while :; do echo x > file; done' 2>/dev/null; done; rm file; echo end");
    CHECK(ran.printed.ends_with("end\n"));
    CHECK(holds(ran.refused, field.filled("unlink $W/file")));
    CHECK(field.tree() == before);
}

TEST_CASE("what a program that may only read leaves behind may only read, too") {
    Field field;
    Texts before = field.tree();
    Ran ran;
    Loop loop;
    ProcessOptions options =
        reading("(sleep 0.05; rm file 2>&1; sleep 1000) & echo left", field.folder());
    loop.run(run_to_end(loop, std::move(options), ran));
    CHECK(ran.printed.starts_with("left\n"));
    CHECK(field.tree() == before);
}

TEST_CASE("a long path is told by its beginning") {
    Field field;
    std::string name(200, 'n');
    Ran ran = field.attempt("mkdir " + name + "; touch " + name + "/../" + name + "/" + name + "/" +
                            name);
    REQUIRE(!ran.refused.empty());
    CHECK(ran.refused[0] == field.filled("mkdir $W/" + name));
    for (const std::string& each : ran.refused) CHECK(each.size() < 400);
}

TEST_CASE("the sandbox is proved by trying, and has a name") {
    Result<int> abi = landlock_abi();
    REQUIRE(abi);
    CHECK(proved() == "Landlock ABI " + std::to_string(*abi) + " and seccomp");
}

TEST_CASE("the sandbox holds for an unprivileged user") {
    Field field;
    bool done = in_other_process(become_nobody, [&] { return stands_firm(field); });
    if (!done) CHECK(stands_firm(field));
}

TEST_CASE("the sandbox holds in a user namespace, of root and of nobody") {
    Field field;
    in_other_process(enter_user_namespace, [&] { return stands_firm(field); });
    in_other_process([] { return become_nobody() && enter_user_namespace(); },
                     [&] { return stands_firm(field); });
}
