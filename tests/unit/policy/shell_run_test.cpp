// The parser against bash itself: commands that were allowed are run in a workspace whose only
// programs are stand-ins that write down their names, and nothing may be written that no rule
// names.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>

#include "base/text.hpp"
#include "policy/decide.hpp"

using namespace thole;
namespace fs = std::filesystem;

namespace {

const RuleTexts rule_texts = {
    {"bash(one:*)", "bash(two fixed)", "bash(env:*)", "bash(find:*)", "bash(git look:*)",
     "edit(out/**)"},
    {},
    {"bash(two denied:*)"},
};

class StandIns {
public:
    StandIns() {
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        char name[] = "/tmp/thole-standins-XXXXXX";
        top_ = mkdtemp(name);
        for (const char* directory : {"bin", "work/out", "work/sub"}) {
            fs::create_directories(top_ / directory);
        }
        for (const char* program : {"one", "two", "other", "git"}) write_program(program);
        for (const char* program : {"env", "xargs", "sh", "bash", "nice", "timeout", "find"}) {
            fs::create_symlink(where_is(program), top_ / "bin" / program);
        }
    }
    ~StandIns() { fs::remove_all(top_); }

    fs::path workspace() const { return top_ / "work"; }

    // What the programs wrote, each its words: "one a b".
    std::set<std::string> run(const std::string& command) {
        fs::path log = top_ / "log";
        fs::remove(log);
        pid_t child = fork();
        if (child == 0) start(command);
        // Background processes, too: they become ours when bash ends.
        while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
        }
        std::set<std::string> lines;
        std::ifstream in(log);
        for (std::string line; std::getline(in, line, '\0');) lines.insert(line);
        return lines;
    }

private:
    static fs::path where_is(const std::string& program) {
        fs::path usual = "/usr/bin/" + program;
        return fs::exists(usual) ? usual : fs::path("/bin/" + program);
    }

    // Another path than PATH's finds the log through the stand-in's own place.
    void write_program(const std::string& program) {
        fs::path path = top_ / "bin" / program;
        std::ofstream(path) << "#!/bin/sh\nprintf '%s\\000' '" << program << " '\"$*\" >> '"
                            << (top_ / "log").string() << "'\n";
        fs::permissions(path, fs::perms::owner_all);
    }

    [[noreturn]] void start(const std::string& command) const {
        setenv("PATH", (top_ / "bin").c_str(), 1);
        fs::current_path(workspace());
        int nothing = open("/dev/null", O_RDWR);
        for (int fd : {0, 1, 2}) dup2(nothing, fd);
        alarm(5);
        execl("/bin/bash", "bash", "--norc", "-c", command.c_str(), nullptr);
        _exit(127);
    }

    fs::path top_;
};

bool is_named_by_a_rule(const std::string& line) {
    return line.starts_with("one ") || line == "two fixed" || line.starts_with("git look");
}

std::string random_command(std::mt19937& random) {
    constexpr std::array pieces = {
        "one",     "two fixed", "two denied",  "other",      "one x",     "git look", "git other",
        ";",       "&&",        "||",          "|",          "&",         "\n",       "$(",
        ")",       "(",         "`",           "\"",         "'",         "\\",       " ",
        " ",       " ",         "<<E\n",       "<<'E'\n",    "\nE\n",     "#",        "{ ",
        "; }",     "<(",        ">out/f",      "2>&1",       "&>out/g",   "x=1",      "${x",
        "${x:-",   "}",         "$((1+1))",    "$x",         "*",         "if",       "then",
        "fi",      "for x in",  "do",          "done",       "case x in", "x)",       ";;",
        "esac",    "sh -c ",    "eval ",       "env ",       "xargs ",    "find . ",  "-exec ",
        "nice ",   "command ",  "timeout 5 ",  "cd sub",     "!",         "=",        "$'",
        "\t",      "<<<",       "{one,other}", "function f", "[[",        "]]",       "~",
        "-C sub ", "\\\n",      "\\;",         "+",          "-c",        "--",       "1>",
        "exec ",   "time ",     "> ",          "<",          "$",         "\"$(",     ")\""};
    std::string command;
    std::size_t length = 1 + random() % 9;
    for (std::size_t i = 0; i < length; ++i) {
        command += pieces[random() % pieces.size()];
        if (random() % 2) command += ' ';
    }
    return command;
}

}  // namespace

TEST_CASE("bash runs nothing but what the rules name when random commands are allowed") {
    StandIns stand_ins;
    Roots roots = Roots::open({stand_ins.workspace()}).value();
    Rules configured = parse_rules(rule_texts).value(), granted;
    const char* seed = std::getenv("THOLE_TEST_SEED");
    const char* count = std::getenv("THOLE_TEST_COUNT");
    std::mt19937 random(seed ? static_cast<unsigned>(std::atoi(seed)) : 1);
    int rounds = count ? std::atoi(count) : 20'000;
    int ran = 0;
    for (int i = 0; i < rounds; ++i) {
        std::string command = random_command(random);
        Call call{"bash", Effect::execute, command, {}, ""};
        Decision decision = decide(call, {Mode::default_, configured, granted, roots, true});
        if (decision.verdict != Verdict::allow) continue;
        CAPTURE(command);
        for (const std::string& line : stand_ins.run(command)) {
            CAPTURE(line);
            CHECK(is_named_by_a_rule(line));
        }
        ++ran;
    }
    CHECK(ran > rounds / 200);
}
