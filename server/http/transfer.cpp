#include "http/transfer.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

namespace thole::http {

namespace {

constexpr std::size_t max_error_body = 1U << 20U;
constexpr long max_redirects = 10;

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return result;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Scheme, host and port, without a password.
std::string origin(const std::string& url) {
    std::size_t host = url.find("://");
    if (host == std::string::npos) {
        std::string quoted("'");
        quoted.append(url, 0, 40);
        return quoted.append("'");
    }
    host += 3;
    std::string authority = url.substr(host, url.find_first_of("/?#", host) - host);
    std::size_t at = authority.rfind('@');
    if (at != std::string::npos) authority.erase(0, at + 1);
    return url.substr(0, host) + authority;
}

bool is_web_address(const std::string& url) {
    std::string start = lower(std::string_view(url).substr(0, 8));
    bool is_web = start.starts_with("http://") || start.starts_with("https://");
    return is_web &&
           std::none_of(url.begin(), url.end(), [](unsigned char letter) { return letter <= ' '; });
}

bool is_success(int status) {
    return status >= 200 && status < 300;
}

bool has_line_break(const std::string& text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
}

// The certificates that the curl program would take.
const char* certificate_file() {
    const char* file = std::getenv("CURL_CA_BUNDLE");
    if (!file || *file == 0) file = std::getenv("SSL_CERT_FILE");
    return file && *file != 0 ? file : nullptr;
}

}  // namespace

Transfer::Transfer(async::Loop& loop, const CurlApi& api, const Request& request,
                   const BodySink& on_body)
    : api_(api),
      request_(request),
      on_body_(on_body),
      easy_(api.easy_init()),
      changed_(loop),
      silence_(loop, [this] { look_for_silence(); }) {}

Transfer::~Transfer() {
    api_.easy_cleanup(easy_);
    api_.slist_free_all(headers_);
}

Result<void> Transfer::prepare() {
    if (!is_web_address(request_.url)) {
        return fail(Code::invalid_argument, "cannot send a request to " + origin(request_.url) +
                                                ": not a valid http or https URL");
    }
    set(CURLOPT_URL, request_.url.c_str());
    set_method();
    set_limits();
    set_callbacks();
    return set_headers();
}

void Transfer::set_method() {
    const std::string& method = request_.method;
    if (method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    } else if (method == "GET" && request_.body.empty()) {
        set(CURLOPT_HTTPGET, 1L);
    } else {
        set(CURLOPT_POSTFIELDS, request_.body.c_str());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
        if (method != "POST") set(CURLOPT_CUSTOMREQUEST, method.c_str());
    }
}

void Transfer::set_limits() {
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
    set(CURLOPT_FOLLOWLOCATION, request_.follow_redirects ? 1L : 0L);
    set(CURLOPT_MAXREDIRS, max_redirects);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // a cancel does not wait for the name server
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TCP_NODELAY, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    if (const char* file = certificate_file()) set(CURLOPT_CAINFO, file);
}

void Transfer::set_callbacks() {
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_ERRORBUFFER, reason_.data());
    set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_chunk);
    set(CURLOPT_WRITEDATA, this);
}

// To libcurl "Name:" takes out a header of its own, and "Name;" is a header without a value.
Result<void> Transfer::set_headers() {
    bool has_type = false;
    append_header("Expect:");
    for (const auto& [name, value] : request_.headers) {
        if (name.empty() || has_line_break(name) || has_line_break(value)) {
            return fail(Code::invalid_argument,
                        "cannot send the header '" + std::string(trimmed(name)) +
                            "': its name is empty or it holds a line break; check the key or "
                            "setting that it comes from");
        }
        std::string line = name;
        append_header(value.empty() ? line.append(";") : line.append(": ").append(value));
        has_type = has_type || lower(name) == "content-type";
    }
    if (!has_type) append_header("Content-Type:");
    set(CURLOPT_USERAGENT, "thole/" THOLE_VERSION);
    set(CURLOPT_HTTPHEADER, headers_);
    return {};
}

void Transfer::append_header(const std::string& line) {
    headers_ = api_.slist_append(headers_, line.c_str());
}

std::size_t Transfer::on_header(char* text, std::size_t, std::size_t size, void* self) {
    static_cast<Transfer*>(self)->take_header(std::string_view(text, size));
    return size;
}

