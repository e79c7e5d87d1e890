// The conversation as text, for the request that has it summarised: as much as fits, the user's
// words and what came last kept best. Pure.
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "journal/state.hpp"

namespace thole {

// At most `most` bytes, or one marker more. Each entry stands in a tag of its own: <user>,
// <assistant>, <call tool="…">, <result tool="…">, <earlier_summary>. Thoughts are left out, images
// are named.
std::string transcript(std::span<const ContextItem> items, std::size_t most);

}  // namespace thole
