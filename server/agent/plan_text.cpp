#include "agent/plan_text.hpp"

#include <algorithm>
#include <deque>
#include <map>

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
        char mark = bare.empty() ? ' ' : bare[0];
        std::size_t marks = std::min(bare.find_first_not_of(mark), bare.size());
        if (length_ > 0) {
            bool closes = mark == mark_ && marks >= length_ && marks == bare.size();
            if (closes) length_ = 0;
            return true;
        }
        // `code` within a line has marks behind it, too.
        bool opens =
            marks >= 3 && ((mark == '`' && bare.find('`', marks) == bare.npos) || mark == '~');
        if (!opens) return false;
        length_ = marks;
        mark_ = mark;
        return true;
    }

private:
    std::size_t length_ = 0;  // of the marks that opened a block; 0: none is open
    char mark_ = '`';
};

// 1 to 6; 0: no heading.
std::size_t heading_level(std::string_view line) {
    if (indent_of(line) > 3) return 0;
    std::string_view bare = trim(line);
    std::size_t level = std::min(bare.find_first_not_of('#'), bare.size());
    bool is_heading = level >= 1 && level <= 6 &&
                      (bare.size() == level || bare[level] == ' ' || bare[level] == '\t');
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

// Adds it on a line of its own.
void add_section(std::string& text, const std::string& section) {
    bool is_glued = !text.empty() && text.back() != '\n' && !section.empty();
    if (is_glued) text += '\n';
    text += section;
}

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

// Which section of a newer revision is which of an older one.
class Matching {
public:
    Matching(const std::vector<Section>& old, const std::vector<Section>& fresh)
        : old_(old), fresh_(fresh), found_(old.size(), nowhere), is_taken_(fresh.size()) {
        // Of several with one heading those that did not change are told first.
        match([](const Section& one) { return one.heading + "\n" + without_space(one.text); });
        match([](const Section& one) { return one.heading; });
    }

    // The place of the section in the newer one; `nowhere`: it was left out.
    std::size_t of(std::size_t old) const { return found_[old]; }

private:
    template <class Key>
    void match(const Key& key) {
        std::map<std::string, std::deque<std::size_t>> places;
        for (std::size_t i = 0; i < fresh_.size(); ++i) {
            if (!is_taken_[i]) places[key(fresh_[i])].push_back(i);
        }
        for (std::size_t i = 0; i < old_.size(); ++i) {
            auto at = found_[i] == nowhere ? places.find(key(old_[i])) : places.end();
            if (at == places.end() || at->second.empty()) continue;
            found_[i] = at->second.front();
            is_taken_[found_[i]] = true;
            at->second.pop_front();
        }
    }

    const std::vector<Section>& old_;
    const std::vector<Section>& fresh_;
    std::vector<std::size_t> found_;
    std::vector<bool> is_taken_;
};

bool is_part_of_path(char c) {
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_letter || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("_./-*?{,}@+~").find(c) != std::string_view::npos;
}

bool is_named(std::string_view name, std::string_view path) {
    while (name.starts_with("./")) name.remove_prefix(2);
    while (name.ends_with('.')) name.remove_suffix(1);
    constexpr std::string_view no_name = "./*?{}-";
    if (name.find_first_not_of(no_name) == std::string_view::npos) return false;
    if (name.starts_with('/')) return name == path || name.ends_with("/" + std::string(path));
    return wild_covers(name, path);
}

// A word of the plan may be several names: a/{b,c}.h or a.h,b.h
// Names in a row without blanks, "a.cpp,b.cpp", but not the alternatives of a pattern.
bool has_outer_comma(std::string_view token) {
    int depth = 0;
    for (char c : token) {
        if (c == '{') ++depth;
        if (c == '}') --depth;
        if (c == ',' && depth == 0) return true;
    }
    return false;
}

bool token_names(std::string_view token, std::string_view path) {
    while (token.starts_with("**") && token.ends_with("**") && token.size() > 4) {
        token = token.substr(2, token.size() - 4);
    }
    bool is_list = has_outer_comma(token);
    std::string names = is_list ? "{" + std::string(token) + "}" : std::string(token);
    std::vector<std::string> all = expand_braces(names);
    return std::any_of(all.begin(), all.end(),
                       [&](const std::string& name) { return is_named(name, path); });
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
    std::vector<Section> old = sections_of(before), sections = sections_of(fresh);
    std::vector<bool> spoken = spoken_about(old, review);
    bool holds_all = review.feedback.empty() && !review.comments.empty();
    Matching matching(old, sections);
    std::vector<std::string> behind(sections.size());  // what was left out, put back
    std::size_t last = 0;
    Revision revision;
    for (std::size_t i = 0; i < old.size(); ++i) {
        if (old[i].text.empty()) continue;
        std::size_t at = matching.of(i);
        bool is_there = at != nowhere;
        if (is_there) last = at;
        bool is_same = is_there && without_space(sections[at].text) == without_space(old[i].text);
        bool is_held = holds_all && !spoken[i];
        if (is_there && (is_same || is_held)) sections[at].text = old[i].text;
        if (is_same || !is_held) continue;
        if (!is_there) add_section(behind[last], old[i].text);
        revision.kept.push_back(old[i].heading.empty() ? "the beginning" : old[i].heading);
    }
    for (std::size_t i = 0; i < sections.size(); ++i) {
        add_section(revision.content, sections[i].text);
        add_section(revision.content, behind[i]);
    }
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
