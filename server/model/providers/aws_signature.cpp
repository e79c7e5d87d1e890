#include "model/providers/aws_signature.hpp"

#include <algorithm>
#include <ctime>
#include <map>
#include <vector>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "model/providers/exchange.hpp"

namespace thole::model {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

struct Address {
    std::string host, path, query;
};

Address split(std::string_view url) {
    Address parts;
    url.remove_prefix(std::min(url.find("://"), url.size() - 3) + 3);
    std::size_t end = std::min(url.find_first_of("/?"), url.size());
    parts.host = to_lower_ascii(url.substr(0, end));
    url.remove_prefix(end);
    std::size_t query = std::min(url.find('?'), url.size());
    parts.path = url.substr(0, query);
    parts.query = url.substr(std::min(query + 1, url.size()));
    if (parts.path.empty()) parts.path = "/";
    return parts;
}

// "20150830T123600Z"
std::string stamp(TimePoint now) {
    std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    std::size_t size = std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
    return std::string(text, size);
}

// Sorted by name and then by value; a name without value has an empty one.
std::string canonical_query(std::string_view query) {
    std::vector<std::string> parts;
    while (!query.empty()) {
        std::size_t end = std::min(query.find('&'), query.size());
        std::string part(query.substr(0, end));
        if (part.find('=') == std::string::npos) part += '=';
        parts.push_back(std::move(part));
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    std::sort(parts.begin(), parts.end());
    std::string joined;
    for (const std::string& part : parts) joined += (joined.empty() ? "" : "&") + part;
    return joined;
}

// By name in lower case; the values without white space at their ends and with single spaces.
std::map<std::string, std::string> signed_headers(const http::Request& request,
                                                  const std::string& host) {
    std::map<std::string, std::string> headers{{"host", host}};
    for (const auto& [name, value] : request.headers) {
        std::string lower = to_lower_ascii(name);
        bool is_signed = lower == "content-type" || lower.starts_with("x-amz-");
        if (is_signed) headers[lower] = one_line(trim(value), value.size() + 1);
    }
    return headers;
}

std::string joined_names(const std::map<std::string, std::string>& headers) {
    std::string names;
    for (const auto& [name, value] : headers) names += (names.empty() ? "" : ";") + name;
    return names;
}

std::string canonical_request(const http::Request& request,
                              const std::map<std::string, std::string>& headers) {
    Address address = split(request.url);
    std::string text = request.method + "\n" + percent_encoded(address.path, "/") + "\n" +
                       canonical_query(address.query) + "\n";
    for (const auto& [name, value] : headers) text += name + ":" + value + "\n";
    return text + "\n" + joined_names(headers) + "\n" + sha256_hex(request.body);
}

std::string signing_key(const AwsKeys& keys, const AwsScope& scope, std::string_view day) {
    std::string key = hmac_sha256("AWS4" + keys.secret_access_key, day);
    key = hmac_sha256(key, scope.region);
    key = hmac_sha256(key, scope.service);
    return hmac_sha256(key, "aws4_request");
}

}  // namespace

void sign_for_aws(http::Request& request, const AwsKeys& keys, const AwsScope& scope,
                  TimePoint now) {
    std::string time = stamp(now);
    std::string day = time.substr(0, 8);
    request.headers.emplace_back("x-amz-date", time);
    add_header(request, {"x-amz-security-token", keys.session_token});
    std::map<std::string, std::string> headers = signed_headers(request, split(request.url).host);
    std::string place = day + "/" + scope.region + "/" + scope.service + "/aws4_request";
    std::string to_sign = std::string(algorithm) + "\n" + time + "\n" + place + "\n" +
                          sha256_hex(canonical_request(request, headers));
    std::string signature = hmac_sha256_hex(signing_key(keys, scope, day), to_sign);
    request.headers.emplace_back(
        "authorization", std::string(algorithm) + " Credential=" + keys.access_key_id + "/" +
                             place + ", SignedHeaders=" + joined_names(headers) +
                             ", Signature=" + signature);
}

}  // namespace thole::model
