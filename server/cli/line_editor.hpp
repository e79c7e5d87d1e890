// Editing a line (or several) at the bottom of a terminal, by libedit, without ever waiting for a
// key: bytes are taken when the loop says that there are some. Owns the terminal's raw mode for as
// long as it lives. What it draws it gives to its owner, who also writes the rest of the screen: so
// everything comes in order. Loop thread. Knows no session.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/loop.hpp"
#include "base/result.hpp"
#include "cli/look.hpp"

namespace thole::cli {

// What could stand in place of the last word before the cursor.
struct Completion {
    std::size_t replaces = 0;  // bytes before the cursor
    std::vector<std::string> candidates;
};

struct Prompt {
    std::string heading;  // whole lines, none wider than the terminal
    std::string mark;     // before the text; what takes no room (colours) stands between \1 and \1
    bool operator==(const Prompt&) const = default;
};

class LineEditor {
public:
    struct Hooks {
        std::function<void(std::string)> draw;     // bytes for the terminal
        std::function<void(std::string)> entered;  // a whole text
        std::function<void()> ended;               // Ctrl+D on an empty line, or no more input
        std::function<void()> edited;              // keys have changed the text
        std::function<Completion(std::string_view before)> complete;
        std::function<void(const std::vector<std::string>&)> list;  // candidates to choose from
    };
    // `input_fd` is a terminal. Errors: io.
    static Result<std::unique_ptr<LineEditor>> open(async::Loop& loop, int input_fd, Hooks hooks);
    ~LineEditor();  // gives the terminal back as it was
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    // Draws heading, prompt and text at the cursor, which stands at the start of an empty line.
    void show(const Prompt& prompt);
    void hide();  // takes them from the screen and puts the cursor where they began
    bool is_shown() const;

    std::string text() const;
    void set_text(const std::string& text);  // while hidden
    void add_history(const std::string& text);

    // Gives the terminal to others (the shell, when we are stopped), and takes it again.
    void release();
    void take_back();
    void resize();

private:
    struct Impl;
    explicit LineEditor(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Rows below its first that a cursor is on after `text`, written from the start of a row on a
// terminal of so many columns.
std::size_t rows_below(std::wstring_view text, std::size_t columns);

}  // namespace thole::cli
