#include "rpc/connection.hpp"

#include <algorithm>

#include "async/one_shot.hpp"
#include "async/poll.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "rpc/envelope.hpp"

namespace thole::rpc {

// Insists on exactly one answer.
class Connection::Reply {
public:
    Reply(Outbox& outbox, const std::string& id) : outbox_(outbox), id_(id) {}
    ~Reply() {
        if (!is_sent_) send(Answer::error(internal_error, "the request was dropped unanswered"));
    }
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;

    void send(const Answer& answer) {
        assert(!is_sent_ && "a request is answered once");
        is_sent_ = true;
        outbox_.line(response_line(id_, answer.member_text()));
    }

private:
    Outbox& outbox_;
    const std::string& id_;
    bool is_sent_ = false;
};

struct Connection::Pending {
    explicit Pending(async::Loop& loop) : result(loop) {}
    async::OneShot<Result<Json>> result;
};

Connection::Connection(async::Loop& loop, Fds fds, const MethodTable& methods)
    : Connection(loop, fds, methods, Limits()) {}

Connection::Connection(async::Loop& loop, Fds fds, const MethodTable& methods, Limits limits)
    : loop_(loop),
      methods_(&methods),
      limits_(limits),
      reader_(loop, fds.in, limits.max_line),
      writer_(loop, fds.out),
      outbox_(loop, writer_),
      answered_(loop) {}

Connection::~Connection() = default;

async::Task<void> Connection::run() {
    std::stop_token stop = co_await async::current_stop();
    async::Scope output;
    output.spawn(outbox_.pump());
    async::Scope reading(stop);
    reading_ = &reading;
    reading.spawn(read());
    co_await reading.join();
    reading_ = nullptr;
    input_ended_ = true;
    end_calls();
    bool lingers = hooks_.input_ended && hooks_.input_ended();
    if (lingers) co_await lasting_ended();
    if (hooks_.stopping) hooks_.stopping();
    co_await finish();
    output.request_stop();
    co_await output.join();
}

async::Task<void> Connection::read() {
    while (true) {
        std::optional<Result<std::string>> line = co_await reader_.next();
        if (!line) co_return;
        take_safely(std::move(*line));
    }
}

void Connection::hang_up() {
    if (reading_) reading_->request_stop();
}

async::Task<void> Connection::lasting_ended() {
    std::stop_token stop = co_await async::current_stop();
    auto lasts = [](const Running& running) { return running.span == MethodTable::Span::lasting; };
    while (!stop.stop_requested() && std::any_of(running_.begin(), running_.end(), lasts)) {
        co_await answered_.wait();
    }
}

async::Task<void> Connection::finish() {
    async::Timer grace(loop_, [this] { serving_.request_stop(); });
    grace.start(limits_.grace);
    co_await serving_.join();
    // A stop that ended the reading must not end the writing of the last answers.
    async::Scope last;
    async::Timer patience(loop_, [&last] { last.request_stop(); });
    patience.start(limits_.flush);
    last.spawn(flush());
    co_await last.join();
}

async::Task<void> Connection::flush() {
    co_await outbox_.drained();
}

// The last chance for what a notification's handler throws; a request's is caught and answered.
void Connection::take_safely(Result<std::string> line) {
    try {
        take(std::move(line));
    } catch (const std::exception&) {
        return;
    }
}

void Connection::take(Result<std::string> line) {
    if (!line) {
        if (line.error().code != Code::too_large) return;
        Answer refusal =
            Answer::error(invalid_request, "the line is too long: " + line.error().message);
        outbox_.line(response_line("null", refusal.member_text()));
        return;
    }
    Incoming incoming = read_line(*line);
    switch (incoming.kind) {
        case Incoming::Kind::nothing:
            return;
        case Incoming::Kind::bad:
            outbox_.line(std::move(incoming.answer));
            return;
        case Incoming::Kind::request:
            take_request(std::move(incoming));
            return;
        case Incoming::Kind::notification:
            take_notification(incoming);
            return;
        case Incoming::Kind::response:
            take_response(std::move(incoming));
            return;
    }
}

void Connection::take_request(Incoming incoming) {
    std::optional<Answer> refused;
    if (hooks_.refuse) refused = hooks_.refuse(incoming.method);
    if (refused) return refuse(incoming, *refused);
    const MethodTable::BoundRequest* bound = methods_->find_request(incoming.method);
    if (!bound) {
        return refuse(incoming,
                      Answer::error(method_not_found, "unknown method '" + incoming.method + "'"));
    }
    if (incoming.has_bad_params) {
        return refuse(incoming, Answer::error(invalid_params, "params: expected an object"));
    }
    serving_.spawn(serve(std::make_unique<Incoming>(std::move(incoming)), *bound));
}

void Connection::refuse(const Incoming& incoming, const Answer& answer) {
    Reply reply(outbox_, incoming.id);
    reply.send(answer);
}

void Connection::take_notification(const Incoming& incoming) {
    if (hooks_.refuse && hooks_.refuse(incoming.method)) return;
    if (incoming.method == "$/cancel_request") return cancel_request(*incoming.params);
    const MethodTable::Notification* bound = methods_->find_notification(incoming.method);
    if (bound && !incoming.has_bad_params) (*bound)(*incoming.params);
}

void Connection::cancel_request(const Json& params) {
    std::string id = dump_json(member(params, "requestId"));
    if (hooks_.withdrawn && hooks_.withdrawn(id)) return;
    for (const Running& running : running_) {
        if (running.call->id() != id) continue;
        running.scope->request_stop();
        return;
    }
}

async::Task<void> Connection::serve(std::unique_ptr<Incoming> incoming,
                                    const MethodTable::BoundRequest& bound) {
    std::stop_token stop = co_await async::current_stop();
    Call call(incoming->id, *incoming->params);
    Reply reply(outbox_, call.id());
    async::Scope own(stop);
    auto place = running_.insert(running_.end(), Running{&call, &own, bound.span});
    own.spawn(answer_one(bound.serve, call, reply));
    co_await own.join();
    running_.erase(place);
    answered_.wake_all();
}

async::Task<void> Connection::answer_one(const MethodTable::Request& handler, Call& call,
                                         Reply& reply) {
    Answer answer = Answer::error(internal_error, "internal error");
    try {
        async::Task<Answer> task = handler(call);
        answer = co_await task;
    } catch (const std::exception& thrown) {
        answer = fail(Code::internal, std::string("internal error: ") + thrown.what());
    }
    reply.send(answer);
    if (answer.is_error()) co_return;
    for (const auto& action : call.after_) action();
}

std::int64_t Connection::begin(const std::string& method, const std::string& params) {
    std::int64_t id = ++last_id_;
    auto pending = std::make_shared<Pending>(loop_);
    if (input_ended_) {
        pending->result.set(cancelled());
    } else {
        outbox_.line(request_line(id, method, params));
    }
    pending_.emplace(id, std::move(pending));
    return id;
}

async::Task<Result<Json>> Connection::answer(std::int64_t id, std::chrono::milliseconds timeout) {
    auto found = pending_.find(id);
    assert(found != pending_.end() && "answer() is awaited once for each begin()");
    std::shared_ptr<Pending> pending = found->second;
    async::Timer timer(loop_, [pending] {
        pending->result.set(fail(Code::timed_out, "the client did not answer in time"));
    });
    if (timeout.count() > 0) timer.start(timeout);
    Result<Result<Json>> result = co_await pending->result.wait();
    pending_.erase(id);
    if (!result) co_return result.error();
    co_return std::move(*result);
}

async::Task<Result<Json>> Connection::call(std::string method, std::string params,
                                           std::chrono::milliseconds timeout) {
    std::int64_t id = begin(method, params);
    co_return co_await answer(id, timeout);
}

void Connection::abandon(std::int64_t id) {
    auto found = pending_.find(id);
    if (found != pending_.end()) found->second->result.set(cancelled());
}

void Connection::end_calls() {
    for (auto& [id, pending] : pending_) pending->result.set(cancelled());
}

void Connection::take_response(Incoming incoming) {
    auto found = pending_.find(incoming.call);
    if (found == pending_.end()) return;
    if (!incoming.is_error) {
        found->second->result.set(std::move(*incoming.result));
        return;
    }
    const Json& code = member(*incoming.result, "code");
    Code meaning = code.is_number_integer() ? code_from_wire(code.get<int>()) : Code::io;
    std::string message = text_member(*incoming.result, "message");
    if (message.empty()) message = "the client answered with an error";
    found->second->result.set(fail(meaning, one_line(message, 500)));
}

void Connection::post(const std::string& method, const std::string& params) {
    outbox_.line(request_line(++last_id_, method, params));
}

void Connection::notify(const std::string& method, const std::string& params) {
    outbox_.line(notification_line(method, params));
}

bool Connection::has_earlier(const Call& call) const {
    for (const Running& running : running_) {
        if (running.call == &call) return false;
        if (running.span == MethodTable::Span::short_) return true;
    }
    return false;
}

async::Task<bool> Connection::settled(const Call& call) {
    while (has_earlier(call)) {
        async::Wake wake = co_await answered_.wait();
        if (wake == async::Wake::stopped) co_return false;
    }
    co_return co_await outbox_.drained();
}

}  // namespace thole::rpc
