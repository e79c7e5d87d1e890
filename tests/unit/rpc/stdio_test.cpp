#include "rpc/stdio.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

using namespace thole;

namespace {

// In a child whose fds 0, 1, 2 are pipes: what each of them carries after take_stdio.
int show(int in, int out, int err) {
    dup2(in, 0);
    dup2(out, 1);
    dup2(err, 2);
    Result<rpc::StdioFds> taken = rpc::take_stdio();
    if (!taken) return 1;
    std::array<char, 16> buffer{};
    bool null_input = read(0, buffer.data(), buffer.size()) == 0;
    bool real_input = read(taken->in, buffer.data(), buffer.size()) == 5;
    bool closes = (fcntl(taken->in, F_GETFD) & FD_CLOEXEC) != 0 &&
                  (fcntl(taken->out, F_GETFD) & FD_CLOEXEC) != 0;
    bool wrote = write(1, "stray", 5) == 5 && write(taken->out, "proto", 5) == 5;
    return null_input && real_input && closes && wrote ? 0 : 2;
}

std::string rest_of(int fd) {
    std::array<char, 64> buffer{};
    ssize_t got = read(fd, buffer.data(), buffer.size());
    return std::string(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
}

}  // namespace

TEST_CASE("taken standard streams carry the protocol and nothing else does") {
    int in[2], out[2], err[2];
    REQUIRE(pipe(in) == 0);
    REQUIRE(pipe(out) == 0);
    REQUIRE(pipe(err) == 0);
    REQUIRE(write(in[1], "input", 5) == 5);
    pid_t child = fork();
    if (child == 0) _exit(show(in[0], out[1], err[1]));
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(rest_of(out[0]) == "proto");
    CHECK(rest_of(err[0]) == "stray");
    for (int fd : {in[0], in[1], out[0], out[1], err[0], err[1]}) close(fd);
}
