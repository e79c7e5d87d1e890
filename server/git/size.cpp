#include "git/size.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <iterator>

#include "base/text.hpp"

namespace thole::git {
namespace {

struct Unit {
    std::string_view name;
    double bytes;
};
constexpr Unit units[] = {{"", 1}, {"b", 1}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12}};

}  // namespace

Result<std::uint64_t> parse_size(const std::string& text) {
    std::string_view rest = trim(text);
    double number = 0;
    auto [end, failed] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    std::string name =
        to_lower_ascii(trim(rest.substr(static_cast<std::size_t>(end - rest.data()))));
    for (const Unit& unit : units) {
        bool is_fine = failed == std::errc() && number >= 0 && std::isfinite(number) &&
                       name == unit.name && number * unit.bytes < 1e18;
        if (is_fine) return static_cast<std::uint64_t>(std::llround(number * unit.bytes));
    }
    return fail(Code::invalid_argument,
                "expected a size such as \"20GB\" or \"500MB\", got '" + one_line(text, 40) + "'");
}

std::string shown_size(std::uint64_t bytes) {
    auto number = static_cast<double>(bytes);
    const char* names[] = {"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    for (; number >= 999.5 && unit + 1 < std::size(names); ++unit) number /= 1000;
    char shown[32];
    std::snprintf(shown, sizeof shown, number < 9.95 && unit > 0 ? "%.1f %s" : "%.0f %s", number,
                  names[unit]);
    return shown;
}

}  // namespace thole::git
