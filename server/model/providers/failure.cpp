#include "model/providers/failure.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <sstream>

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::model {

namespace {

constexpr std::size_t line_limit = 300;

struct TypeStatus {
    std::string_view type;
    int status;
};
constexpr std::array type_statuses{
    TypeStatus{"overloaded_error", 529}, TypeStatus{"rate_limit_error", 429},
    TypeStatus{"rate_limit_exceeded", 429}, TypeStatus{"insufficient_quota", 429},
    TypeStatus{"authentication_error", 401}, TypeStatus{"invalid_api_key", 401},
    TypeStatus{"permission_error", 403}, TypeStatus{"not_found_error", 404},
    TypeStatus{"model_not_found", 404}, TypeStatus{"request_too_large", 413},
    TypeStatus{"context_length_exceeded", 400}, TypeStatus{"invalid_request_error", 400},
    TypeStatus{"invalid_prompt", 400},
    // Bedrock, in the middle of a stream
    TypeStatus{"throttlingException", 429}, TypeStatus{"validationException", 400},
    TypeStatus{"serviceUnavailableException", 503}};

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool is_error_status(std::int64_t status) {
    return status >= 400 && status < 600;
}

// OpenAI has a dozen of types for images that it cannot take. Gateways give a status as text.
int status_of_type(std::string_view type) {
    for (const TypeStatus& known : type_statuses) {
        if (known.type == type) return known.status;
    }
    int status = 0;
    std::from_chars(type.data(), type.data() + type.size(), status);
    if (is_error_status(status)) return status;
    bool is_of_request = type.starts_with("invalid_") || contains(type, "image") ||
                         contains(type, "unsupported") || contains(type, "policy");
    return is_of_request ? 400 : 500;
}

// The codes of MiniMax, which come with status 200.
struct MiniMaxStatus {
    std::int64_t code;
    int status;
};
constexpr std::array minimax_statuses{
    MiniMaxStatus{1002, 429}, MiniMaxStatus{1004, 401}, MiniMaxStatus{1008, 402},
    MiniMaxStatus{1026, 400}, MiniMaxStatus{1027, 400}, MiniMaxStatus{1039, 429},
    MiniMaxStatus{1041, 429}, MiniMaxStatus{1042, 400}, MiniMaxStatus{2013, 400},
    MiniMaxStatus{2049, 401}, MiniMaxStatus{2056, 402}};

std::int64_t minimax_code(const Json& answer) {
    const Json& code = member(member(answer, "base_resp"), "status_code");
    return code.is_number_integer() ? code.get<std::int64_t>() : 0;
}

Complaint minimax_complaint(const Json& answer) {
    std::int64_t code = minimax_code(answer);
    auto known = std::find_if(minimax_statuses.begin(), minimax_statuses.end(),
                              [code](const MiniMaxStatus& row) { return row.code == code; });
    bool is_filtered = code == 1026 || code == 1027;
    return {known == minimax_statuses.end() ? 500 : known->status,
            is_filtered ? "content_filter" : "",
            one_line(text_member(member(answer, "base_resp"), "status_msg"), line_limit)};
}

std::string_view status_text(int status) {
    switch (status) {
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 402:
            return "Payment Required";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 408:
            return "Request Timeout";
        case 413:
            return "Content Too Large";
        case 429:
            return "Too Many Requests";
        case 500:
            return "Internal Server Error";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 529:
            return "Overloaded";
        default:
            return "no reason given";
    }
}

bool speaks_of_overflow(const Complaint& complaint) {
    static constexpr std::array<std::string_view, 10> wordings{
        "prompt is too long", "maximum context length",
        "context window",     "context limit",
        "context length",     "context size",
        "input is too long",  "too many tokens",
        "request_too_large",  "exceeds the maximum number of tokens"};
    std::string text = to_lower_ascii(complaint.message);
    bool in_message =
        std::any_of(wordings.begin(), wordings.end(),
                    [&text](std::string_view words) { return contains(text, words); });
    return in_message || complaint.type == "context_length_exceeded" ||
           complaint.type == "exceed_context_size_error";
}

// What providers answer with 400 although it is something else.
int true_status(const Complaint& complaint) {
    if (complaint.status != 400) return complaint.status;
    std::string text = to_lower_ascii(complaint.message);
    bool is_key = contains(text, "api key not valid") || contains(text, "incorrect api key");
    if (is_key) return 401;  // Gemini, xAI
    bool is_model = contains(text, "model identifier is invalid") ||
                    contains(text, "not a valid model") || complaint.type == "model_not_found";
    if (is_model) return 404;                             // Bedrock, OpenRouter
    return contains(text, "credit balance") ? 402 : 400;  // Anthropic
}

bool is_overload(const Complaint& complaint) {
    return complaint.status == 529 || complaint.status == 503 ||
           complaint.type == "overloaded_error";
}

bool is_transient_status(int status) {
    bool is_of_moment = status == 408 || status == 409 || status == 424 || status == 429;
    return is_of_moment || status >= 500;
}

// Neither the secret nor the start of it where the text was clipped. Less than 8 bytes are no
// secret but a placeholder, and may be found anywhere.
std::string without(const std::string& secret, const std::string& text) {
    constexpr std::size_t shortest_secret = 8, least = 4;
    constexpr std::string_view clipped = "…";
    if (secret.size() < shortest_secret) return text;
    std::string clean = replace_all(text, secret, "[key]");
    if (!clean.ends_with(clipped)) return clean;
    std::string_view words = std::string_view(clean).substr(0, clean.size() - clipped.size());
    for (std::size_t size = std::min(secret.size(), words.size()); size >= least; --size) {
        if (!words.ends_with(std::string_view(secret).substr(0, size))) continue;
        return std::string(words.substr(0, words.size() - size)).append("[key]…");
    }
    return clean;
}

Failure authentication_failure(const Peer& peer, const std::string& message) {
    if (peer.api_key_env.empty()) {
        return final_failure(Code::authentication, peer.provider + " asks for a key: " + message);
    }
    return final_failure(Code::authentication, peer.provider + " did not take the API key in " +
                                                   peer.api_key_env + ": " + message);
}

// "You don't have access to the model with the specified model ID."
bool is_about_access(const Complaint& complaint) {
    std::string text = to_lower_ascii(complaint.message);
    return complaint.status == 403 && contains(text, "access to") && contains(text, "model");
}

Failure no_access_failure(const Peer& peer, const std::string& message) {
    Failure failure = final_failure(Code::not_found, peer.provider +
                                                         " does not let this account use the model "
                                                         "\"" +
                                                         peer.model + "\": " + message);
    failure.is_of_model = true;
    return failure;
}

Failure missing_failure(const Peer& peer, const Complaint& complaint, const std::string& message) {
    bool is_model = contains(complaint.type, "not_found") ||
                    complaint.type == "DeploymentNotFound" ||             // Azure
                    contains(complaint.message, "No endpoints found") ||  // OpenRouter
                    contains(to_lower_ascii(complaint.message), "model");
    if (is_model) {
        Failure failure = final_failure(
            Code::not_found, peer.provider + " has no model \"" + peer.model + "\": " + message);
        failure.is_of_model = true;
        return failure;
    }
    return final_failure(Code::not_found, peer.provider + " answered 404 at " + peer.url +
                                              "; check the base URL: " + message);
}

std::optional<double> number(const std::string& text) {
    double value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool is_whole = error == std::errc{} && end == text.data() + text.size();
    if (!is_whole || !std::isfinite(value) || value < 0 || value > 1e9) return std::nullopt;
    return value;
}

// Google's way: {"error": {"details": [{"retryDelay": "17s"}]}}.
std::optional<std::chrono::milliseconds> asked_delay(std::string_view body) {
    Result<Json> parsed = parse_json(body);
    if (!parsed) return std::nullopt;
    const Json& answer = parsed->is_array() && !parsed->empty() ? parsed->front() : *parsed;
    const Json& details = member(member(answer, "error"), "details");
    if (!details.is_array()) return std::nullopt;
    for (const Json& detail : details) {
        std::string delay = text_member(detail, "retryDelay");
        if (!delay.ends_with('s')) continue;
        delay.pop_back();
        std::optional<double> seconds = number(delay);
        if (seconds) return std::chrono::milliseconds(std::llround(*seconds * 1000));
    }
    return std::nullopt;
}

std::optional<TimePoint> http_date(const std::string& text) {
    std::tm parts{};
    std::istringstream stream(text);
    stream.imbue(std::locale::classic());
    stream >> std::get_time(&parts, "%a, %d %b %Y %H:%M:%S");
    if (stream.fail()) return std::nullopt;
    return std::chrono::system_clock::from_time_t(timegm(&parts));
}

}  // namespace

Failure transient_failure(Code code, std::string reason) {
    return Failure{fail(code, std::move(reason)), true};
}

Failure final_failure(Code code, std::string message) {
    return Failure{fail(code, std::move(message)), false};
}

Complaint read_complaint(const Json& body, int status) {
    if (body.is_array() && !body.empty()) return read_complaint(body.front(), status);
    if (minimax_code(body) != 0) return minimax_complaint(body);
    Complaint complaint{status, "", ""};
    const Json& error = member(body, "error");
    const Json& source = error.is_object() ? error : body;
    complaint.type = text_member(source, "code");
    if (complaint.type.empty()) complaint.type = text_member(source, "type");
    complaint.message = text_member(source, "message");
    if (error.is_string()) complaint.message = error.get<std::string>();
    for (const char* other : {"detail", "Message"}) {
        if (complaint.message.empty()) complaint.message = text_member(body, other);
    }
    const Json& code = member(source, "code");
    bool has_status = code.is_number_integer() && is_error_status(code.get<std::int64_t>());
    if (complaint.status == 0) {
        complaint.status = has_status ? code.get<int>() : status_of_type(complaint.type);
    }
    complaint.message = one_line(complaint.message, line_limit);
    return complaint;
}

bool complains(const Json& answer) {
    if (answer.is_array() && !answer.empty()) return complains(answer.front());
    return !member(answer, "error").is_null() || minimax_code(answer) != 0;
}

Complaint read_complaint_text(std::string_view body, int status) {
    Result<Json> parsed = parse_json(body);
    if (parsed && parsed->is_structured()) return read_complaint(*parsed, status);
    std::string line = one_line(body, line_limit);
    if (!line.empty() && line.front() == '<') line.clear();
    return Complaint{status, "", line};
}

Failure failure_of(const Peer& peer, const Complaint& complaint) {
    int status = true_status(complaint);
    std::string reason =
        complaint.message.empty() ? std::string(status_text(status)) : complaint.message;
    std::string message = without(peer.secret, reason);
    bool is_overflow = status == 413 || (status == 400 && speaks_of_overflow(complaint));
    if (is_overflow) {
        return final_failure(Code::too_large, "the conversation is too long for " + peer.provider +
                                                  "/" + peer.model + ": " + message);
    }
    if (is_about_access(complaint)) return no_access_failure(peer, message);
    if (status == 401 || status == 403) return authentication_failure(peer, message);
    // Azure's filter comes before the model has seen the prompt.
    bool is_refused = complaint.type == "content_filter" || contains(complaint.type, "policy");
    if (is_refused) {
        return final_failure(Code::refused, peer.provider + " refused the prompt: " + message);
    }
    if (status == 404) return missing_failure(peer, complaint, message);
    bool is_used_up = complaint.type == "insufficient_quota" || status == 402;
    bool is_transient = is_transient_status(status) && !is_used_up;
    std::string number = std::to_string(status);
    Failure failure = is_transient ? transient_failure(Code::unavailable, number + " " + message)
                                   : final_failure(Code::unavailable, peer.provider + " answered " +
                                                                          number + ": " + message);
    failure.is_of_model = is_used_up || is_overload(complaint);
    return failure;
}

Failure answered_failure(const Peer& peer, const http::Response& response) {
    Failure failure = failure_of(peer, read_complaint_text(response.body, response.status));
    failure.retry_after = retry_after(response, SystemClock().now());
    if (!failure.retry_after) failure.retry_after = asked_delay(response.body);
    return failure;
}

std::optional<std::chrono::milliseconds> retry_after(const http::Response& response,
                                                     TimePoint now) {
    using std::chrono::milliseconds;
    if (auto ms = number(response.header("retry-after-ms"))) {
        return milliseconds(std::llround(*ms));
    }
    std::string value = response.header("retry-after");
    if (auto seconds = number(value)) return milliseconds(std::llround(*seconds * 1000));
    std::optional<TimePoint> date = http_date(value);
    if (!date) return std::nullopt;
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(*date - now));
}

}  // namespace thole::model
