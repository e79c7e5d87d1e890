#include "tools/web_address.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace thole {

namespace {

constexpr std::size_t max_length = 8192;

Error bad(std::string_view what) {
    return fail(Code::invalid_argument, std::string(what));
}

bool is_plain(char c) {
    return c > ' ' && c != '\x7f' && c != '\\';
}

bool is_host_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:[]").find(c) != std::string_view::npos;
}

bool is_legal_port(std::string_view port) {
    return !port.empty() && port.size() <= 5 &&
           port.find_first_not_of("0123456789") == std::string_view::npos;
}

// The host without a port that the scheme has anyway. "" when the port is none.
std::string without_own_port(const std::string& host, std::string_view scheme) {
    const std::size_t bracket = host.find(']');
    const std::size_t colon = host.find(':', bracket == std::string::npos ? 0 : bracket);
    if (colon == std::string::npos) return host;
    const std::string_view port = std::string_view(host).substr(colon + 1);
    if (colon == 0 || !is_legal_port(port)) return {};
    const bool is_own = port == (scheme == "http" ? "80" : "443");
    return is_own ? host.substr(0, colon) : host;
}

std::string text_of(const WebAddress& address) {
    return address.scheme + "://" + address.host + address.path;
}

}  // namespace

Result<WebAddress> parse_web_address(std::string_view url) {
    if (url.size() > max_length) return bad("an address of more than 8192 bytes is not fetched");
    if (!std::all_of(url.begin(), url.end(), is_plain)) {
        return bad("an address holds no white space, control character or backslash");
    }
    WebAddress address;
    const std::size_t scheme_end = url.find("://");
    if (scheme_end != std::string_view::npos) {
        address.scheme = to_lower_ascii(url.substr(0, scheme_end));
    }
    if (address.scheme != "http" && address.scheme != "https") {
        return bad("only addresses that begin with http:// or https:// can be fetched");
    }
    url.remove_prefix(scheme_end + 3);
    url = url.substr(0, url.find('#'));
    const std::size_t host_end = std::min(url.find_first_of("/?"), url.size());
    const std::string host = to_lower_ascii(url.substr(0, host_end));
    if (host.find('@') != std::string::npos)
        return bad("an address with a user name is not fetched");
    const bool is_legal = std::all_of(host.begin(), host.end(), is_host_char);
    address.host = is_legal ? without_own_port(host, address.scheme) : std::string();
    if (address.host.empty()) return bad("the address has no legal host name");
    address.path = std::string(url.substr(host_end));
    if (address.path.empty() || address.path[0] != '/') address.path.insert(0, "/");
    return address;
}

Result<std::string> resolve_web_address(std::string_view base, std::string_view location) {
    Result<WebAddress> from = parse_web_address(base);
    if (!from) return from.error();
    const std::string_view target = trim(location);
    const bool has_scheme = target.find("://") < target.find_first_of("/?#");
    std::string joined;
    if (has_scheme ||
        target.substr(0, target.find_first_of("/?#")).find(':') != std::string_view::npos) {
        joined = std::string(target);
    } else if (target.substr(0, 2) == "//") {
        joined = from->scheme + ":" + std::string(target);
    } else if (target.substr(0, 1) == "/") {
        joined = from->scheme + "://" + from->host + std::string(target);
    } else {
        const std::string path = from->path.substr(0, from->path.find('?'));
        const std::string folder =
            target.substr(0, 1) == "?" ? path : path.substr(0, path.rfind('/') + 1);
        joined = from->scheme + "://" + from->host + folder + std::string(target);
    }
    Result<WebAddress> to = parse_web_address(joined);
    if (!to) {
        return fail(Code::invalid_argument,
                    "it redirects to '" + one_line(target, 200) + "': " + to.error().message);
    }
    return text_of(*to);
}

bool may_follow(std::string_view from, std::string_view to) {
    const Result<WebAddress> a = parse_web_address(from);
    const Result<WebAddress> b = parse_web_address(to);
    if (!a || !b || a->host != b->host) return false;
    return a->scheme == b->scheme || b->scheme == "https";
}

}  // namespace thole