// Each answer on the way (100, redirects, a proxy's) begins with a status line of its own.
void Transfer::take_header(std::string_view line) {
    last_byte_ = std::chrono::steady_clock::now();
    if (line.starts_with("HTTP/")) {
        response_.headers.clear();
        std::string_view status = trimmed(line.substr(std::min(line.find(' '), line.size())));
        std::from_chars(status.data(), status.data() + status.size(), response_.status);
        return;
    }
    std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    response_.headers.emplace_back(lower(trimmed(line.substr(0, colon))),
                                   std::string(trimmed(line.substr(colon + 1))));
}

std::size_t Transfer::on_chunk(char* text, std::size_t, std::size_t size, void* self) {
    bool goes_on = static_cast<Transfer*>(self)->take_chunk(std::string_view(text, size));
    return goes_on ? size : 0;
}

bool Transfer::take_chunk(std::string_view chunk) {
    last_byte_ = std::chrono::steady_clock::now();
    received_ += chunk.size();
    bool succeeds = is_success(response_.status);
    if (succeeds && on_body_) {
        on_body_(response_.status, chunk);
        return true;
    }
    std::size_t limit = succeeds ? request_.max_body : std::min(request_.max_body, max_error_body);
    is_over_limit_ = chunk.size() > limit - response_.body.size();
    response_.body.append(chunk.substr(0, limit - response_.body.size()));
    return !is_over_limit_;
}

async::Task<async::Wake> Transfer::wait() {
    last_byte_ = std::chrono::steady_clock::now();
    silence_.start(request_.idle_timeout);
    async::Wake wake = co_await changed_.wait();
    silence_.stop();
    co_return wake;
}

void Transfer::finish(CURLcode code) {
    ended_ = code;
    changed_.notify();
}

curl_off_t Transfer::uploaded() const {
    curl_off_t bytes = 0;
    api_.easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &bytes);
    return bytes;
}

// Runs once a timeout, not once a byte: a timer that found bytes waits for the rest of the time.
void Transfer::look_for_silence() {
    auto now = std::chrono::steady_clock::now();
    curl_off_t sent = uploaded();
    if (sent != last_uploaded_) last_byte_ = now;
    last_uploaded_ = sent;
    auto left = request_.idle_timeout - (now - last_byte_);
    if (left > std::chrono::milliseconds(0)) {
        silence_.start(std::chrono::ceil<std::chrono::milliseconds>(left));
        return;
    }
    changed_.notify();
}

Result<Response> Transfer::take() {
    bool is_cut_error = is_over_limit_ && !is_success(response_.status);
    if (ended_ != CURLE_OK && !is_cut_error) return failure();
    char* url = nullptr;
    api_.easy_getinfo(easy_, CURLINFO_EFFECTIVE_URL, &url);
    response_.url = url ? url : request_.url;
    return std::move(response_);
}

Error Transfer::failure() const {
    std::string peer = origin(request_.url);
    if (!ended_) {
        auto seconds = std::chrono::duration<double>(request_.idle_timeout).count();
        std::string text = std::to_string(seconds);
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') text.pop_back();
        return fail(Code::timed_out, "no byte from " + peer + " for " + text + " s");
    }
    if (is_over_limit_) {
        return fail(Code::too_large, "the answer of " + peer + " has more than " +
                                         std::to_string(request_.max_body) + " bytes");
    }
    std::string reason = reason_[0] != 0 ? reason_.data() : api_.easy_strerror(*ended_);
    bool is_bad_redirect = *ended_ == CURLE_UNSUPPORTED_PROTOCOL && response_.status != 0;
    if (*ended_ == CURLE_URL_MALFORMAT || is_bad_redirect) {
        return fail(Code::invalid_argument, "cannot send a request to " + peer + ": " + reason);
    }
    if (*ended_ == CURLE_OPERATION_TIMEDOUT) {
        return fail(Code::timed_out, "cannot reach " + peer + ": " + reason);
    }
    if (response_.status == 0) {
        return fail(Code::unavailable, "cannot reach " + peer + ": " + reason);
    }
    return fail(Code::unavailable, "connection to " + peer + " closed after " +
                                       std::to_string(received_) + " bytes: " + reason);
}

}  // namespace thole::http
