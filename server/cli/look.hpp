// How text looks on a terminal: colours, width, and keeping what others wrote from steering it.
// Values and pure functions; knows no events.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thole::cli {

enum class Ink { plain, bold, dim, red, green, yellow, cyan };

struct Look {
    bool has_color = false;
    std::size_t width = 80;  // columns

    std::string paint(Ink ink, std::string_view text) const;
};

// That of a file descriptor: colour on a terminal unless NO_COLOR is set or TERM is dumb; its
// width, at least 40 and at most 100.
Look look_of(int fd);

// Without control characters but newline and tab (four spaces), so that a file or a model cannot
// steer the terminal.
std::string printable(std::string_view text);

// Columns that valid UTF-8 takes, counting each character as one.
std::size_t columns(std::string_view text);

// At most `width` columns, the last of them "…" when something was cut.
std::string fit(std::string_view text, std::size_t width);

// Broken at spaces into lines of at most `width` columns; longer words stay whole.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

// "0.4 s", "12 s", "3 min 5 s".
std::string duration_text(long long milliseconds);
// "950", "12.3k", "1.2M".
std::string count_text(long long number);

}  // namespace thole::cli
