#include "agent/plan_text.hpp"

#include <doctest/doctest.h>

using namespace thole;
using Lines = std::vector<std::string>;

namespace {

// "text" of each step, "x text" of one whose box is ticked.
Lines steps(std::string_view plan) {
    Lines lines;
    for (const PlanStep& step : plan_steps(plan)) {
        lines.push_back((step.is_done ? "x " : "") + step.text);
    }
    return lines;
}

PlanReviewed comments(std::vector<std::pair<int, int>> lines) {
    PlanReviewed review{.decision = "feedback"};
    for (auto [first, last] : lines) review.comments.push_back({first, last, "why?", ""});
    return review;
}
PlanReviewed words() {
    return {.decision = "feedback", .feedback = "shorter"};
}

}  // namespace

TEST_CASE("steps are check boxes and numbered items, in order") {
    CHECK(steps("# Plan\n"
                "Some words.\n"
                "- [ ] one\n"
                "* [x] two\n"
                "+ [X]   three  \n"
                "1. four\n"
                "2) five\n"
                "12. [ ] six\n"
                "7. [x] seven\n") ==
          Lines{"one", "x two", "x three", "four", "five", "six", "x seven"});
}

TEST_CASE("a plan of words has no steps") {
    for (const char* plan :
         {"", "\n", "Do it.", "- a\n- b\n* c\n", "# 1. Heading\n", "1.a\n2.b\n", "1 a\n",
          "1234567890. too large a number\n", "-[ ] no space\n", "- [] empty\n", "- [y] odd\n",
          "- [ ]\n", "- [ ]   \n", "1. \n", "[ ] no bullet\n", "3.14 is pi\n"}) {
        CAPTURE(plan);
        CHECK(steps(plan).empty());
    }
}

TEST_CASE("check boxes are steps at any depth, numbers only at the left") {
    CHECK(steps("- [ ] one\n"
                "  - [ ] one a\n"
                "\t\t- [x] one b\n"
                "      1. a detail\n"
                "   2. another\n"
                " 3. at the left\n") == Lines{"one", "one a", "x one b", "at the left"});
}

TEST_CASE("a numbered item with check boxes below it is their heading") {
    CHECK(steps("1. Parser\n"
                "   Some words.\n"
                "   - a note\n"
                "   - [ ] read\n"
                "   - [ ] test\n"
                "2. Writer\n"
                "3. Docs\n"
                "   - [ ] page\n") == Lines{"read", "test", "Writer", "page"});
    CHECK(steps("1. Parser\n- [ ] not below it\n") == Lines{"Parser", "not below it"});
    CHECK(steps("1. Parser\n## Later\n   - [ ] elsewhere\n") == Lines{"Parser", "elsewhere"});
}

TEST_CASE("what stands in a code block is no step") {
    CHECK(steps("- [ ] one\n"
                "```sh\n"
                "- [ ] no\n"
                "1. no\n"
                "~~~\n"
                "- [ ] no\n"
                "```\n"
                "- [ ] two\n"
                "   ~~~\n"
                "   - [ ] no\n"
                "   ```\n"
                "   ~~~\n"
                "- [ ] three\n") == Lines{"one", "two", "three"});
    CHECK(steps("```\n- [ ] never closed\n").empty());
}

TEST_CASE("a code block ends with as many marks as it began with, and inline code begins none") {
    CHECK(steps("````md\n"
                "```sh\n"
                "- [ ] no\n"
                "```\n"
                "- [ ] no\n"
                "````\n"
                "- [ ] one\n") == Lines{"one"});
    CHECK(steps("```npm test``` shows it\n- [ ] one\n") == Lines{"one"});
    CHECK(steps("~~~~\n~~~\n- [ ] no\n~~~~~\n- [ ] one\n") == Lines{"one"});
}

TEST_CASE("line ends of other systems and a long text do no harm") {
    CHECK(steps("1. one\r\n- [x] two\r\n") == Lines{"one", "x two"});
    CHECK(steps("- [ ] last without an end") == Lines{"last without an end"});
    Lines long_one = steps("- [ ] " + std::string(5000, 'x'));
    REQUIRE(long_one.size() == 1);
    CHECK(long_one[0].size() == 1000);
    CHECK(steps("- [ ] a \t b") == Lines{"a b"});
}

