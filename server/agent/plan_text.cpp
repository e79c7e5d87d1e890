#include "agent/plan_text.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "workspace/wildcard.hpp"

namespace thole {
namespace {

constexpr std::size_t longest_step = 1000;

// Lines with their ends, so that joined they are the text again.
std::vector<std::string_view> whole_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        std::size_t end = text.find('\n');
        std::size_t length = end == std::string_view::npos ? text.size() : end + 1;
        lines.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return lines;
}

std::size_t indent_of(std::string_view line) {
    std::size_t columns = 0;
    for (char c : line) {
        if (c != ' ' && c != '\t') break;
        columns += c == '\t' ? 4 : 1;
    }
    return columns;
}

// Follows ``` and ~~~ through the lines.
class Fence {
public:
    // Whether the line belongs to a code block.
    bool takes(std::string_view line) {
        std::string_view bare = trim(line);
        bool is_mark = bare.starts_with("```") || bare.starts_with("~~~");
        if (!is_mark) return is_open_;
        bool closes = is_open_ && bare[0] == mark_ && bare.find_first_not_of(mark_) == bare.npos;
        if (is_open_ && !closes) return true;
        is_open_ = !is_open_;
        mark_ = bare[0];
        return true;
    }

private:
    bool is_open_ = false;
    char mark_ = '`';
};

// 1 to 6; 0: no heading.
std::size_t heading_level(std::string_view line) {
    if (indent_of(line) > 3) return 0;
    std::string_view bare = trim(line);
    std::size_t level = std::min(bare.find_first_not_of('#'), bare.size());
    bool is_heading = level >= 1 && level <= 6 && (bare.size() == level || bare[level] == ' ');
    return is_heading ? level : 0;
}

struct Item {
    enum class Kind { none, box, number };
    Kind kind = Kind::none;
    std::size_t indent = 0;
    PlanStep step;
};

// "[ ] text" or "[x] text"; false: it is neither.
bool read_box(std::string_view text, Item& item) {
    bool is_box = text.size() >= 3 && text[0] == '[' && text[2] == ']' &&
                  (text[1] == ' ' || text[1] == 'x' || text[1] == 'X');
    if (!is_box) return false;
    item.kind = Item::Kind::box;
    item.step.is_done = text[1] != ' ';
    item.step.text = one_line(trim(text.substr(3)), longest_step);
    return true;
}

Item read_item(std::string_view line) {
    Item item;
    item.indent = indent_of(line);
    std::string_view bare = trim(line);
    if (bare.size() < 3) return item;
    std::size_t digits = std::min(bare.find_first_not_of("0123456789"), bare.size());
    bool is_number = digits >= 1 && digits <= 9 && digits + 1 < bare.size() &&
                     (bare[digits] == '.' || bare[digits] == ')') && bare[digits + 1] == ' ';
    bool is_bullet = (bare[0] == '-' || bare[0] == '*' || bare[0] == '+') && bare[1] == ' ';
    if (!is_number && !is_bullet) return item;
    std::string_view text = trim(bare.substr(is_number ? digits + 1 : 1));
    if (read_box(text, item) || !is_number || item.indent > 1) return item;
    item.kind = Item::Kind::number;
    item.step.text = one_line(text, longest_step);
    return item;
}

struct Section {
    std::string heading;  // "" before the first one
    std::size_t level = 0;
    std::int64_t first_line = 1, last_line = 0;
    std::string text;
};

std::vector<Section> sections_of(std::string_view plan) {
    std::vector<Section> sections(1);
    Fence fence;
    std::int64_t number = 0;
    for (std::string_view line : whole_lines(plan)) {
        ++number;
        std::size_t level = fence.takes(line) ? 0 : heading_level(line);
        if (level > 0) {
            sections.push_back({one_line(trim(line), 400), level, number, number, {}});
        }
        sections.back().last_line = number;
        sections.back().text += line;
    }
    return sections;
}

bool is_about(const PlanComment& comment, const Section& section) {
    return comment.start_line <= section.last_line && comment.end_line >= section.first_line;
}

// For each section of the plan, whether the user spoke about it.
std::vector<bool> spoken_about(const std::vector<Section>& sections, const PlanReviewed& review) {
    std::vector<bool> spoken(sections.size());
    for (const PlanComment& comment : review.comments) {
        std::size_t below = 0;  // level of a heading that was commented on
        for (std::size_t i = 0; i < sections.size(); ++i) {
            const Section& section = sections[i];
            if (below > 0 && section.level <= below) below = 0;
            bool hits = is_about(comment, section);
            bool hits_heading = hits && section.level > 0 &&
                                comment.start_line <= section.first_line &&
                                comment.end_line >= section.first_line;
            if (hits_heading && below == 0) below = section.level;
            if (hits || below > 0) spoken[i] = true;
        }
    }
    return spoken;
}

std::string without_space(std::string_view text) {
    std::string bare;
    for (char c : text) {
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') bare += c;
    }
    return bare;
}

std::string joined(const std::vector<Section>& sections) {
    std::string text;
    for (const Section& section : sections) {
        bool is_glued = !text.empty() && text.back() != '\n' && !section.text.empty();
        if (is_glued) text += '\n';
        text += section.text;
    }
    return text;
}

// Puts sections of an older revision into a newer one.
class Restoring {
public:
    explicit Restoring(std::vector<Section> fresh) : sections_(std::move(fresh)) {
        is_taken_.resize(sections_.size());
    }

