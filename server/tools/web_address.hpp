// The parts of a web address that fetch_url and redirects turn on. Strict, so that what policy sees
// as the host is the host that is asked: no user names, no backslashes, no white space. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace thole {

struct WebAddress {
    std::string scheme;  // http or https
    std::string host;    // lower case, with ":port" when that is not the scheme's own
    std::string path;    // from "/" to the end, with the query; without the fragment
    bool operator==(const WebAddress&) const = default;
};

// Errors: invalid_argument, says what is wrong.
Result<WebAddress> parse_web_address(std::string_view url);

// The address that a Location header of `base` leads to.
Result<std::string> resolve_web_address(std::string_view base, std::string_view location);

// Whether a redirect stays on the same host; the way up from http to https is open, down it isn't.
bool may_follow(std::string_view from, std::string_view to);

}  // namespace thole
