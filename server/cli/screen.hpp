// The terminal of a chat: text that comes flows above, what is being typed stays below it. Owned by
// the chat, loop thread. Knows where the last line ended; knows no session. While a prompt stands
// only whole lines are written above it, so that nothing is written into the middle of the other.
#pragma once
#include <memory>
#include <string>

#include "cli/line_editor.hpp"
#include "cli/output.hpp"

namespace thole::cli {

class Screen {
public:
    Screen(async::Loop& loop, Output& output) : loop_(loop), output_(output) {}

    // `hooks` without draw, edited and list, which are the screen's own. Errors: as LineEditor.
    Result<void> open(LineEditor::Hooks hooks);
    // Takes the prompt away and gives the terminal back; what is printed later goes straight out.
    void close();

    void print(const std::string& text);
    // A line of ours, dim, at the start of a line.
    void note(const std::string& text);

    // `stands`: always there; else only while something is typed.
    void set_prompt(Prompt prompt, bool stands);

    LineEditor& editor() { return *editor_; }
    void suspend();  // stops this process until the shell goes on with it
    void resize();

private:
    void raise_prompt();
    void lower_prompt();
    void settle();
    void write(const std::string& text);
    void list(const std::vector<std::string>& candidates);

    async::Loop& loop_;
    Output& output_;
    std::unique_ptr<LineEditor> editor_;
    Prompt prompt_;
    bool stands_ = false;
    bool is_mid_line_ = false;
    std::string held_;  // an unfinished line that came while the prompt stood
};

// Whether the cursor is inside a line after `text`; `before`: whether it was until then. Sequences
// that only set colours do not count.
bool ends_mid_line(std::string_view text, bool before);

}  // namespace thole::cli
