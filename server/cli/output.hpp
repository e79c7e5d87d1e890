// Where a command writes: answers and documents to standard output, progress and errors to standard
// error. One a command; loop thread. Nothing waits for a slow reader but drained(); a reader that
// is gone costs nothing.
#pragma once
#include <string>
#include <string_view>

#include "async/stream.hpp"
#include "cli/look.hpp"

namespace thole::cli {

class Output {
public:
    Output(async::Loop& loop, int out_fd, int error_fd);

    void answer(std::string text) { out_.write(std::move(text)); }
    void progress(std::string text) { error_.write(std::move(text)); }
    // "thole: …" on standard error.
    void complain(const std::string& message);

    bool is_out_terminal() const { return is_out_terminal_; }
    bool is_error_terminal() const { return is_error_terminal_; }
    const Look& out_look() const { return out_look_; }
    const Look& error_look() const { return error_look_; }
    bool is_closed() const { return out_.is_broken(); }

    async::Task<void> drained();

private:
    bool is_out_terminal_, is_error_terminal_;
    Look out_look_, error_look_;
    async::FdWriter out_, error_;
};

}  // namespace thole::cli
