// Permission modes, effects of tools, and the table that says what a mode does about an effect when
// no rule speaks. The names are the ACP mode ids, too. Pure.
#pragma once
#include <array>
#include <string_view>

#include "base/result.hpp"

namespace thole {

enum class Mode { default_, accept_edits, plan, dont_ask, bypass_permissions };
inline constexpr std::array all_modes = {Mode::default_, Mode::accept_edits, Mode::plan,
                                         Mode::dont_ask, Mode::bypass_permissions};

// "default", "accept-edits", "plan", "dont-ask", "bypass-permissions".
std::string_view mode_name(Mode mode);
// One sentence for a list that people choose from.
std::string_view mode_description(Mode mode);
// Error: invalid_argument, lists the names.
Result<Mode> parse_mode(std::string_view name);

// What a call does to the world; each tool states its own.
enum class Effect { read, edit, remove, execute, network, other };
inline constexpr std::array all_effects = {Effect::read,    Effect::edit,    Effect::remove,
                                           Effect::execute, Effect::network, Effect::other};

// "read", "edit", "delete", "execute", "network", "other".
std::string_view effect_name(Effect effect);
Result<Effect> parse_effect(std::string_view name);

enum class Verdict { allow, ask, deny };
std::string_view verdict_name(Verdict verdict);

// For paths inside the roots and without any rule. In plan and dont-ask a deny for network (plan)
// and for all but delete (dont-ask) yields to an allow rule; decide() knows.
Verdict verdict_of(Mode mode, Effect effect);

}  // namespace thole