TEST_CASE("lines of a plan are counted from one, and those that are not there give nothing") {
    CHECK(plan_lines("a\nb\nc", 2, 3) == "b\nc\n");
    CHECK(plan_lines("a\r\nb\r\n", 1, 1) == "a\n");
    CHECK(plan_lines("a\nb\n", 2, 9) == "b\n");
    CHECK(plan_lines("a\n", 2, 2) == "");
    CHECK(plan_lines("a\n", 2, 1) == "");
    CHECK(plan_lines("", 1, 1) == "");
}

namespace {

constexpr const char* before =
    "Intro.\n"       // 1
    "# Goal\n"       // 2
    "Mend it.\n"     // 3
    "## Steps\n"     // 4
    "- [ ] one\n"    // 5
    "- [ ] two\n"    // 6
    "## Files\n"     // 7
    "src/a.cpp\n"    // 8
    "# Check\n"      // 9
    "Run tests.\n";  // 10

}  // namespace

TEST_CASE("sections that the comments do not speak of stay byte for byte") {
    Revision revision = keep_untouched(before,
                                       "Other intro.\n"
                                       "# Goal\n"
                                       "Rewrite it.\n"
                                       "## Steps\n"
                                       "- [ ] three\n"
                                       "## Files\n"
                                       "src/b.cpp\n"
                                       "# Check\n"
                                       "Run  tests.\n",
                                       comments({{6, 6}}));
    CHECK(revision.content ==
          "Intro.\n# Goal\nMend it.\n## Steps\n- [ ] three\n## Files\nsrc/a.cpp\n# Check\n"
          "Run tests.\n");
    CHECK(revision.kept == Lines{"the beginning", "# Goal", "## Files"});
}

TEST_CASE("a section that was left out is put back where it stood") {
    Revision revision = keep_untouched(before, "# Goal\nOther.\n## Steps\n- [ ] three\n",
                                       comments({{3, 3}, {5, 6}}));
    CHECK(revision.content ==
          "Intro.\n# Goal\nOther.\n## Steps\n- [ ] three\n## Files\nsrc/a.cpp\n# Check\n"
          "Run tests.\n");
    CHECK(revision.kept == Lines{"the beginning", "## Files", "# Check"});
}

TEST_CASE("a section that was spoken about may be changed, renamed or left out") {
    for (const char* fresh : {"Intro.\n# Goal\nMend it.\n## Work\n- [ ] x\n## Files\nsrc/a.cpp\n"
                              "# Check\nRun tests.\n",
                              "Intro.\n# Goal\nMend it.\n## Files\nsrc/a.cpp\n# Check\n"
                              "Run tests.\n"}) {
        CHECK((keep_untouched(before, fresh, comments({{5, 5}})) == Revision{fresh, {}}));
    }
}

TEST_CASE("new sections stay") {
    std::string fresh = std::string(before) + "# Risks\nNone.\n";
    CHECK((keep_untouched(before, fresh, comments({{10, 10}})) == Revision{fresh, {}}));
}

TEST_CASE("a comment on a heading is about all below it") {
    constexpr const char* fresh =
        "Intro.\n# Goal\nRewrite.\n## Steps\n- [ ] x\n## Files\nb\n"
        "# Check\nNothing.\n";
    auto kept = [&](int first, int last) {
        return keep_untouched(before, fresh, comments({{first, last}})).kept;
    };
    CHECK(kept(2, 2) == Lines{"# Check"});
    CHECK(kept(1, 2) == Lines{"# Check"});
    CHECK(kept(3, 3) == Lines{"## Steps", "## Files", "# Check"});
    CHECK(kept(4, 4) == Lines{"# Goal", "## Files", "# Check"});
    CHECK(kept(6, 7) == Lines{"# Goal", "# Check"});
    CHECK(kept(9, 9) == Lines{"# Goal", "## Steps", "## Files"});
    CHECK(kept(1, 1) == Lines{"# Goal", "## Steps", "## Files", "# Check"});
    CHECK(kept(1, 10).empty());
}

