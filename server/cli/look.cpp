#include "cli/look.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/text.hpp"

namespace thole::cli {
namespace {

const char* code_of(Ink ink) {
    switch (ink) {
        case Ink::plain:
            return "";
        case Ink::bold:
            return "1";
        case Ink::dim:
            return "2";
        case Ink::red:
            return "31";
        case Ink::green:
            return "32";
        case Ink::yellow:
            return "33";
        case Ink::cyan:
            return "36";
    }
    return "";
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string with_one_decimal(double number, const char* unit) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f%s", number, unit);
    return text;
}

}  // namespace

std::string Look::paint(Ink ink, std::string_view text) const {
    if (!has_color || ink == Ink::plain || text.empty()) return std::string(text);
    return "\x1b[" + std::string(code_of(ink)) + "m" + std::string(text) + "\x1b[0m";
}

Look look_of(int fd) {
    Look look;
    if (!isatty(fd)) return look;
    look.has_color = variable("NO_COLOR").empty() && variable("TERM") != "dumb";
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        look.width = std::clamp<std::size_t>(size.ws_col, 40, 100);
    }
    return look;
}

std::string printable(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        std::size_t length = utf8_sequence_length(text.substr(i));
        auto byte = static_cast<unsigned char>(text[i]);
        bool is_c1 = length == 2 && byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if (text[i] == '\t') {
            clean += "    ";
        } else if (length > 0 && !is_c1 && (byte >= 0x20 || byte == '\n') && byte != 0x7f) {
            clean += text.substr(i, length);
        }
        i += std::max<std::size_t>(length, 1);
    }
    return clean;
}

std::size_t columns(std::string_view text) {
    auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string fit(std::string_view text, std::size_t width) {
    if (columns(text) <= width) return std::string(text);
    std::size_t end = 0;
    for (std::size_t seen = 1; seen < width && end < text.size(); ++seen) {
        end += std::max<std::size_t>(utf8_sequence_length(text.substr(end)), 1);
    }
    return std::string(text.substr(0, end)) + "…";
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    std::string line;
    std::size_t begin = 0;
    while (begin < text.size()) {
        std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
        std::string_view word = text.substr(begin, end - begin);
        bool fits = line.empty() || columns(line) + 1 + columns(word) <= width;
        if (!fits) lines.push_back(std::exchange(line, {}));
        if (!line.empty() && !word.empty()) line += ' ';
        line += word;
        if (end < text.size() && text[end] == '\n') lines.push_back(std::exchange(line, {}));
        begin = end + 1;
    }
    if (!line.empty() || lines.empty()) lines.push_back(line);
    return lines;
}

std::string duration_text(long long milliseconds) {
    if (milliseconds < 10'000)
        return with_one_decimal(static_cast<double>(milliseconds) / 1e3, " s");
    long long seconds = milliseconds / 1000;
    if (seconds < 60) return std::to_string(seconds) + " s";
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
}

std::string count_text(long long number) {
    if (number < 1000) return std::to_string(number);
    if (number < 1'000'000) return with_one_decimal(static_cast<double>(number) / 1e3, "k");
    return with_one_decimal(static_cast<double>(number) / 1e6, "M");
}

}  // namespace thole::cli
