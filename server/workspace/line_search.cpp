#include "workspace/line_search.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "base/text.hpp"
#include "workspace/files.hpp"

namespace thole {

namespace {

constexpr std::size_t window_bytes = 256 << 10;  // between two looks at the stop token
constexpr std::size_t most_line_bytes = 500;

std::size_t line_begin(std::string_view text, std::size_t at) {
    if (at == 0) return 0;
    std::size_t end = text.rfind('\n', at - 1);
    return end == text.npos ? 0 : end + 1;
}

std::size_t line_end(std::string_view text, std::size_t at) {
    std::size_t end = text.find('\n', at);
    return end == text.npos ? text.size() : end;
}

std::size_t newlines(std::string_view text, std::size_t from, std::size_t to) {
    return static_cast<std::size_t>(std::count(text.begin() + from, text.begin() + to, '\n'));
}

// Long lines are shown from a little before the match on.
std::string shown(std::string_view line, std::size_t match) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() <= most_line_bytes) return to_valid_utf8(line);
    constexpr std::size_t lead = 100, ellipses = 6;
    std::size_t from = match > 2 * lead ? match - lead : 0;
    std::string_view rest = clip_utf8_front(line, line.size() - std::min(from, line.size()));
    std::string_view part = clip_utf8(rest, most_line_bytes - ellipses);
    std::string out = from > 0 ? "…" : "";
    out += to_valid_utf8(part);
    return part.size() < rest.size() ? out + "…" : out;
}

// Gives the lines of a file in rising order, each once, matches and context.
class Output {
public:
    Output(std::string_view text, GrepFile& file) : text_(text), file_(file) {}

    void context_before(Span line, std::size_t count) {
        std::vector<Span> above;
        std::size_t begin = line.begin;
        while (above.size() < count && begin > next_) {
            std::size_t previous = line_begin(text_, begin - 1);
            above.push_back({previous, begin - 1});
            begin = previous;
        }
        for (auto at = above.rbegin(); at != above.rend(); ++at) add(*at, 0, false);
    }
    void matched(Span line, std::size_t match) { add(line, match, true); }
    // Up to the next match, which is at `limit`.
    void context_after(std::size_t count, std::size_t limit) {
        for (std::size_t i = 0; i < count && next_ < limit && next_ < text_.size(); ++i) {
            add({next_, line_end(text_, next_)}, 0, false);
        }
    }

private:
    void add(Span line, std::size_t match, bool is_match) {
        number_ += newlines(text_, counted_, line.begin);
        counted_ = line.begin;
        std::string_view line_text = text_.substr(line.begin, line.end - line.begin);
        file_.lines.push_back({number_, shown(line_text, match), is_match});
        next_ = line.end + 1;
    }

    std::string_view text_;
    GrepFile& file_;
    std::size_t number_ = 1, counted_ = 0;
    std::size_t next_ = 0;  // where the first line begins that is not out yet
};

}  // namespace

LineSearch::LineSearch(const Pattern& pattern, const GrepQuery& query, std::stop_token stop)
    : matcher_(pattern), query_(query), stop_(std::move(stop)) {
    most_lines_ = std::numeric_limits<std::size_t>::max();
    if (query.mode == GrepMode::files) most_lines_ = 1;
    // One more shows that there is more.
    if (query.mode == GrepMode::lines) most_lines_ = std::max<std::size_t>(query.head_limit, 1) + 1;
}

bool LineSearch::run(std::string_view text, GrepFile& file) {
    lines_.clear();
    bool complete = query_.multiline ? find_across_lines(text) : find_by_line(text);
    if (lines_.empty() || looks_binary(text)) return complete;
    file.count = lines_.size();
    if (query_.mode == GrepMode::lines) add_lines(text, file);
    return complete;
}

bool LineSearch::find_by_line(std::string_view text) {
    std::size_t begin = 0;
    while (begin < text.size() && !is_enough() && !stop_.stop_requested()) {
        std::size_t end = text.size();
        if (end - begin > window_bytes) end = line_end(text, begin + window_bytes);
        if (!find_in_window(text, {begin, end})) return false;
        begin = end == text.size() ? end : end + 1;
    }
    return true;
}

// A match that runs over the end of its line is tried again within that line alone.
bool LineSearch::find_in_window(std::string_view text, Span window) {
    std::string_view subject = text.substr(window.begin, window.end - window.begin);
    std::size_t at = 0;
    while (at < subject.size() && !is_enough()) {
        std::optional<Span> found = matcher_.find(subject, at);
        if (!found) return !matcher_.gave_up();
        if (found->begin == subject.size() && subject.ends_with('\n')) return true;
        Span line{line_begin(subject, found->begin), line_end(subject, found->begin)};
        std::size_t match = found->begin - line.begin;
        if (found->end > line.end) {
            std::optional<Span> alone =
                matcher_.find(subject.substr(line.begin, line.end - line.begin));
            if (!alone && matcher_.gave_up()) return false;
            found = alone;
            if (alone) match = alone->begin;
        }
        if (found) {
            lines_.push_back({{window.begin + line.begin, window.begin + line.end}, match});
        }
        at = line.end + 1;
    }
    return true;
}

bool LineSearch::find_across_lines(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && !is_enough() && !stop_.stop_requested()) {
        std::optional<Span> found = matcher_.find(text, at);
        if (!found) return !matcher_.gave_up();
        if (found->begin == text.size() && text.ends_with('\n')) return true;
        std::size_t last = std::max(found->begin, found->end - (found->end > found->begin));
        std::size_t begin = line_begin(text, found->begin);
        std::size_t match = found->begin - begin;
        while (begin <= last && !is_enough()) {
            Span line{begin, line_end(text, begin)};
            lines_.push_back({line, match});
            match = 0;
            begin = line.end + 1;
        }
        at = std::max(begin, at + 1);
    }
    return true;
}

void LineSearch::add_lines(std::string_view text, GrepFile& file) const {
    Output output(text, file);
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        output.context_before(lines_[i].span, query_.context_before);
        output.matched(lines_[i].span, lines_[i].match);
        std::size_t limit = i + 1 < lines_.size() ? lines_[i + 1].span.begin : text.size();
        output.context_after(query_.context_after, limit);
    }
}

}  // namespace thole
