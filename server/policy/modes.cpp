#include "policy/modes.hpp"

#include <string>

namespace thole {

std::string_view mode_name(Mode mode) {
    switch (mode) {
        case Mode::default_:
            return "default";
        case Mode::accept_edits:
            return "accept-edits";
        case Mode::plan:
            return "plan";
        case Mode::dont_ask:
            return "dont-ask";
        case Mode::bypass_permissions:
            return "bypass-permissions";
    }
    return "default";
}

std::string_view mode_description(Mode mode) {
    switch (mode) {
        case Mode::default_:
            return "Reads freely and asks before anything else.";
        case Mode::accept_edits:
            return "Edits files in the workspace without asking.";
        case Mode::plan:
            return "Only reads, until a plan is approved.";
        case Mode::dont_ask:
            return "Does what the rules allow, refuses the rest, never asks.";
        case Mode::bypass_permissions:
            return "Does everything without asking, but what a rule denies.";
    }
    return "";
}

Result<Mode> parse_mode(std::string_view name) {
    std::string known;
    for (Mode mode : all_modes) {
        if (mode_name(mode) == name) return mode;
        known += (known.empty() ? "" : ", ") + std::string(mode_name(mode));
    }
    return fail(Code::invalid_argument,
                "unknown permission mode '" + std::string(name) + "'; known are " + known);
}

std::string_view effect_name(Effect effect) {
    switch (effect) {
        case Effect::read:
            return "read";
        case Effect::edit:
            return "edit";
        case Effect::remove:
            return "delete";
        case Effect::execute:
            return "execute";
        case Effect::network:
            return "network";
        case Effect::other:
            return "other";
    }
    return "other";
}

Result<Effect> parse_effect(std::string_view name) {
    for (Effect effect : all_effects) {
        if (effect_name(effect) == name) return effect;
    }
    return fail(Code::invalid_argument, "unknown effect '" + std::string(name) +
                                            "'; known are read, edit, delete, execute, network, "
                                            "other");
}

std::string_view verdict_name(Verdict verdict) {
    switch (verdict) {
        case Verdict::allow:
            return "allow";
        case Verdict::ask:
            return "ask";
        case Verdict::deny:
            return "deny";
    }
    return "deny";
}

Verdict verdict_of(Mode mode, Effect effect) {
    if (effect == Effect::read) return Verdict::allow;
    switch (mode) {
        case Mode::default_:
            return Verdict::ask;
        case Mode::accept_edits:
            return effect == Effect::edit ? Verdict::allow : Verdict::ask;
        case Mode::plan:
            return Verdict::deny;
        case Mode::dont_ask:
            return Verdict::deny;
        case Mode::bypass_permissions:
            return Verdict::allow;
    }
    return Verdict::deny;
}

}  // namespace thole
