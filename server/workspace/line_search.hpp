// Searches one file's text for a pattern and makes the lines of an answer of it. One thread's.
#pragma once
#include <cstddef>
#include <stop_token>
#include <string_view>
#include <vector>

#include "workspace/pattern.hpp"
#include "workspace/search.hpp"

namespace thole {

class LineSearch {
public:
    LineSearch(const Pattern& pattern, const GrepQuery& query, std::stop_token stop);

    // Fills count and lines of `file` as the query wants them; nothing for binary text. False when
    // the matcher gave up before the end.
    bool run(std::string_view text, GrepFile& file);

private:
    struct Line {
        Span span;          // without its end
        std::size_t match;  // where in the line the match starts
    };
    bool find_by_line(std::string_view text);
    bool find_in_window(std::string_view text, Span window);
    bool find_across_lines(std::string_view text);
    bool is_enough() const { return lines_.size() >= most_lines_; }
    void add_lines(std::string_view text, GrepFile& file) const;

    Matcher matcher_;
    const GrepQuery& query_;
    std::stop_token stop_;
    std::size_t most_lines_;
    std::vector<Line> lines_;
};

}  // namespace thole
