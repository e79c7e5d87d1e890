// May this call run? Rules and mode in one pure function: deny > ask > allow > mode, a deny holds
// in every mode. Every answer has its reason. It executes and asks nothing: the session does.
#pragma once
#include <string>
#include <vector>

#include "policy/modes.hpp"
#include "policy/rules.hpp"
#include "workspace/roots.hpp"

namespace thole {

// What a tool is about to do; from Prepared.
struct Call {
    std::string tool;
    Effect effect = Effect::read;
    std::string command;             // bash: the whole text
    std::vector<std::string> paths;  // resolved, absolute
    std::string url;                 // fetch_url
};

// What holds in the session at this moment. References outlive the call of decide().
struct Policy {
    Mode mode = Mode::default_;
    const Rules& configured;
    const Rules& granted;  // "allow always" answers of this session; only its `allow` is used
    const Roots& roots;
    bool somebody_can_be_asked = true;
    // What keeps a command from changing anything (Confinement::proof), and what is missing for
    // that when it is empty. Only looked at where commands may but read: in mode plan.
    std::string read_only_holds{}, read_only_lacks{};
};

struct Decision {
    Verdict verdict = Verdict::ask;
    // One sentence: "rule 'bash(git push:*)' denies 'git push origin'".
    std::string why;
    // The text of the rule that decided, or of the allow rule that nearly matched; may be "".
    std::string closest_rule;
    // Denied only because it would have had to be asked and nobody can be (exit code 13).
    bool nobody_to_ask = false;
    // Allow rules that would let this call through next time, to be offered as "allow always";
    // empty when none narrow enough exists or a rule says to ask each time.
    std::vector<std::string> always_rules;
    // What they cover, in words: "commands that start with 'npm test', in this session".
    std::string always_says;
    // When it runs, the command must be kept from changing anything.
    bool read_only = false;
    bool operator==(const Decision&) const = default;
};

Decision decide(const Call& call, const Policy& policy);

// Whether the call may be one that the rule is about; what cannot be told for certain (a command
// that cannot be taken apart, a host that cannot be read) may be.
bool may_concern(const Rule& rule, const Call& call, const Roots& roots);

}  // namespace thole
