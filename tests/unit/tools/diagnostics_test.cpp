#include <doctest/doctest.h>

#include "support/tool_rig.hpp"
#include "tools/checkers.hpp"

using namespace thole;
using namespace thole::test;

namespace {

// The disk, checked by somebody who says what the test wants.
class CheckedFiles final : public Files, public Checkers {
public:
    explicit CheckedFiles(async::Loop& loop) : disk_(loop) {}
    async::Task<Result<std::string>> read(std::string path) override {
        return disk_.read(std::move(path));
    }
    async::Task<Result<void>> write(std::string path, std::string content) override {
        return disk_.write(std::move(path), std::move(content));
    }
    Checkers* checkers() override { return are_there ? this : nullptr; }
    async::Task<Result<std::vector<Problem>>> problems(std::string path) override {
        asked.push_back(std::move(path));
        co_return found;
    }

    bool are_there = true;
    std::vector<std::string> asked;
    Result<std::vector<Problem>> found = std::vector<Problem>();

private:
    DiskFiles disk_;
};

struct Bench {
    ToolRig rig;
    CheckedFiles files{rig.loop};
    ToolContext context{rig.loop, rig.context.roots, files,    rig.context.http,
                        rig.host, rig.jobs,          rig.seen, {"PATH="}};
    Tool& tool = *rig.tools.find("diagnostics");

    ToolOutcome call(const Json& input) {
        ToolOutcome outcome;
        rig.loop.run(calling(JsonValue(input), outcome));
        return outcome;
    }
    async::Task<void> calling(JsonValue input, ToolOutcome& outcome) {
        Result<Prepared> prepared = co_await tool.prepare(context, std::move(input));
        if (!prepared) outcome.failed = true, outcome.output = prepared.error().message;
        if (prepared) outcome = co_await tool.run(context, *prepared);
    }
    std::string in(const std::string& name) { return rig.scratch / name; }
};

}  // namespace

TEST_CASE("it can be used as long as somebody checks the files") {
    Bench bench;
    CHECK(bench.tool.is_usable(bench.context));
    CHECK(!bench.tool.is_usable(bench.rig.context));
    bench.files.are_there = false;
    CHECK(!bench.tool.is_usable(bench.context));
    const ToolOutcome outcome = bench.call(Json::object());
    CHECK(outcome.failed);
    CHECK(outcome.output ==
          "the editor that checked the files has gone; build or test by bash instead");
}

TEST_CASE("the worst comes first, with place and checker, without what is of other projects") {
    Bench bench;
    bench.files.found =
        std::vector<Problem>{{bench.in("b.c"), 2, 1, "hint", "could be const", "clang-tidy", ""},
                             {bench.in("b.c"), 7, 0, "warning", "unused\nvariable", "", "unused"},
                             {"/elsewhere/c.c", 1, 1, "error", "not ours", "", ""},
                             {bench.in("b.c"), 0, 0, "error", "no such header", "", ""},
                             {bench.in("a.c"), 9, 3, "error", "expected ';'", "clang", "E7"}};
    CHECK(bench.call(Json::object()).output ==
          "a.c:9:3: error: expected ';' [clang E7]\n"
          "b.c: error: no such header\n"
          "b.c:7: warning: unused variable [unused]\n"
          "b.c:2:1: hint: could be const [clang-tidy]\n"
          "[2 errors, 1 warning, 1 hint]");
    CHECK(bench.files.asked == std::vector<std::string>{""});
}

TEST_CASE("one file is asked for by its absolute path; nothing found is said") {
    Bench bench;
    const ToolOutcome outcome = bench.call({{"path", "src/a.c"}});
    CHECK(!outcome.failed);
    CHECK(outcome.output == "The editor reports no problems in src/a.c.");
    CHECK(bench.files.asked == std::vector<std::string>{bench.in("src/a.c")});
}

TEST_CASE("what goes wrong is told, and so is a wrong input") {
    Bench bench;
    bench.files.found = fail(Code::timed_out, "the editor did not say");
    const ToolOutcome outcome = bench.call(Json::object());
    CHECK(outcome.failed);
    CHECK(outcome.output == "the editor did not say");
    CHECK(bench.call({{"path", 7}}).output == "diagnostics.path: expected a string, got number");
    CHECK(bench.call({{"file", "a"}}).failed);
}

TEST_CASE("of very many problems the first are shown and all are counted") {
    Bench bench;
    std::vector<Problem> many;
    for (int i = 1; i <= 250; ++i) many.push_back({bench.in("a.c"), i, 1, "error", "e", "", ""});
    bench.files.found = many;
    const std::string output = bench.call(Json::object()).output;
    CHECK(output.find("a.c:200:1:") != output.npos);
    CHECK(output.find("a.c:201:1:") == output.npos);
    CHECK(output.ends_with("[250 errors; the first 200 are shown, give a path to see others]"));
}
