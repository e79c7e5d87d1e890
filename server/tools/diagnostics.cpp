#include <algorithm>
#include <array>
#include <tuple>

#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/checkers.hpp"
#include "tools/facts.hpp"
#include "tools/standard.hpp"

namespace thole {

namespace {

constexpr std::string_view properties = R"json({
  "path": {"type": "string", "description": "of one file; of all files when left out"}
})json";

constexpr std::size_t max_shown = 200;
constexpr std::size_t max_message = 500;

constexpr std::array<std::string_view, 4> severities{"error", "warning", "info", "hint"};

std::size_t rank(const Problem& problem) {
    const auto* found = std::find(severities.begin(), severities.end(), problem.severity);
    return static_cast<std::size_t>(found - severities.begin());
}

bool comes_before(const Problem& a, const Problem& b) {
    return std::tuple(rank(a), std::string_view(a.path), a.line, a.column) <
           std::tuple(rank(b), std::string_view(b.path), b.line, b.column);
}

std::string line_of(const Problem& problem, const Roots& roots) {
    std::string text = roots.shown(problem.path);
    if (problem.line > 0) text += ":" + std::to_string(problem.line);
    if (problem.line > 0 && problem.column > 0) text += ":" + std::to_string(problem.column);
    text += ": " + problem.severity + ": " + one_line(problem.message, max_message);
    std::string by = one_line(problem.source, 100);
    if (!problem.code.empty()) by += (by.empty() ? "" : " ") + one_line(problem.code, 100);
    return text + (by.empty() ? "\n" : " [" + by + "]\n");
}

// "2 errors, 1 warning"
std::string counts_of(const std::vector<Problem>& problems) {
    std::string text;
    for (std::size_t i = 0; i < severities.size(); ++i) {
        const auto count = std::count_if(problems.begin(), problems.end(),
                                         [&](const Problem& one) { return rank(one) == i; });
        if (count == 0) continue;
        text += (text.empty() ? "" : ", ") + std::to_string(count) + " " +
                std::string(severities[i]) + (count == 1 ? "" : "s");
    }
    return text;
}

std::string text_of(const std::vector<Problem>& problems, const Roots& roots) {
    std::string text;
    for (std::size_t i = 0; i < std::min(problems.size(), max_shown); ++i) {
        text += line_of(problems[i], roots);
    }
    return text;
}

std::string last_line(const std::vector<Problem>& problems) {
    std::string text = "[" + counts_of(problems);
    if (problems.size() > max_shown) {
        text +=
            "; the first " + std::to_string(max_shown) + " are shown, give a path to see others";
    }
    return text + "]";
}

// An editor may have more open than this session works on.
void leave_out_other_projects(std::vector<Problem>& problems, const Roots& roots) {
    std::erase_if(problems, [&](const Problem& one) {
        const Result<std::string> path = roots.resolve(one.path);
        return !path || !roots.contains(*path);
    });
}

class Diagnostics final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    bool is_usable(const ToolContext& context) const override {
        return context.files.checkers() != nullptr;
    }

    async::Task<Result<Prepared>> prepare(ToolContext& context, JsonValue input) override {
        Fields fields(*input, "diagnostics");
        fields.only({"path"});
        const std::string given = fields.text_or("path", "");
        if (Result<void> read = fields.finish(); !read) co_return read.error();
        Prepared prepared;
        prepared.title = "Problems in the workspace";
        if (!given.empty()) {
            Result<std::string> path = context.roots.resolve(given);
            if (!path) co_return path.error();
            prepared.title = title_of("Problems in " + context.roots.shown(*path));
            prepared.locations.push_back(Location{*path, 0});
            prepared.paths.push_back(*path);
        }
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Checkers* checkers = context.files.checkers();
        if (!checkers) {
            co_return failed_outcome(
                "the editor that checked the files has gone; build or test by bash instead");
        }
        const std::string path = prepared.paths.empty() ? "" : prepared.paths.front();
        Result<std::vector<Problem>> problems = co_await checkers->problems(path);
        if (!problems) co_return failed_outcome(problems.error().message);
        if (path.empty()) leave_out_other_projects(*problems, context.roots);
        if (problems->empty()) {
            ToolOutcome nothing;
            nothing.output = "The editor reports no problems" +
                             (path.empty() ? "." : " in " + context.roots.shown(path) + ".");
            co_return nothing;
        }
        std::stable_sort(problems->begin(), problems->end(), comes_before);
        co_return long_outcome(context.host, text_of(*problems, context.roots),
                               last_line(*problems));
    }

private:
    ToolFacts facts_ = tool_facts("diagnostics", Effect::read, "read", properties, {});
};

}  // namespace

std::unique_ptr<Tool> diagnostics_tool() {
    return std::make_unique<Diagnostics>();
}

}  // namespace thole
