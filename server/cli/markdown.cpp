#include "cli/markdown.hpp"

#include <algorithm>
#include <utility>

namespace thole::cli {
namespace {

bool begins_item(std::string_view word) {
    if (word == "-" || word == "*") return true;
    bool is_numbered = word.size() > 1 && word.back() == '.';
    return is_numbered &&
           std::all_of(word.begin(), word.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string Markdown::take(std::string_view piece) {
    for (char c : piece) {
        bool goes_on = !run_.empty() && run_[0] == c;
        if (!run_.empty() && !goes_on) end_run();
        bool is_emphasis = !is_fence_ && !is_code_ && (c == '*' || (c == '#' && is_line_start_));
        if (goes_on || c == '`' || is_emphasis) {
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
    put_word();
    if (is_bold_ || is_code_ || is_heading_ || is_fence_) out_ += "\x1b[0m";
    std::string rest = std::exchange(out_, {});
    *this = Markdown(width_);
    return rest;
}

void Markdown::put(char c) {
    if (c == '\n') return end_line();
    is_line_start_ = false;
    if (skips_line_) return;
    if (is_fence_) {
        out_ += c;
    } else if (c == ' ') {
        put_word();
        ++spaces_;
    } else {
        word_ += c;
        word_columns_ += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }
}

void Markdown::put_word() {
    if (word_.empty()) return;
    if (has_words_ && column_ + spaces_ + word_columns_ > width_) {
        out_ += "\n" + std::string(indent_, ' ');
        column_ = indent_;
    } else {
        out_ += std::string(spaces_, ' ');
        column_ += spaces_;
    }
    if (!has_words_) indent_ = column_ + (begins_item(word_) ? word_columns_ + 1 : 0);
    has_words_ = true;
    out_ += std::exchange(word_, {});
    column_ += std::exchange(word_columns_, 0);
    spaces_ = 0;
}

void Markdown::end_line() {
    if (is_heading_) ink("\x1b[22m");
    put_word();
    if (!std::exchange(skips_line_, false)) out_ += '\n';
    is_heading_ = false;
    is_line_start_ = true;
    has_words_ = false;
    column_ = indent_ = spaces_ = 0;
}

void Markdown::ink(const char* code) {
    (is_fence_ ? out_ : word_) += code;
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
        ink(is_code_ ? "\x1b[36m" : "\x1b[39m");
    } else if (run == "**") {
        is_bold_ = !is_bold_;
        ink(is_bold_ ? "\x1b[1m" : "\x1b[22m");
    } else {
        is_heading_ = run[0] == '#' && run.size() <= 6;
        if (is_heading_) ink("\x1b[1m");
        for (char mark : run) put(mark);
    }
}

}  // namespace thole::cli
