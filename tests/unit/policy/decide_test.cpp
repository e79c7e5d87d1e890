#include "policy/decide.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

using namespace thole;
namespace fs = std::filesystem;

namespace {

struct Situation {
    fs::path top;
    std::string cwd;
    Rules configured, granted;
    std::optional<Roots> roots;

    explicit Situation(const RuleTexts& rules = {}, std::vector<std::string> always = {}) {
        char name[] = "/tmp/thole-decide-XXXXXX";
        top = mkdtemp(name);
        fs::create_directories(top / "w/src");
        cwd = top / "w";
        configured = parse_rules(rules).value();
        granted = parse_rules({std::move(always), {}, {}}).value();
        roots = Roots::open({cwd}).value();
    }
    ~Situation() { fs::remove_all(top); }

    Decision decide(const Call& call, Mode mode = Mode::default_, bool somebody = true) const {
        return thole::decide(call, {mode, configured, granted, *roots, somebody});
    }
    Verdict verdict(const Call& call, Mode mode = Mode::default_, bool somebody = true) const {
        return decide(call, mode, somebody).verdict;
    }
    Call read(const std::string& path) const { return {"read_file", Effect::read, "", {path}, ""}; }
    Call edit(const std::string& path) const { return {"edit_file", Effect::edit, "", {path}, ""}; }
};

Call fetch(const std::string& url) {
    return {"fetch_url", Effect::network, "", {}, url};
}
Call shell(const std::string& command) {
    return {"bash", Effect::execute, command, {}, ""};
}

// A call with this effect that touches nothing else.
Call plain(Effect effect) {
    if (effect == Effect::execute) return shell("make");
    return {"mcp__server__tool", effect, "", {}, ""};
}

}  // namespace

TEST_CASE("without rules the mode decides, for every mode and effect") {
    Situation here;
    for (Mode mode : all_modes) {
        for (Effect effect : all_effects) {
            CAPTURE(mode_name(mode));
            CAPTURE(effect_name(effect));
            Decision decision = here.decide(plain(effect), mode);
            CHECK(decision.verdict == verdict_of(mode, effect));
            CHECK_FALSE(decision.why.empty());
            CHECK_FALSE(decision.nobody_to_ask);
            Decision alone = here.decide(plain(effect), mode, false);
            bool asks = verdict_of(mode, effect) == Verdict::ask;
            CHECK(alone.verdict == (asks ? Verdict::deny : verdict_of(mode, effect)));
            CHECK(alone.nobody_to_ask == asks);
        }
    }
}

TEST_CASE("a deny rule holds in every mode and for every effect") {
    Situation here({{"mcp__server__*", "bash"}, {}, {"mcp__server__*", "bash"}});
    for (Mode mode : all_modes) {
        for (Effect effect : all_effects) {
            CHECK(here.verdict(plain(effect), mode) == Verdict::deny);
        }
    }
}

TEST_CASE(
    "an allow rule lets through what the mode asks about or dont-ask refuses, but no delete") {
    Situation here({{"mcp__server__*", "bash"}, {}, {}});
    for (Mode mode : all_modes) {
        for (Effect effect : all_effects) {
            CAPTURE(mode_name(mode));
            CAPTURE(effect_name(effect));
            bool reads = effect == Effect::read || effect == Effect::network;
            bool refused = (mode == Mode::plan && !reads) ||
                           (mode == Mode::dont_ask && effect == Effect::remove);
            CHECK(here.verdict(plain(effect), mode) == (refused ? Verdict::deny : Verdict::allow));
        }
    }
}

TEST_CASE("an ask rule asks even where the mode or another rule allows") {
    Situation here({{"bash", "edit"}, {"bash(git commit:*)", "edit(*.lock)"}, {}});
    for (Mode mode : {Mode::default_, Mode::accept_edits, Mode::bypass_permissions}) {
        CAPTURE(mode_name(mode));
        Decision decision = here.decide(shell("git add . && git commit -m x"), mode);
        CHECK(decision == Decision{Verdict::ask,
                                   "rule 'bash(git commit:*)' says to ask",
                                   "bash(git commit:*)",
                                   false,
                                   {},
                                   ""});
        CHECK(here.verdict(here.edit(here.cwd + "/a.lock"), mode) == Verdict::ask);
        CHECK(here.verdict(here.edit(here.cwd + "/a.txt"), mode) == Verdict::allow);
    }
    Decision refused = here.decide(shell("git commit"), Mode::dont_ask);
    CHECK(refused.verdict == Verdict::deny);
    CHECK_FALSE(refused.nobody_to_ask);
    CHECK(here.decide(shell("git commit"), Mode::default_, false).nobody_to_ask);
}