TEST_CASE("with words for the whole plan only white space is put back") {
    Revision revision = keep_untouched(before,
                                       "Intro.\n\n# Goal\n\n  Mend it.\n\n## Steps\n- [ ] three\n"
                                       "# Check\nRun tests.\n",
                                       words());
    CHECK(revision.content ==
          "Intro.\n# Goal\nMend it.\n## Steps\n- [ ] three\n# Check\nRun tests.\n");
    CHECK(revision.kept.empty());
    PlanReviewed both = comments({{5, 5}});
    both.feedback = "shorter";
    CHECK((keep_untouched(before, "# Goal\nOther.\n", both) == Revision{"# Goal\nOther.\n", {}}));
}

TEST_CASE("feedback that says nothing holds nothing") {
    CHECK((keep_untouched(before, "All new.\n", {.decision = "feedback"}) ==
           Revision{"All new.\n", {}}));
}

TEST_CASE("other line ends and a missing last one stay as they were") {
    constexpr const char* crlf = "# A\r\none\r\n# B\r\ntwo\r\n# C\r\nthree";
    Revision revision =
        keep_untouched(crlf, "# A\nONE\n# B\ntwo \n# C\nthree\n", comments({{2, 2}}));
    CHECK(revision.content == "# A\nONE\n# B\r\ntwo\r\n# C\r\nthree");
    CHECK(revision.kept.empty());
    revision = keep_untouched(crlf, "# A\r\none\r\n", comments({{4, 4}}));
    CHECK(revision.content == "# A\r\none\r\n# C\r\nthree");
    CHECK(revision.kept == Lines{"# C"});
    revision = keep_untouched(crlf, "# A\none\n# C\nthree\n# D\nfour\n", comments({{3, 3}}));
    CHECK(revision.content == "# A\r\none\r\n# C\r\nthree\n# D\nfour\n");
}

TEST_CASE("sections of the same heading are told apart by their order and their text") {
    constexpr const char* twins = "# A\n## Notes\none\n# B\n## Notes\ntwo\n";
    Revision revision =
        keep_untouched(twins, "# A\n## Notes\nONE\n# B\n## Notes\nTWO\n", comments({{6, 6}}));
    CHECK(revision.content == "# A\n## Notes\none\n# B\n## Notes\nTWO\n");
    CHECK(revision.kept == Lines{"## Notes"});
    // The first one is dropped as was wished: the second one is neither it nor there twice.
    revision = keep_untouched(twins, "# A\n# B\n## Notes\ntwo\n", comments({{3, 3}}));
    CHECK(revision.content == "# A\n# B\n## Notes\ntwo\n");
    CHECK(revision.kept.empty());
}

TEST_CASE("headings are not looked for in code blocks") {
    constexpr const char* coded = "# A\n```sh\n# no heading\nrun\n```\n# B\ntwo\n";
    Revision revision = keep_untouched(coded, "# A\n```sh\n# no heading\nrun away\n```\n# B\nTWO\n",
                                       comments({{7, 7}}));
    CHECK(revision.content == "# A\n```sh\n# no heading\nrun\n```\n# B\nTWO\n");
    CHECK(revision.kept == Lines{"# A"});
    revision = keep_untouched(coded, "# A\nnothing\n# B\nTWO\n", comments({{4, 4}}));
    CHECK(revision.content == "# A\nnothing\n# B\ntwo\n");
}

TEST_CASE("what looks like a heading and is none begins no section") {
    constexpr const char* plan = "#hash\n    # indented\n####### seven\n\\# no\ntext\n";
    CHECK((keep_untouched(plan, "other\n", comments({{1, 1}})) == Revision{"other\n", {}}));
    for (const char* heading : {"# A", "   ### A", "###### A ##", "#", "#\tA"}) {
        CAPTURE(heading);
        std::string section = std::string(heading) + "\nstays\n";
        Revision revision = keep_untouched("text\n" + section, "new\n", comments({{1, 1}}));
        CHECK(revision.content == "new\n" + section);
    }
}

