// Markdown that streams in, as lines of a terminal: bold, code and headings lose their marks and
// get an ink; words are wrapped, items of lists with a hanging indent. Fenced blocks stay as they
// are. For terminals only; pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace thole::cli {

class Markdown {
public:
    explicit Markdown(std::size_t width) : width_(width) {}

    // What can be shown after this piece; a mark or a word that may go on is kept.
    std::string take(std::string_view piece);
    // The rest, with all inks off. Starts anew.
    std::string finish();

private:
    void put(char c);
    void put_word();
    void end_run();
    void end_line();
    void ink(const char* code);

    std::size_t width_;
    std::string out_;
    std::string word_;  // with its inks
    std::string run_;   // of equal marks: * ` #
    std::size_t word_columns_ = 0, column_ = 0, indent_ = 0;
    std::size_t spaces_ = 0;  // before the word
    bool is_line_start_ = true, run_began_line_ = false, has_words_ = false;
    bool is_bold_ = false, is_code_ = false, is_heading_ = false, is_fence_ = false;
    bool skips_line_ = false;  // the rest of a line that opens or closes a fence
};

}  // namespace thole::cli