TEST_CASE("files are edited where the mode or a rule says, and denied where a rule says") {
    Situation here({{"edit(src/**)"}, {}, {"edit(src/secret/**)", "read(.env)"}});
    CHECK(here.decide(here.edit(here.cwd + "/src/a.c")) ==
          Decision{Verdict::allow, "rule 'edit(src/**)' allows it", "edit(src/**)", false, {}, ""});
    CHECK(here.verdict(here.edit(here.cwd + "/lib/a.c")) == Verdict::ask);
    CHECK(here.verdict(here.edit(here.cwd + "/lib/a.c"), Mode::accept_edits) == Verdict::allow);
    CHECK(here.verdict(here.edit(here.cwd + "/src/a.c"), Mode::dont_ask) == Verdict::allow);
    CHECK(here.verdict(here.edit(here.cwd + "/lib/a.c"), Mode::dont_ask) == Verdict::deny);
    CHECK(here.verdict(here.edit(here.cwd + "/src/a.c"), Mode::plan) == Verdict::deny);
    for (Mode mode : all_modes) {
        CHECK(here.verdict(here.edit(here.cwd + "/src/secret/k"), mode) == Verdict::deny);
        CHECK(here.verdict(here.read(here.cwd + "/deep/.env"), mode) == Verdict::deny);
    }
    Call both{"multi_edit", Effect::edit, "", {here.cwd + "/src/a", here.cwd + "/b"}, ""};
    CHECK(here.verdict(both) == Verdict::ask);
}

TEST_CASE("outside the roots is asked, and denied when nobody can be asked") {
    Situation here;
    std::string outside = here.top.string() + "/other/file";
    for (const Call& call : {here.read(outside), here.edit(outside)}) {
        for (Mode mode : {Mode::default_, Mode::accept_edits}) {
            CHECK(here.decide(call, mode).why == "'" + outside + "' is outside the workspace");
            CHECK(here.verdict(call, mode) == Verdict::ask);
            CHECK(here.decide(call, mode, false).nobody_to_ask);
        }
        CHECK(here.verdict(call, Mode::dont_ask) == Verdict::deny);
        CHECK(here.verdict(call, Mode::bypass_permissions, false) == Verdict::allow);
    }
    CHECK(here.verdict(here.read(outside), Mode::plan) == Verdict::ask);
    CHECK(here.verdict(here.edit(outside), Mode::plan) == Verdict::deny);
}

TEST_CASE("only a rule that names the place covers what lies outside") {
    Situation broad({{"edit", "read", "edit(*.c)"}, {}, {}});
    CHECK(broad.verdict(broad.edit("/other/a.c")) == Verdict::ask);
    CHECK(broad.verdict(broad.read("/other/a.c")) == Verdict::ask);
    Situation named({{"edit(/other/**)"}, {}, {}});
    CHECK(named.verdict(named.edit("/other/a.c")) == Verdict::allow);
    CHECK(named.verdict(named.edit("/others/a.c")) == Verdict::ask);
}

TEST_CASE("what configures git or thole is asked about each time") {
    Situation here({{"edit", "bash"}, {}, {}});
    for (const char* name : {"/.git/config", "/.git/hooks/x", "/sub/.git/config", "/.git",
                             "/.thole/config.toml", "/.thole/agents/x.md"}) {
        CAPTURE(name);
        Call call = here.edit(here.cwd + name);
        Decision decision = here.decide(call, Mode::accept_edits);
        CHECK(decision.verdict == Verdict::ask);
        CHECK(decision.always_rules.empty());
        CHECK(here.verdict(call, Mode::accept_edits, false) == Verdict::deny);
        CHECK(here.verdict(call, Mode::bypass_permissions, false) == Verdict::allow);
        CHECK(here.verdict(shell(std::string("echo x > .") + name), Mode::accept_edits) ==
              Verdict::ask);
        CHECK(here.verdict(here.read(here.cwd + name)) == Verdict::allow);
    }
    CHECK(here.verdict(here.edit(here.cwd + "/.gitignore")) == Verdict::allow);
    CHECK(here.verdict(here.edit(here.cwd + "/.github/x"), Mode::accept_edits) == Verdict::allow);
}

TEST_CASE("fetching goes by the host") {
    Situation here({{"fetch_url(docs.example.com)"}, {}, {"fetch_url(evil.com)"}});
    CHECK(here.verdict(fetch("https://docs.example.com/x")) == Verdict::allow);
    CHECK(here.verdict(fetch("https://docs.example.com/x"), Mode::plan) == Verdict::allow);
    CHECK(here.verdict(fetch("https://docs.example.com/x"), Mode::dont_ask) == Verdict::allow);
    CHECK(here.verdict(fetch("https://example.com/x")) == Verdict::ask);
    CHECK(here.verdict(fetch("https://example.com/x"), Mode::plan) == Verdict::deny);
    CHECK(here.verdict(fetch("https://www.evil.com/x"), Mode::bypass_permissions) == Verdict::deny);
    CHECK(here.verdict(fetch("https://docs.example.com@evil.com/")) == Verdict::ask);
    CHECK(here.verdict(fetch("https://x@evil.com/"), Mode::bypass_permissions) == Verdict::ask);
}