TEST_CASE("a plan that is as it was stays as it was, whatever was commented") {
    for (int line = 1; line <= 10; ++line) {
        CHECK((keep_untouched(before, before, comments({{line, line}})) == Revision{before, {}}));
    }
    CHECK((keep_untouched("", "", comments({{1, 1}})) == Revision()));
    CHECK((keep_untouched("", "new", comments({{1, 1}})).content == "new"));
}

TEST_CASE("a plan names a file by its path, its name, and a folder that it is in") {
    constexpr const char* path = "server/agent/plan_text.cpp";
    for (const char* plan :
         {"server/agent/plan_text.cpp", "`server/agent/plan_text.cpp`",
          "Change (server/agent/plan_text.cpp).", "see ./server/agent/plan_text.cpp, then",
          "server/agent/plan_text.cpp:12", "[it](server/agent/plan_text.cpp#L3)",
          "\"server/agent/plan_text.cpp\"", "mend plan_text.cpp", "all of server/agent/",
          "in `server/agent`", "server/", "everything in agent/", "the agent folder",
          "a.cpp,server/agent/plan_text.cpp,b.cpp"}) {
        CAPTURE(plan);
        CHECK(plan_names_file(plan, path));
    }
    for (const char* plan :
         {"", "plan_text", "plan_text.hpp", "lan_text.cpp", "src/server/agent/plan_text.cpp",
          "server/agent/plan_text.cpp.bak", "server/age", "server/agents/", ". .. / // - , { }",
          "`*` and `**` and `**/*`"}) {
        CAPTURE(plan);
        CHECK_FALSE(plan_names_file(plan, path));
    }
}

TEST_CASE("a plan names files by patterns") {
    constexpr const char* path = "server/agent/plan_text.cpp";
    for (const char* plan : {"server/**", "server/*/plan_text.cpp", "**/*.cpp", "*.cpp",
                             "plan_*.cpp", "server/agent/plan_text.?pp", "server/**/plan_text.cpp",
                             "server/agent/plan_text.{hpp,cpp}", "server/{acp,agent}/*.cpp",
                             "`server/{cli,agent}/plan_{text,file}.{cpp,hpp}`"}) {
        CAPTURE(plan);
        CHECK(plan_names_file(plan, path));
    }
    for (const char* plan : {"server/*.cpp", "*.hpp", "server/agent/plan_text.{hpp,md}",
                             "server/{acp,cli}/*.cpp", "docs/**"}) {
        CAPTURE(plan);
        CHECK_FALSE(plan_names_file(plan, path));
    }
}

TEST_CASE("emphasis around the name of a file is no part of it") {
    for (const char* plan : {"**src/a.cpp**", "**src/a.cpp**:", "**src/a.cpp:** mend",
                             "*src/a.cpp*", "**`src/a.cpp`**", "***src/a.cpp***"}) {
        CAPTURE(plan);
        CHECK(plan_names_file(plan, "src/a.cpp"));
        CHECK_FALSE(plan_names_file(plan, "lib/b.cpp"));
    }
}

TEST_CASE("absolute names end as the file does, and files outside have only those") {
    CHECK(plan_names_file("/home/me/work/src/a.cpp", "src/a.cpp"));
    CHECK(plan_names_file("/src/a.cpp", "src/a.cpp"));
    CHECK_FALSE(plan_names_file("/home/me/src/b.cpp", "src/a.cpp"));
    CHECK_FALSE(plan_names_file("/home/me/asrc/a.cpp", "src/a.cpp"));
    CHECK(plan_names_file("add it to /etc/hosts", "/etc/hosts"));
    CHECK_FALSE(plan_names_file("add it to /etc/host", "/etc/hosts"));
}

TEST_CASE("names in other scripts are names") {
    CHECK(plan_names_file("- [ ] `docs/überblick.md`", "docs/überblick.md"));
    CHECK(plan_names_file("計画.md", "docs/計画.md"));
}
