#include "policy/decide.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "policy/decide_command.hpp"
#include "policy/suggest.hpp"

namespace thole {

namespace {

std::string in_quotes(std::string_view text) {
    return "'" + std::string(text) + "'";
}

// What a call is about, for people.
std::string subject(const Call& call, const Policy& policy) {
    if (!call.url.empty()) return one_line(call.url, 120);
    if (!call.paths.empty()) return policy.roots.shown(call.paths[0]);
    return call.tool;
}

enum class Certainty { no, maybe, yes };

// Deny and ask rules: one path that is covered is enough.
Certainty restricts(const Rule& rule, const Call& call, const Roots& roots) {
    if (!names_tool(rule, call.tool)) return Certainty::no;
    if (rule.kind == RuleKind::whole_tool) return Certainty::yes;
    if (rule.kind == RuleKind::host) {
        Result<std::string> host = url_host(call.url);
        if (!host) return Certainty::maybe;
        return covers_host(rule, *host, true) ? Certainty::yes : Certainty::no;
    }
    for (const std::string& path : call.paths) {
        if (covers_path(rule, roots, path, true)) return Certainty::yes;
    }
    return Certainty::no;
}

// Allow rules: every path has to be covered, each by some rule.
const Rule* allowing_rule(const Call& call, const Policy& policy) {
    const Rule* last = nullptr;
    for (const std::string& path : call.paths) {
        last = allow_rule_for_path(policy, call.tool, path);
        if (!last) return nullptr;
    }
    if (!call.paths.empty()) return last;
    for (const Rules* rules : {&policy.configured, &policy.granted}) {
        for (const Rule& rule : rules->allow) {
            if (!names_tool(rule, call.tool)) continue;
            if (rule.kind == RuleKind::whole_tool) return &rule;
            Result<std::string> host = url_host(call.url);
            if (host && covers_host(rule, *host, false)) return &rule;
        }
    }
    return nullptr;
}

std::string closest_allow_rule(const Call& call, const Policy& policy) {
    for (const Rules* rules : {&policy.configured, &policy.granted}) {
        for (const Rule& rule : rules->allow) {
            if (names_tool(rule, call.tool)) return rule.text;
        }
    }
    return "";
}

std::string by_mode(const Call& call, const Policy& policy) {
    std::string says = verdict_of(policy.mode, call.effect) == Verdict::allow ? " allows "
                       : policy.mode == Mode::plan                            ? " refuses "
                                                                              : " asks before ";
    return "mode " + std::string(mode_name(policy.mode)) + says + "calls with the effect '" +
           std::string(effect_name(call.effect)) + "'";
}

Decision asked_with_offer(const Call& call, const Policy& policy, std::string why) {
    Decision decision = asked(policy, std::move(why), closest_allow_rule(call, policy));
    if (decision.verdict == Verdict::ask) suggest_for_call(decision, call, policy.roots);
    return decision;
}

const std::string* path_where(const Call& call, auto condition) {
    auto found = std::find_if(call.paths.begin(), call.paths.end(), condition);
    return found == call.paths.end() ? nullptr : &*found;
}

// What neither a deny nor an ask rule speaks about.
Decision by_rules_and_mode(const Call& call, const Policy& policy) {
    if (policy.mode == Mode::bypass_permissions) return allowed(by_mode(call, policy));
    const std::string* guarded =
        path_where(call, [&](auto& path) { return policy.roots.is_protected(path); });
    if (guarded && call.effect != Effect::read) {
        return asked(policy, in_quotes(policy.roots.shown(*guarded)) +
                                 " configures git or thole, which is asked about each time");
    }
    const Rule* rule = allowing_rule(call, policy);
    bool never = policy.mode == Mode::dont_ask && call.effect == Effect::remove;
    if (rule && !never) {
        return allowed("rule " + in_quotes(rule->text) + " allows it", rule->text);
    }
    const std::string* outside =
        path_where(call, [&](auto& path) { return !policy.roots.contains(path); });
    if (outside) {
        return asked_with_offer(call, policy, in_quotes(*outside) + " is outside the workspace");
    }
    if (verdict_of(policy.mode, call.effect) == Verdict::allow) {
        return allowed(by_mode(call, policy));
    }
    if (policy.mode == Mode::plan) return denied(by_mode(call, policy));
    return asked_with_offer(call, policy, by_mode(call, policy));
}

// Before a plan is approved nothing but reading happens, whatever an allow rule says; fetching is
// the exception that needs one.
bool plan_forbids(const Call& call, const Policy& policy) {
    return policy.mode == Mode::plan && call.effect != Effect::read &&
           call.effect != Effect::network;
}

}  // namespace

Decision allowed(std::string why, std::string rule) {
    Decision decision;
    decision.verdict = Verdict::allow;
    decision.why = std::move(why);
    decision.closest_rule = std::move(rule);
    return decision;
}

Decision denied(std::string why, std::string rule) {
    Decision decision = allowed(std::move(why), std::move(rule));
    decision.verdict = Verdict::deny;
    return decision;
}

Decision asked(const Policy& policy, std::string why, std::string rule) {
    if (policy.mode == Mode::dont_ask) {
        return denied(why + "; mode dont-ask refuses what no rule allows", std::move(rule));
    }
    if (!policy.somebody_can_be_asked) {
        Decision decision = denied(why + "; nobody can be asked", std::move(rule));
        decision.nobody_to_ask = true;
        return decision;
    }
    Decision decision = allowed(std::move(why), std::move(rule));
    decision.verdict = Verdict::ask;
    return decision;
}

const Rule* rule_for_path(const std::vector<Rule>& rules, const std::string& tool,
                          const std::string& path, const Roots& roots, bool any_root) {
    for (const Rule& rule : rules) {
        if (names_tool(rule, tool) && covers_path(rule, roots, path, any_root)) return &rule;
    }
    return nullptr;
}

const Rule* allow_rule_for_path(const Policy& policy, const std::string& tool,
                                const std::string& path) {
    bool inside = policy.roots.contains(path);
    for (const Rules* rules : {&policy.configured, &policy.granted}) {
        for (const Rule& rule : rules->allow) {
            bool names_place = rule.kind == RuleKind::path && rule.pattern.starts_with('/');
            if (!names_tool(rule, tool) || (!inside && !names_place)) continue;
            if (covers_path(rule, policy.roots, path, false)) return &rule;
        }
    }
    return nullptr;
}

Decision decide(const Call& call, const Policy& policy) {
    bool is_about_job = call.command.empty() && call.effect == Effect::read;
    if (call.tool == "bash" && !is_about_job) return decide_command(call, policy);
    const Rule* open = nullptr;
    for (const Rule& rule : policy.configured.deny) {
        Certainty certainty = restricts(rule, call, policy.roots);
        if (certainty == Certainty::yes) {
            return denied(
                "rule " + in_quotes(rule.text) + " denies " + in_quotes(subject(call, policy)),
                rule.text);
        }
        if (certainty == Certainty::maybe) open = &rule;
    }
    if (plan_forbids(call, policy)) return denied(by_mode(call, policy));
    for (const Rule& rule : policy.configured.ask) {
        if (restricts(rule, call, policy.roots) == Certainty::no) continue;
        return asked(policy, "rule " + in_quotes(rule.text) + " says to ask", rule.text);
    }
    if (open) {
        return asked(policy,
                     "it is not certain whether rule " + in_quotes(open->text) + " denies it",
                     open->text);
    }
    return by_rules_and_mode(call, policy);
}

bool may_concern(const Rule& rule, const Call& call, const Roots& roots) {
    bool is_command = call.tool == "bash" && !call.command.empty();
    if (is_command) return may_concern_command(rule, call);
    return restricts(rule, call, roots) != Certainty::no;
}

}  // namespace thole
