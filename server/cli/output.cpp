#include "cli/output.hpp"

#include <unistd.h>

namespace thole::cli {

Output::Output(async::Loop& loop, int out_fd, int error_fd)
    : is_out_terminal_(isatty(out_fd) == 1),
      is_error_terminal_(isatty(error_fd) == 1),
      out_look_(look_of(out_fd)),
      error_look_(look_of(error_fd)),
      out_(loop, out_fd),
      error_(loop, error_fd) {}

void Output::complain(const std::string& message) {
    progress("thole: " + printable(message) + "\n");
}

async::Task<void> Output::drained() {
    co_await out_.drained();
    co_await error_.drained();
}

}  // namespace thole::cli
