#include "agent/hook.hpp"

#include <doctest/doctest.h>

using namespace thole;

namespace {

Hook hook_of(HookEvent event, bool fails_closed = false) {
    Hook hook;
    hook.event = event;
    hook.command = "./check";
    hook.fails_closed = fails_closed;
    hook.source = "/c/config.toml";
    return hook;
}

HookEnd ended(int code, std::string out = {}, std::string err = {}) {
    HookEnd end;
    end.code = code;
    end.out = std::move(out);
    end.err = std::move(err);
    return end;
}

HookVerdict pre(const HookEnd& end, bool fails_closed = true) {
    return verdict_of(hook_of(HookEvent::pre_tool, fails_closed), end);
}

}  // namespace

TEST_CASE("a hook that ends well lets things go on, whatever words it prints") {
    CHECK(pre(ended(0)) == HookVerdict{});
    CHECK(pre(ended(0, "all good\n", "noise")) == HookVerdict{});
    CHECK(pre(ended(0, R"({"context":" look at x "})")) ==
          HookVerdict{"context", "", "look at x", false});
}

TEST_CASE("a hook can deny and ask, and never allow") {
    CHECK(pre(ended(0, R"({"decision":"deny","reason":"no"})")) ==
          HookVerdict{"deny", "no", "", true});
    CHECK(pre(ended(0, R"({"decision":"ask","reason":"sure?","context":"c"})")) ==
          HookVerdict{"ask", "sure?", "c", false});
    for (const char* word : {"allow", "approve"}) {
        CHECK(pre(ended(0, std::string(R"({"decision":")") + word + "\"}")) == HookVerdict{});
    }
    CHECK(pre(ended(2, "", "not today\n")) == HookVerdict{"deny", "not today", "", true});
    CHECK(pre(ended(2)).reason == "the hook './check' gave no reason");
}

TEST_CASE("a guard that says nothing valid holds the call up, unless it is told to go on") {
    HookEnd late, dead, lost;
    late.is_late = true;
    dead.signal = 9;
    lost.fault = "no such file";
    for (const HookEnd& end : {late, dead, lost, ended(1), ended(127, "", "sh: ./check: not found"),
                               ended(0, "{broken"), ended(0, R"({"decision":"maybe"})")}) {
        HookVerdict closed = pre(end);
        CHECK(closed.outcome == "failed");
        CHECK(closed.blocks);
        CHECK(closed.reason.find("the hook './check' (/c/config.toml) ") == 0);
        HookVerdict open = pre(end, false);
        CHECK(open.outcome == "failed");
        CHECK_FALSE(open.blocks);
    }
    CHECK(pre(late).reason.find("did not end within 10 seconds") != std::string::npos);
    CHECK(pre(ended(127, "", "sh: ./check: not found"))
              .reason.ends_with("127: sh: ./check: not found"));
}

TEST_CASE("what has happened cannot be blocked: an objection is feedback") {
    for (HookEvent event :
         {HookEvent::post_tool, HookEvent::session_start, HookEvent::compaction}) {
        HookVerdict verdict = verdict_of(hook_of(event, true), ended(2, "", "hm"));
        CHECK(verdict == HookVerdict{"feedback", "hm", "", false});
        CHECK_FALSE(verdict_of(hook_of(event, true), ended(1)).blocks);
    }
    CHECK(verdict_of(hook_of(HookEvent::prompt), ended(0, R"({"decision":"ask"})")).outcome ==
          "deny");
}

TEST_CASE("what a hook prints is bounded and valid text") {
    HookVerdict verdict = pre(ended(2, "", std::string(100'000, 'x') + "\xff"));
    CHECK(verdict.reason.size() <= 4096);
    std::string context(100'000, 'y');
    CHECK(pre(ended(0, "{\"context\":\"" + context + "\"}")).context.size() == 16 * 1024);
    CHECK(pre(ended(2, "", "a\xff")).reason == "a\xef\xbf\xbd");
}

TEST_CASE("events have names, and an unknown one gets them all") {
    CHECK(*parse_hook_event("subagent_stop") == HookEvent::subagent_stop);
    CHECK(hook_event_name(HookEvent::compaction) == "compaction");
    CHECK(parse_hook_event("x").error().message.ends_with(
        "pre_tool, post_tool, prompt, session_start, session_end, subagent_start, subagent_stop, "
        "compaction"));
}
