#include "async/worker.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/facts.hpp"
#include "tools/standard.hpp"
#include "workspace/search.hpp"

namespace thole {

namespace {

constexpr std::string_view properties = R"json({
  "pattern": {"type": "string", "description": "for example **/*.cpp or src/*.{c,h}"},
  "path": {"type": "string", "description": "directory to look in, the working directory when left out"}
})json";

struct GlobInput {
    std::string pattern, path;
};

Result<GlobInput> glob_input(const Json& input) {
    Fields fields(input, "glob");
    fields.only({"pattern", "path"});
    GlobInput wanted{fields.text("pattern"), fields.text_or("path", ".")};
    if (fields.ok() && wanted.pattern.empty()) fields.fail_at("pattern", "must not be empty");
    if (!wanted.pattern.empty() && wanted.pattern.front() == '/') {
        fields.fail_at("pattern", "must be relative; give the directory as path");
    }
    if (Result<void> read = fields.finish(); !read) return read.error();
    const bool is_name = wanted.pattern.find('/') == std::string::npos;
    if (is_name) wanted.pattern.insert(0, "**/");
    return wanted;
}

ToolOutcome shown_paths(ToolContext& context, const GlobAnswer& answer) {
    std::string text;
    for (const std::string& path : answer.paths) {
        text += to_valid_utf8(context.roots.shown(path)) + "\n";
    }
    if (text.empty()) text = "[no file matches]";
    const std::string note = answer.truncated
                                 ? "[only the " + std::to_string(answer.paths.size()) +
                                       " newest files are shown; narrow the pattern or the path]"
                                 : "";
    return long_outcome(context.host, std::move(text), note);
}

class Glob final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext& context, JsonValue input) override {
        Result<GlobInput> wanted = glob_input(*input);
        if (!wanted) co_return wanted.error();
        Result<std::string> path = context.roots.resolve(wanted->path);
        if (!path) co_return path.error();
        Prepared prepared;
        const std::string where = context.roots.shown(*path);
        prepared.title = title_of("Find `" + text_member(*input, "pattern") + "`" +
                                  (where == "." ? "" : " in " + where));
        prepared.paths.push_back(*path);
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<GlobInput> wanted = glob_input(*prepared.input);
        if (!wanted) co_return failed_outcome(wanted.error().message);
        std::string moved = moved_away(context.roots, prepared.paths.front());
        if (!moved.empty()) co_return failed_outcome(std::move(moved));
        GlobQuery query;
        query.root = prepared.paths.front();
        query.pattern = wanted->pattern;
        auto work = [query](std::stop_token stop) { return glob(query, stop); };
        Result<GlobAnswer> answer = co_await async::on_worker(context.loop, std::move(work));
        if (!answer) co_return failed_outcome(answer.error().message);
        co_return shown_paths(context, *answer);
    }

private:
    ToolFacts facts_ = tool_facts("glob", Effect::read, "search", properties, {"pattern"});
};

}  // namespace

std::unique_ptr<Tool> glob_tool() {
    return std::make_unique<Glob>();
}

}  // namespace thole