TEST_CASE("with deny rules a command that cannot be seen is asked about even in bypass") {
    Situation here({{}, {}, {"bash(git push:*)"}});
    Mode bypass = Mode::bypass_permissions;
    CHECK(here.verdict(shell("make all"), bypass) == Verdict::allow);
    CHECK(here.verdict(shell("git $x"), bypass) == Verdict::ask);
    CHECK(here.verdict(shell("eval \"$x\""), bypass) == Verdict::ask);
    CHECK(here.verdict(shell("f() { git push; }; f"), bypass) == Verdict::ask);
    CHECK(here.verdict(shell("eval \"$x\""), bypass, false) == Verdict::deny);
    CHECK(here.verdict(shell("eval \"$x\"; git push"), bypass) == Verdict::deny);
    CHECK(here.verdict(shell("rm \"$x\""), bypass) == Verdict::allow);
}

TEST_CASE("a rule for the whole shell allows everything but what is denied or leaves the roots") {
    Situation here({{"bash"}, {}, {"bash(rm:*)"}});
    CHECK(here.verdict(shell("f() { x; }; f")) == Verdict::ask);  // it may be rm
    CHECK(here.verdict(shell("make && ./run > out")) == Verdict::allow);
    CHECK(here.verdict(shell("make > /etc/x")) == Verdict::ask);
    CHECK(here.verdict(shell("ls; rm x")) == Verdict::deny);
    Situation all({{"bash(*)"}, {}, {}});
    CHECK(all.verdict(shell("f() { x; }; f")) == Verdict::allow);
}

TEST_CASE("accept-edits lets commands write where it lets tools write") {
    Situation here({{"bash(echo:*)"}, {}, {}});
    CHECK(here.verdict(shell("echo x > src/a"), Mode::accept_edits) == Verdict::allow);
    CHECK(here.verdict(shell("echo x > src/a"), Mode::default_) == Verdict::ask);
    CHECK(here.verdict(shell("echo x > ../a"), Mode::accept_edits) == Verdict::ask);
    CHECK(here.verdict(shell("touch x"), Mode::accept_edits) == Verdict::ask);
}

TEST_CASE("what is offered as always is narrow and says what it covers") {
    Situation here;
    auto offered = [&](const Call& call) {
        Decision decision = here.decide(call);
        return std::pair(decision.always_rules, decision.always_says);
    };
    using Offer = std::pair<std::vector<std::string>, std::string>;
    CHECK(offered(shell("npm test -- --watch")) ==
          Offer{{"bash(npm test:*)"},
                "commands that start with 'npm test', for the rest of this session"});
    CHECK(offered(shell("npm run lint --fix")).first ==
          std::vector<std::string>{"bash(npm run lint:*)"});
    CHECK(offered(shell("rm -rf 'a b'")) ==
          Offer{{"bash(rm -rf 'a b')"},
                "exactly the command 'rm -rf 'a b'', for the rest of this session"});
    CHECK(offered(shell("make && ctest -V")).first ==
          std::vector<std::string>{"bash(make)", "bash(ctest:*)"});
    CHECK(offered(shell("rm $x")).first.empty());
    CHECK(offered(shell("PATH=. make")).first.empty());
    CHECK(offered(shell("eval $x")).first.empty());
    CHECK(offered(here.edit(here.cwd + "/src/a.c")) ==
          Offer{{"edit(./src/**)"}, "edit of files below 'src/**', for the rest of this session"});
    CHECK(offered(here.edit(here.cwd + "/a[1].c")).first ==
          std::vector<std::string>{"edit(./a\\[1].c)"});
    CHECK(offered(here.read("/other/x")).first == std::vector<std::string>{"read(/other/x)"});
    CHECK(offered(fetch("https://example.com/x")).first ==
          std::vector<std::string>{"fetch_url(example.com)"});
    CHECK(offered(plain(Effect::other)).first == std::vector<std::string>{"mcp__server__tool"});
}

TEST_CASE("what was granted for the session lets the same call through, but not past a deny") {
    Situation here({{}, {}, {"edit(src/private/**)"}},
                   {"edit(./src/**)", "edit(./a\\[1].c)", "read(/other/x)"});
    CHECK(here.verdict(here.edit(here.cwd + "/src/a.c")) == Verdict::allow);
    CHECK(here.verdict(here.edit(here.cwd + "/a[1].c")) == Verdict::allow);
    CHECK(here.verdict(here.edit(here.cwd + "/a1.c")) == Verdict::ask);
    CHECK(here.verdict(here.edit(here.cwd + "/lib/src/a.c")) == Verdict::ask);
    CHECK(here.verdict(here.read("/other/x")) == Verdict::allow);
    CHECK(here.verdict(here.read("/other/y")) == Verdict::ask);
    CHECK(here.verdict(here.edit(here.cwd + "/src/private/a")) == Verdict::deny);
}

TEST_CASE("a prompt names the rule that nearly matched") {
    Situation here({{"bash(git status)", "edit(src/**)"}, {}, {}});
    CHECK(here.decide(shell("git stash")).closest_rule == "bash(git status)");
    CHECK(here.decide(shell("git stash")).why == "no rule allows 'git stash'");
    CHECK(here.decide(here.edit(here.cwd + "/x")).closest_rule == "edit(src/**)");
}
