#include "cli/markdown.hpp"

#include <utility>

namespace thole::cli {

std::string Markdown::take(std::string_view piece) {
    for (char c : piece) {
        bool goes_on = !run_.empty() && run_[0] == c;
        if (!run_.empty() && !goes_on) end_run();
        bool is_mark =
            c == '`' || (!is_fence_ && !is_code_ && (c == '*' || (c == '#' && is_line_start_)));
        if (goes_on || is_mark) {
            if (run_.empty()) run_began_line_ = is_line_start_;
            run_ += c;
            is_line_start_ = false;
        } else {
            put(c);
        }
    }
    return std::exchange(out_, {});
}

std::string Markdown::finish() {
    end_run();
    if (is_bold_ || is_code_ || is_heading_ || is_fence_) out_ += "\x1b[0m";
    std::string rest = std::exchange(out_, {});
    *this = Markdown();
    return rest;
}

void Markdown::put(char c) {
    if (c == '\n') {
        begin_line();
        return;
    }
    is_line_start_ = false;
    if (!skips_line_) out_ += c;
}

void Markdown::begin_line() {
    if (is_heading_) out_ += "\x1b[22m";
    is_heading_ = false;
    is_line_start_ = true;
    if (!std::exchange(skips_line_, false)) out_ += '\n';
}

void Markdown::end_run() {
    std::string run = std::exchange(run_, {});
    if (run.empty()) return;
    if (run[0] == '`' && run.size() >= 3 && run_began_line_) {
        is_fence_ = !is_fence_;
        skips_line_ = true;
        out_ += is_fence_ ? "\x1b[36m" : "\x1b[39m";
    } else if (run == "`" && !is_fence_) {
        is_code_ = !is_code_;
        out_ += is_code_ ? "\x1b[36m" : "\x1b[39m";
    } else if (run == "**") {
        is_bold_ = !is_bold_;
        out_ += is_bold_ ? "\x1b[1m" : "\x1b[22m";
    } else if (run[0] == '#' && run.size() <= 6) {
        is_heading_ = true;
        out_ += "\x1b[1m" + run;
    } else if (!skips_line_) {
        out_ += run;
    }
}

}  // namespace thole::cli
