#include "tools/shell_command.hpp"

#include <doctest/doctest.h>

using namespace thole;

TEST_CASE("a command is one argument of the shell, whatever is in it") {
    const async::ProcessOptions options =
        shell_command("echo \"$0\" 'x'; exit", "/tmp", {"A=1", "PAGER=less", "PAGERS=2", "B"});
    CHECK(options.argv.size() == 5);
    CHECK(options.argv.back() == "echo \"$0\" 'x'; exit");
    CHECK(options.cwd == "/tmp");
    CHECK(options.env == std::vector<std::string>{"A=1", "PAGERS=2", "B", "GIT_PAGER=cat",
                                                  "PAGER=cat", "TERM=dumb", "NO_COLOR=1"});
    CHECK_FALSE(options.pipe_stdin);
}

TEST_CASE("an end is said in words") {
    CHECK(exit_text({0, 0}) == "exit code 0");
    CHECK(exit_text({127, 0}) == "exit code 127");
    CHECK(exit_text({0, 11}) == "killed by signal 11 (Segmentation fault)");
}

TEST_CASE("how a command ended is read back from what the model was told") {
    using Exit = async::Exit;
    for (const Exit& exit : {Exit{0, 0}, Exit{127, 0}, Exit{0, 9}}) {
        CHECK(read_exit("output\n" + exit_line(exit)) == exit);
        CHECK(read_exit(exit_line(exit) + "\n[from a hook: well\ndone]") == exit);
    }
    for (const char* other : {"", "output", "[exit code x]", "[exit code 0]\n[cancelled]",
                              "[timed out after 5 ms and killed]", cancelled_line}) {
        CHECK_MESSAGE(!read_exit(other), other);
    }
}

TEST_CASE("signals go by several names") {
    for (const char* name : {"SIGTERM", "TERM", "15", "Terminated"}) CHECK(signal_of(name) == 15);
    for (const char* other : {"", "SIG", "SIGBOAT", "0", "999"}) CHECK(signal_of(other) == 0);
    CHECK(signal_name(9) == "SIGKILL");
    CHECK(signal_of(signal_name(6)) == 6);
}
