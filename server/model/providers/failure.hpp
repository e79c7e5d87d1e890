// From what went wrong on the wire to a Failure that says what to do about it: HTTP statuses, error
// objects of the APIs, Retry-After. Shared by the HTTP providers; holds nothing. A transient
// Failure's message is the bare reason ("529 Overloaded"); whoever gives up puts the provider's
// name before it. A final one is a whole sentence. The API key is blotted out of every message.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "http/http.hpp"
#include "model/provider.hpp"

namespace thole::model {

// Who was asked, for the words of an error.
struct Peer {
    std::string provider;     // "anthropic"
    std::string model;        // the provider's own name
    std::string url;          // of the request
    std::string api_key_env;  // empty when it needs no key
    std::string secret{};     // not to be repeated
};

// What a provider says is wrong. `type` is its code or type, "" when it gave none.
struct Complaint {
    int status = 0;
    std::string type, message;
};

// Reads an error object, of an answer's body or of a stream: {"error":{…}}, {"error":"…"},
// {"message":…}, {"detail":…}, MiniMax's {"base_resp":{…}}, and the like in an array. When `status`
// is 0 it comes from the object's code or type.
Complaint read_complaint(const Json& body, int status);

// Whether something that came with status 200 is such an object.
bool complains(const Json& answer);

// The same from the text of an answer; text that is not JSON is clipped to one line.
Complaint read_complaint_text(std::string_view body, int status);

Failure failure_of(const Peer& peer, const Complaint& complaint);

// Of an answer whose status is none of success, with what it says about another try.
Failure answered_failure(const Peer& peer, const http::Response& response);

// `retry-after-ms`, `retry-after` in seconds or as an HTTP date; nullopt when absent or senseless.
std::optional<std::chrono::milliseconds> retry_after(const http::Response& response, TimePoint now);

// A break that is worth another try.
Failure transient_failure(Code code, std::string reason);
Failure final_failure(Code code, std::string message);

}  // namespace thole::model
