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
