// Ids of sessions and random tokens. Random characters come from getrandom(2); ids that others gave
// are checked here before they become part of a path.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace thole {

// "YYYYMMDD-HHMM-xxxx" in local time; `random4` are the four last characters.
std::string new_session_id(TimePoint now, std::string_view random4);
// The same with four random ones.
std::string new_session_id(TimePoint now);

// ^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$ without "..".
bool is_valid_session_id(std::string_view id);

// `chars` random characters of lower-case base32 (a-z, 2-7), 5 bits each.
std::string random_token(std::size_t chars);

}  // namespace thole
