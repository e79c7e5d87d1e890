// Commands before a plan is approved: what decides is whether something keeps them from writing.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "policy/decide.hpp"
#include "support/scratch.hpp"

using namespace thole;

namespace {

const std::string holder = "Landlock ABI 7 and seccomp";

struct Situation {
    test::Scratch scratch;
    Rules configured, granted;
    Roots roots = Roots::open({scratch.path()}).value();

    explicit Situation(const RuleTexts& rules = {}) : configured(parse_rules(rules).value()) {}

    Decision decide(const std::string& command, const std::string& holds = holder,
                    Mode mode = Mode::plan) const {
        Policy policy{mode, configured, granted, roots};
        policy.read_only_holds = holds;
        policy.read_only_lacks = holds.empty() ? "this kernel has no Landlock" : "";
        return thole::decide({"bash", Effect::execute, command, {}, ""}, policy);
    }
};

}  // namespace

TEST_CASE("a command that is kept from writing runs in plan mode, whatever it says") {
    Situation here;
    for (const char* command : {"git log", "rm -rf /", "echo x > file", "sh -c \"$x\"", "if"}) {
        CAPTURE(command);
        Decision decision = here.decide(command);
        CHECK(decision.verdict == Verdict::allow);
        CHECK(decision.read_only);
        CHECK(decision.why == "mode plan: runs read-only, held by Landlock ABI 7 and seccomp");
    }
}

TEST_CASE("a command that nothing keeps from writing is refused in plan mode with the reason") {
    Situation here({{"bash", "bash(git log)"}, {}, {}});
    Decision decision = here.decide("git log", "");
    CHECK(decision.verdict == Verdict::deny);
    CHECK_FALSE(decision.nobody_to_ask);
    CHECK(decision.why ==
          "mode plan refuses commands until a plan is approved, because nothing keeps them from "
          "writing here: this kernel has no Landlock");
}

TEST_CASE("deny and ask rules hold in plan mode, and what is asked about only reads, too") {
    Situation here({{"bash"}, {"bash(npm:*)"}, {"bash(git push:*)", "read(.env)"}});
    CHECK(here.decide("git push").verdict == Verdict::deny);
    CHECK(here.decide("cat .env").verdict == Verdict::deny);
    CHECK(here.decide("ls; git push origin").verdict == Verdict::deny);
    Decision asked = here.decide("npm test");
    CHECK(asked.verdict == Verdict::ask);
    CHECK(asked.read_only);
    CHECK(asked.why == "rule 'bash(npm:*)' says to ask");
    Decision unsure = here.decide("git $x");
    CHECK(unsure.verdict == Verdict::ask);
    CHECK(unsure.read_only);
}

TEST_CASE("in other modes nothing changes where commands can be kept from writing") {
    Situation here;
    for (Mode mode : all_modes) {
        if (mode == Mode::plan) continue;
        CAPTURE(mode_name(mode));
        CHECK(here.decide("git log", holder, mode) == here.decide("git log", "", mode));
        CHECK_FALSE(here.decide("git log", holder, mode).read_only);
    }
}

TEST_CASE("looking after a background job needs no question in any mode") {
    Situation here;
    Situation strict({{}, {}, {"bash"}});
    for (Mode mode : all_modes) {
        CAPTURE(mode_name(mode));
        Call job{"bash", Effect::read, "", {}, ""};
        Policy policy{mode, here.configured, here.granted, here.roots};
        CHECK(decide(job, policy).verdict == Verdict::allow);
        Policy narrow{mode, strict.configured, strict.granted, strict.roots};
        CHECK(decide(job, narrow).verdict == Verdict::deny);
    }
}
