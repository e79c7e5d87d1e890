// Markdown that streams in, in colours: bold, code and headings lose their marks and get an ink.
// Everything else stays as it is written. For terminals only; pure.
#pragma once
#include <string>
#include <string_view>

namespace thole::cli {

class Markdown {
public:
    // What can be shown after this piece; a mark that may go on is kept.
    std::string take(std::string_view piece);
    // The rest, with all inks off.
    std::string finish();

private:
    void put(char c);
    void end_run();
    void begin_line();

    std::string out_;
    std::string run_;  // of equal marks: * ` #
    bool is_line_start_ = true;
    bool run_began_line_ = false;
    bool is_bold_ = false, is_code_ = false, is_heading_ = false, is_fence_ = false;
    bool skips_line_ = false;  // the rest of a line that opens or closes a fence
};

}  // namespace thole::cli
