#include "rpc/stdio.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace thole::rpc {

namespace {

constexpr int first_free_fd = 3;

Error failed(const char* what) {
    return fail(Code::io, std::string("cannot ") + what + ": " + std::strerror(errno));
}

}  // namespace

Result<StdioFds> take_stdio() {
    std::signal(SIGPIPE, SIG_IGN);
    StdioFds fds;
    fds.in = fcntl(0, F_DUPFD_CLOEXEC, first_free_fd);
    if (fds.in < 0) return failed("take standard input");
    fds.out = fcntl(1, F_DUPFD_CLOEXEC, first_free_fd);
    if (fds.out < 0) return failed("take standard output");
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return failed("open /dev/null");
    bool moved = dup2(null, 0) == 0;
    moved = (dup2(2, 1) == 1 || dup2(null, 1) == 1) && moved;
    close(null);
    if (!moved) return failed("replace standard input and output");
    return fds;
}

}  // namespace thole::rpc
