// The methods that a connection answers: name → typed handler. Built once by the owner of the
// handlers, before the connection runs. A handler of a request is a coroutine that gives its
// Answer; its part up to the first suspension runs when the request arrives, in order of arrival. A
// handler of a notification runs at once and must not wait.
//
// Parameters are structs; `Result<void> read(const Json&, Params&)`, found beside the struct, fills
// one from an object. Its error is answered as -32602.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "base/json_fwd.hpp"
#include "rpc/error.hpp"

namespace thole::rpc {

// One request that is being served. Lives until it is answered.
class Call {
public:
    Call(std::string id, const Json& params) : id_(std::move(id)), params_(params) {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    const std::string& id() const { return id_; }  // JSON text
    const Json& params() const { return params_; }
    // Done right after the answer has been put into the outbox. Not done for an error.
    void after_response(std::function<void()> action) { after_.push_back(std::move(action)); }

private:
    friend class Connection;
    std::string id_;
    const Json& params_;
    std::vector<std::function<void()>> after_;
};

// An answer for who has it at once.
async::Task<Answer> answered(Answer answer);

class MethodTable {
public:
    using Request = std::function<async::Task<Answer>(Call&)>;
    using Notification = std::function<void(const Json&)>;
    // A lasting request (a prompt) is not waited for by `sync`.
    enum class Span { short_, lasting };

    template <class Owner, class Params>
    void request(std::string method, Owner& owner,
                 async::Task<Answer> (Owner::*handler)(Call&, Params), Span span = Span::short_) {
        bind(std::move(method), span, [&owner, handler](Call& call) {
            Params params;
            Result<void> checked = read(call.params(), params);
            if (!checked) return answered(checked.error());
            return (owner.*handler)(call, std::move(params));
        });
    }
    template <class Owner, class Params>
    void notification(std::string method, Owner& owner, void (Owner::*handler)(Params)) {
        bind(std::move(method), [&owner, handler](const Json& given) {
            Params params;
            if (read(given, params)) (owner.*handler)(std::move(params));
        });
    }

    struct BoundRequest {
        Request serve;
        Span span = Span::short_;
    };
    const BoundRequest* find_request(const std::string& method) const;
    const Notification* find_notification(const std::string& method) const;
    std::vector<std::string> names() const;  // of both kinds, sorted

private:
    void bind(std::string method, Span span, Request serve);
    void bind(std::string method, Notification take);

    std::map<std::string, BoundRequest> requests_;
    std::map<std::string, Notification> notifications_;
};

// For methods without parameters.
struct NoParams {};
Result<void> read(const Json& json, NoParams& params);

}  // namespace thole::rpc
