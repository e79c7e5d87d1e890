// One JSON-RPC 2.0 peer over newline-delimited JSON: reads, dispatches by a MethodTable, answers
// each request exactly once, sends requests and notifications of its own. Knows no agent. Loop
// thread.
//
// The reader never waits for a handler: requests run as tasks of their own, whose synchronous part
// runs in order of arrival; whoever needs more order than that brings a queue. Ids of the peer are
// echoed as they came; ours are 1, 2, 3, ….
#pragma once
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "async/scope.hpp"
#include "async/stream.hpp"
#include "rpc/methods.hpp"
#include "rpc/outbox.hpp"

namespace thole::rpc {

struct Incoming;

class Connection {
public:
    struct Hooks {
        // An answer: requests for the method are refused with it, notifications ignored.
        std::function<std::optional<Answer>(const std::string& method)> refuse;
        // The peer takes back its request `id` (JSON text). True: dealt with; false: its task is
        // stopped.
        std::function<bool(const std::string& id)> withdrawn;
        // No more input will come. True: lasting requests may end in their own time, until a stop.
        std::function<bool()> input_ended;
        // The end: running requests have `grace` to end by themselves.
        std::function<void()> stopping;
    };
    struct Limits {
        std::size_t max_line = 32 * 1024 * 1024;
        std::chrono::milliseconds grace{1500};  // after the end of input, for running requests
        std::chrono::milliseconds flush{300};   // then, for output that waits
    };
    struct Fds {
        int in = -1;
        int out = -1;
    };
    Connection(async::Loop& loop, Fds fds, const MethodTable& methods);
    Connection(async::Loop& loop, Fds fds, const MethodTable& methods, Limits limits);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // From the next message on others are answered.
    void use(const MethodTable& methods) { methods_ = &methods; }
    void set_hooks(Hooks hooks) { hooks_ = std::move(hooks); }

    // Until the end of input or a stop; then ends running requests and writes what waits.
    async::Task<void> run();
    // As if the input had ended here.
    void hang_up();

    // A request of ours. Results come through answer(), which is to be awaited once for each id.
    std::int64_t begin(const std::string& method, const std::string& params);
    // Errors: what the peer answered, by code_from_wire(); timed_out; cancelled (stopped,
    // abandoned, or the peer is gone). A `timeout` of zero waits for ever.
    async::Task<Result<Json>> answer(std::int64_t id, std::chrono::milliseconds timeout);
    async::Task<Result<Json>> call(std::string method, std::string params,
                                   std::chrono::milliseconds timeout);
    // Stops waiting; an answer that comes later is ignored.
    void abandon(std::int64_t id);

    // A request whose answer nobody waits for. After the end of input too: who sends nothing more
    // may still read.
    void post(const std::string& method, const std::string& params);

    // `params` is JSON text.
    void notify(const std::string& method, const std::string& params);
    Outbox& outbox() { return outbox_; }

    // Waits until every request that arrived before `call`, but for lasting ones, has its answer
    // and all of it is written.
    async::Task<bool> settled(const Call& call);

    // For tasks that live at most as long as the connection.
    async::Scope& scope() { return serving_; }

private:
    class Reply;
    struct Pending;
    struct Running {
        const Call* call;
        async::Scope* scope;
        MethodTable::Span span;
    };
    void take_safely(Result<std::string> line);
    void take(Result<std::string> line);
    void take_request(Incoming incoming);
    void refuse(const Incoming& incoming, const Answer& answer);
    void take_notification(const Incoming& incoming);
    void take_response(Incoming incoming);
    void cancel_request(const Json& params);
    void end_calls();
    async::Task<void> serve(std::unique_ptr<Incoming> incoming,
                            const MethodTable::BoundRequest& bound);
    async::Task<void> answer_one(const MethodTable::Request& handler, Call& call, Reply& reply);
    async::Task<void> read();
    async::Task<void> lasting_ended();
    async::Task<void> finish();
    async::Task<void> flush();
    bool has_earlier(const Call& call) const;

    async::Loop& loop_;
    const MethodTable* methods_;
    Limits limits_;
    Hooks hooks_;
    async::LineReader reader_;
    async::FdWriter writer_;
    Outbox outbox_;
    async::Scope serving_;
    async::Scope* reading_ = nullptr;
    std::list<Running> running_;  // in order of arrival
    async::Line answered_;
    std::map<std::int64_t, std::shared_ptr<Pending>> pending_;
    std::int64_t last_id_ = 0;
    bool input_ended_ = false;
};

}  // namespace thole::rpc
