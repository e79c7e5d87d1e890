#include "policy/modes.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace thole;

TEST_CASE("the table of modes and effects is the one of the specification") {
    constexpr Verdict a = Verdict::allow, q = Verdict::ask, d = Verdict::deny;
    // read, edit, delete, execute, network, other
    const std::map<Mode, std::array<Verdict, 6>> table = {
        {Mode::default_, {a, q, q, q, q, q}},
        {Mode::accept_edits, {a, a, q, q, q, q}},
        {Mode::plan, {a, d, d, d, d, d}},
        {Mode::dont_ask, {a, d, d, d, d, d}},
        {Mode::bypass_permissions, {a, a, a, a, a, a}},
    };
    for (Mode mode : all_modes) {
        for (std::size_t i = 0; i < all_effects.size(); ++i) {
            CAPTURE(mode_name(mode));
            CAPTURE(effect_name(all_effects[i]));
            CHECK(verdict_of(mode, all_effects[i]) == table.at(mode)[i]);
        }
    }
}

TEST_CASE("names of modes and effects are read as they are written") {
    std::string names;
    for (Mode mode : all_modes) {
        CHECK(parse_mode(mode_name(mode)).value() == mode);
        CHECK_FALSE(mode_description(mode).empty());
        names += std::string(mode_name(mode)) + " ";
    }
    CHECK(names == "default accept-edits plan dont-ask bypass-permissions ");
    for (Effect effect : all_effects) CHECK(parse_effect(effect_name(effect)).value() == effect);
    CHECK(effect_name(Effect::remove) == "delete");
}

TEST_CASE("an unknown mode or effect is answered with the known ones") {
    CHECK(parse_mode("yolo").error() ==
          Error{Code::invalid_argument,
                "unknown permission mode 'yolo'; known are default, accept-edits, plan, dont-ask, "
                "bypass-permissions"});
    CHECK_FALSE(parse_mode("").has_value());
    CHECK_FALSE(parse_mode("Default").has_value());
    CHECK(parse_effect("remove").error().code == Code::invalid_argument);
}
