#include "base/code.hpp"

#include <array>
#include <utility>

namespace thole {
namespace {

constexpr std::array names = {
    std::pair{Code::internal, "internal"},
    std::pair{Code::invalid_argument, "invalid_argument"},
    std::pair{Code::not_found, "not_found"},
    std::pair{Code::exists, "exists"},
    std::pair{Code::denied, "denied"},
    std::pair{Code::cancelled, "cancelled"},
    std::pair{Code::timed_out, "timed_out"},
    std::pair{Code::io, "io"},
    std::pair{Code::corrupt, "corrupt"},
    std::pair{Code::configuration, "configuration"},
    std::pair{Code::authentication, "authentication"},
    std::pair{Code::unavailable, "unavailable"},
    std::pair{Code::refused, "refused"},
    std::pair{Code::too_large, "too_large"},
    std::pair{Code::limit, "limit"},
    std::pair{Code::busy, "busy"},
};

}  // namespace

std::string_view code_name(Code code) {
    for (const auto& [value, name] : names) {
        if (value == code) return name;
    }
    return "internal";
}

std::optional<Code> parse_code(std::string_view wanted) {
    for (const auto& [value, name] : names) {
        if (name == wanted) return value;
    }
    return std::nullopt;
}

}  // namespace thole