    // Where a section of this heading stands that was not found before; the end when none does.
    std::size_t find(const std::string& heading) {
        for (std::size_t i = 0; i < sections_.size(); ++i) {
            if (is_taken_[i] || sections_[i].heading != heading) continue;
            is_taken_[i] = true;
            after_ = i + 1;
            return i;
        }
        return sections_.size();
    }
    std::size_t size() const { return sections_.size(); }
    const std::string& text(std::size_t at) const { return sections_[at].text; }
    void put(std::size_t at, const Section& section) { sections_[at].text = section.text; }
    // Behind the one that was found last.
    void insert(const Section& section) {
        auto offset = static_cast<std::ptrdiff_t>(after_);
        sections_.insert(sections_.begin() + offset, section);
        is_taken_.insert(is_taken_.begin() + offset, true);
        ++after_;
    }
    std::string take() const { return joined(sections_); }

private:
    std::vector<Section> sections_;
    std::vector<bool> is_taken_;
    std::size_t after_ = 0;
};

bool is_part_of_path(char c) {
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_letter || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("_./-*?{,}@+~").find(c) != std::string_view::npos;
}

bool token_names(std::string_view token, std::string_view path) {
    while (token.starts_with("**") && token.ends_with("**") && token.size() > 4) {
        token = token.substr(2, token.size() - 4);
    }
    while (token.starts_with("./")) token.remove_prefix(2);
    while (!token.empty() && (token.back() == '.' || token.back() == ',')) token.remove_suffix(1);
    constexpr std::string_view no_name = "./*?{},-";
    if (token.find_first_not_of(no_name) == std::string_view::npos) return false;
    if (token.starts_with('/')) return token.ends_with("/" + std::string(path));
    for (const std::string& one : expand_braces(token)) {
        if (wild_covers(one, path)) return true;
    }
    return false;
}

}  // namespace

std::vector<PlanStep> plan_steps(std::string_view plan) {
    std::vector<PlanStep> steps;
    Fence fence;
    bool follows_number = false;
    for (std::string_view line : whole_lines(plan)) {
        if (fence.takes(line)) continue;
        Item item = read_item(line);
        if (heading_level(line) > 0) follows_number = false;
        if (item.kind == Item::Kind::none || item.step.text.empty()) continue;
        bool is_box = item.kind == Item::Kind::box;
        if (is_box && follows_number && item.indent > 1) steps.pop_back();
        follows_number = !is_box;
        steps.push_back(std::move(item.step));
    }
    return steps;
}

std::string plan_lines(std::string_view plan, std::int64_t start_line, std::int64_t end_line) {
    std::string text;
    std::int64_t number = 0;
    for (std::string_view line : split_lines(plan)) {
        ++number;
        if (number >= start_line && number <= end_line) text += std::string(line) + "\n";
    }
    return text;
}

Revision keep_untouched(std::string_view before, std::string_view fresh,
                        const PlanReviewed& review) {
    std::vector<Section> old = sections_of(before);
    std::vector<bool> spoken = spoken_about(old, review);
    bool holds_all = review.feedback.empty() && !review.comments.empty();
    Restoring restoring(sections_of(fresh));
    Revision revision;
    for (std::size_t i = 0; i < old.size(); ++i) {
        std::size_t at = restoring.find(old[i].heading);
        bool is_there = at < restoring.size();
        bool is_same = is_there && without_space(restoring.text(at)) == without_space(old[i].text);
        bool is_held = holds_all && !spoken[i];
        if (is_same) restoring.put(at, old[i]);
        if (is_same || !is_held) continue;
        if (is_there) restoring.put(at, old[i]);
        if (!is_there) restoring.insert(old[i]);
        revision.kept.push_back(old[i].heading.empty() ? "the beginning" : old[i].heading);
    }
    revision.content = restoring.take();
    return revision;
}

bool plan_names_file(std::string_view plan, std::string_view path) {
    std::size_t begin = 0;
    while (begin < plan.size()) {
        std::size_t end = begin;
        while (end < plan.size() && is_part_of_path(plan[end])) ++end;
        if (end > begin && token_names(plan.substr(begin, end - begin), path)) return true;
        begin = end + 1;
    }
    return false;
}

}  // namespace thole
