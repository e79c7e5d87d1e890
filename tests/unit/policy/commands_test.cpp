// The table of commands and what is decided about them, against one set of rules.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/text.hpp"
#include "policy/decide.hpp"

using namespace thole;
namespace fs = std::filesystem;

namespace {

const RuleTexts rule_texts = {
    {"bash(git status)", "bash(git log:*)", "bash(git diff:*)", "bash(git commit:*)",
     "bash(npm test:*)", "bash(npm run build)", "bash(cargo test:*)", "bash(make)", "bash(cat:*)",
     "bash(echo:*)", "bash(ls:*)", "bash(grep:*)", "bash(rg:*)", "bash(sed:*)", "bash(find:*)",
     "bash(tee:*)", "bash(sudo apt-get update)", "bash(sudo apt-get install:*)", "edit(build/**)"},
    {"bash(git commit --amend:*)"},
    {"bash(git push:*)", "bash(rm -rf:*)", "bash(curl:*)", "edit(secret/**)", "read(.env)"},
};

// src, web, build, secret, .git, and a link that leads out.
struct Workspace {
    fs::path top;
    Workspace() {
        char name[] = "/tmp/thole-commands-XXXXXX";
        top = mkdtemp(name);
        for (const char* directory : {"src", "web", "build", "secret", ".git/hooks"}) {
            fs::create_directories(top / directory);
        }
        fs::create_symlink("/etc", top / "link");
    }
    ~Workspace() { fs::remove_all(top); }
};

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        char c = text[++i];
        out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
    }
    return out;
}

struct Row {
    std::string verdict, command;
};

std::vector<Row> table() {
    std::ifstream in(fs::path(__FILE__).parent_path() / "commands.tsv");
    std::vector<Row> rows;
    for (std::string line; std::getline(in, line);) {
        std::size_t tab = line.find('\t');
        if (line.starts_with('#') || tab == line.npos) continue;
        rows.push_back({line.substr(0, tab), unescaped(std::string_view(line).substr(tab + 1))});
    }
    return rows;
}

}  // namespace

TEST_CASE("every command of the table is decided as it says, with a reason") {
    Workspace workspace;
    Roots roots = Roots::open({workspace.top}).value();
    Rules configured = parse_rules(rule_texts).value(), granted;
    std::vector<Row> rows = table();
    REQUIRE(rows.size() >= 400);
    for (const Row& row : rows) {
        CAPTURE(row.command);
        Call call{"bash", Effect::execute, row.command, {}, ""};
        Decision decision = decide(call, {Mode::default_, configured, granted, roots, true});
        CAPTURE(decision.why);
        CHECK(verdict_name(decision.verdict) == row.verdict);
        CHECK_FALSE(decision.why.empty());
        CHECK(is_valid_utf8(decision.why));
    }
}

TEST_CASE("nothing of the table is allowed without rules, nor refused without a word") {
    Workspace workspace;
    Roots roots = Roots::open({workspace.top}).value();
    Rules none;
    for (const Row& row : table()) {
        CAPTURE(row.command);
        Call call{"bash", Effect::execute, row.command, {}, ""};
        CHECK(decide(call, {Mode::default_, none, none, roots, true}).verdict == Verdict::ask);
        Decision alone = decide(call, {Mode::default_, none, none, roots, false});
        CHECK(alone.verdict == Verdict::deny);
        CHECK(alone.nobody_to_ask);
        CHECK(decide(call, {Mode::plan, none, none, roots, true}).verdict == Verdict::deny);
        CHECK(decide(call, {Mode::dont_ask, none, none, roots, true}).verdict == Verdict::deny);
        CHECK(decide(call, {Mode::bypass_permissions, none, none, roots, false}).verdict ==
              Verdict::allow);
    }
}

TEST_CASE("a denied command is denied in every mode, and never allowed by being asked about") {
    Workspace workspace;
    Roots roots = Roots::open({workspace.top}).value();
    Rules configured = parse_rules(rule_texts).value(), granted;
    for (const Row& row : table()) {
        if (row.verdict != "deny") continue;
        CAPTURE(row.command);
        Call call{"bash", Effect::execute, row.command, {}, ""};
        for (Mode mode : all_modes) {
            CHECK(decide(call, {mode, configured, granted, roots, true}).verdict == Verdict::deny);
        }
    }
}

TEST_CASE("what is offered as always lets the same command through, and denies stay") {
    Workspace workspace;
    Roots roots = Roots::open({workspace.top}).value();
    Rules configured = parse_rules(rule_texts).value(), none;
    std::size_t offered = 0;
    for (const Row& row : table()) {
        CAPTURE(row.command);
        Call call{"bash", Effect::execute, row.command, {}, ""};
        Decision first = decide(call, {Mode::default_, configured, none, roots, true});
        if (first.always_rules.empty()) continue;
        ++offered;
        CAPTURE(first.always_rules.front());
        REQUIRE(first.verdict == Verdict::ask);
        CHECK_FALSE(first.always_says.empty());
        Rules granted = parse_rules({first.always_rules, {}, {}}).value();
        Decision second = decide(call, {Mode::default_, configured, granted, roots, true});
        CAPTURE(second.why);
        CHECK(second.verdict == Verdict::allow);
        Call other{"bash", Effect::execute, row.command + "; entirely-other", {}, ""};
        CHECK(decide(other, {Mode::default_, configured, granted, roots, true}).verdict !=
              Verdict::allow);
    }
    CHECK(offered > 50);
}
