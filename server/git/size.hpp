// Sizes on the disk as people write them. Pure.
#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace thole::git {

// "20GB", "512 MB", "1.5TB", "0": powers of 1000. Error: invalid_argument.
Result<std::uint64_t> parse_size(const std::string& text);
std::string shown_size(std::uint64_t bytes);  // "1.2 GB"

}  // namespace thole::git
