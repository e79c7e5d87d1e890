#include "async/worker.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/facts.hpp"
#include "tools/standard.hpp"
#include "workspace/search.hpp"

namespace thole {

namespace {

constexpr std::string_view properties = R"json({
  "pattern": {"type": "string", "description": "PCRE2 regular expression"},
  "path": {"type": "string", "description": "directory or file, the working directory when left out"},
  "glob": {"type": "string", "description": "only files whose path matches, for example *.ts"},
  "ignore_case": {"type": "boolean"},
  "context": {"type": "integer", "minimum": 0, "maximum": 50, "description": "lines shown around each match"},
  "head_limit": {"type": "integer", "minimum": 1, "maximum": 5000, "description": "200 by default"},
  "output": {"type": "string", "enum": ["lines", "files", "count"]}
})json";

Result<GrepQuery> grep_query(const Json& input) {
    Fields fields(input, "grep");
    fields.only({"pattern", "path", "glob", "ignore_case", "context", "head_limit", "output"});
    GrepQuery query;
    query.pattern = fields.text("pattern");
    query.path = fields.text_or("path", ".");
    query.glob = fields.text_or("glob", "");
    query.ignore_case = fields.flag("ignore_case", false);
    const auto context = fields.optional_integer("context", 0, 50).value_or(0);
    query.context_before = query.context_after = static_cast<std::size_t>(context);
    query.head_limit =
        static_cast<std::size_t>(fields.optional_integer("head_limit", 1, 5000).value_or(200));
    const std::string output =
        fields.optional_one_of("output", {"lines", "files", "count"}).value_or("lines");
    if (output == "files") query.mode = GrepMode::files;
    if (output == "count") query.mode = GrepMode::count;
    if (fields.ok() && query.pattern.empty()) fields.fail_at("pattern", "must not be empty");
    if (Result<void> read = fields.finish(); !read) return read.error();
    return query;
}

void append_lines(std::string& out, const std::string& path, const GrepFile& file) {
    std::size_t next = 0;
    for (const GrepLine& line : file.lines) {
        const bool has_context = file.lines.size() > file.count;
        if (has_context && line.number != next && !out.empty()) out += "--\n";
        const char* mark = line.matched ? ":" : "-";
        out += path + mark + std::to_string(line.number) + mark + line.text + "\n";
        next = line.number + 1;
    }
}

std::string answer_text(const Roots& roots, const GrepQuery& query, const GrepAnswer& answer) {
    std::string out;
    for (const GrepFile& file : answer.files) {
        const std::string path = to_valid_utf8(roots.shown(file.path));
        if (query.mode == GrepMode::lines) append_lines(out, path, file);
        if (query.mode == GrepMode::files) out += path + "\n";
        if (query.mode == GrepMode::count) out += path + ":" + std::to_string(file.count) + "\n";
    }
    if (out.empty()) out = "[no match]\n";
    for (const std::string& note : answer.notes) out += "[" + note + "]\n";
    return out;
}

class Grep final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext& context, JsonValue input) override {
        Result<GrepQuery> query = grep_query(*input);
        if (!query) co_return query.error();
        Result<std::string> path = context.roots.resolve(query->path);
        if (!path) co_return path.error();
        Prepared prepared;
        const std::string where = context.roots.shown(*path);
        prepared.title =
            title_of("Search `" + query->pattern + "`" + (where == "." ? "" : " in " + where) +
                     (query->glob.empty() ? "" : " (" + query->glob + ")"));
        prepared.paths.push_back(*path);
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<GrepQuery> read = grep_query(*prepared.input);
        if (!read) co_return failed_outcome(read.error().message);
        GrepQuery query = std::move(*read);
        query.path = prepared.paths.front();
        std::string moved = moved_away(context.roots, query.path);
        if (!moved.empty()) co_return failed_outcome(std::move(moved));
        auto work = [query](std::stop_token stop) { return grep(query, stop); };
        Result<GrepAnswer> answer = co_await async::on_worker(context.loop, std::move(work));
        if (!answer) co_return failed_outcome(answer.error().message);
        const std::string note =
            answer->truncated ? "[head_limit " + std::to_string(query.head_limit) +
                                    " was reached, there are more; narrow the search or raise it]"
                              : "";
        co_return long_outcome(context.host, answer_text(context.roots, query, *answer), note);
    }

private:
    ToolFacts facts_ = tool_facts("grep", Effect::read, "search", properties, {"pattern"});
};

}  // namespace

std::unique_ptr<Tool> grep_tool() {
    return std::make_unique<Grep>();
}

}  // namespace thole
