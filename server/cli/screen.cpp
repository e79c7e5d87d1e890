#include "cli/screen.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace thole::cli {

bool ends_mid_line(std::string_view text, bool before) {
    bool is_mid_line = before;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 2) == "\x1b[") {
            i = std::min(text.find_first_of("mK", i), text.size());
            continue;
        }
        is_mid_line = text[i] != '\n';
    }
    return is_mid_line;
}

Result<void> Screen::open(LineEditor::Hooks hooks) {
    hooks.draw = [this](std::string bytes) { output_.answer(std::move(bytes)); };
    hooks.edited = [this] { settle(); };
    hooks.list = [this](const std::vector<std::string>& candidates) { list(candidates); };
    Result<std::unique_ptr<LineEditor>> opened =
        LineEditor::open(loop_, STDIN_FILENO, std::move(hooks));
    if (!opened) return opened.error();
    editor_ = std::move(*opened);
    return {};
}

void Screen::close() {
    if (!editor_) return;
    lower_prompt();
    if (is_mid_line_) write("\n");
    editor_.reset();
}

void Screen::write(const std::string& text) {
    if (text.empty()) return;
    is_mid_line_ = ends_mid_line(text, is_mid_line_);
    output_.answer(text);
}

void Screen::print(const std::string& text) {
    if (!editor_ || !editor_->is_shown()) return write(text);
    held_ += text;
    std::size_t end = held_.rfind('\n');
    if (end == std::string::npos) return;
    std::string lines = held_.substr(0, end + 1);
    held_.erase(0, end + 1);
    editor_->hide();
    write(lines);
    editor_->show(prompt_);
}

void Screen::note(const std::string& text) {
    bool is_mid_line = ends_mid_line(held_, is_mid_line_);
    print((is_mid_line ? "\n" : "") + output_.out_look().paint(Ink::dim, text) + "\n");
}

void Screen::set_prompt(Prompt prompt, bool stands) {
    bool is_same = prompt == prompt_ && stands == stands_;
    prompt_ = std::move(prompt);
    stands_ = stands;
    if (!is_same && editor_ && editor_->is_shown()) editor_->hide();
    settle();
}

void Screen::settle() {
    if (!editor_) return;
    bool wanted = stands_ || !editor_->text().empty();
    if (wanted == editor_->is_shown()) return;
    if (wanted) {
        raise_prompt();
    } else {
        lower_prompt();
    }
}

void Screen::raise_prompt() {
    if (is_mid_line_) write("\n");
    editor_->show(prompt_);
}

void Screen::lower_prompt() {
    editor_->hide();
    write(std::exchange(held_, {}));
}

void Screen::list(const std::vector<std::string>& candidates) {
    std::size_t widest = 0;
    for (const std::string& one : candidates) widest = std::max(widest, columns(one) + 2);
    std::size_t per_line = std::max<std::size_t>(output_.out_look().width / widest, 1);
    std::string text;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const std::string one = printable(candidates[i]);
        bool is_last = i + 1 == candidates.size() || (i + 1) % per_line == 0;
        text += one + (is_last ? "\n" : std::string(widest - columns(one), ' '));
    }
    print(text);
}

void Screen::suspend() {
    lower_prompt();
    editor_->release();
    (void)::kill(0, SIGSTOP);  // comes back here when the shell goes on with us
    editor_->take_back();
    settle();
}

void Screen::resize() {
    if (!editor_) return;
    bool was_shown = editor_->is_shown();
    if (was_shown) editor_->hide();
    editor_->resize();
    if (was_shown) editor_->show(prompt_);
}

}  // namespace thole::cli
