// A plan as Markdown: its steps, its sections, the files that it names. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "journal/event.hpp"

namespace thole {

struct PlanStep {
    std::string text;
    bool is_done = false;  // its box is ticked
    bool operator==(const PlanStep&) const = default;
};

// Checkbox items of any depth and numbered items that stand at the left, in order; not in code
// blocks. A numbered item with checkboxes below it is their heading and no step of its own.
std::vector<PlanStep> plan_steps(std::string_view plan);

// The lines [start_line, end_line] of the plan, 1-based.
std::string plan_lines(std::string_view plan, std::int64_t start_line, std::int64_t end_line);

struct Revision {
    std::string content;
    std::vector<std::string> kept;  // headings of sections that were put back
    bool operator==(const Revision&) const = default;
};

// `fresh`, which the model wrote after the user's `review` of `before`, with every section that the
// user had nothing to say about as it was, byte for byte. With comments alone these are the
// sections without a comment; with words for the whole plan, those that differ in white space only.
// A section reaches from a heading to the next one; a comment on a heading is about all below it.
Revision keep_untouched(std::string_view before, std::string_view fresh,
                        const PlanReviewed& review);

// Whether the plan names the file (path relative to the workspace): by its path, its name, a folder
// that it is in, or a pattern.
bool plan_names_file(std::string_view plan, std::string_view path);

}  // namespace thole
