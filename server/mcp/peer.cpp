#include "mcp/peer.hpp"

#include "async/one_shot.hpp"
#include "async/poll.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::mcp {
namespace {

constexpr std::size_t most_requests = 16;  // of the server at a time
constexpr std::size_t longest_reason = 1000;

Reply failed(Error why) {
    Reply reply;
    reply.error = std::move(why);
    return reply;
}

Reply reply_of(rpc::Incoming message) {
    Reply reply;
    if (!message.is_error) {
        if (!message.result->is_object()) {
            return failed(fail(Code::corrupt, "it answered with something that is no object"));
        }
        reply.result = JsonValue(std::move(*message.result));
        return reply;
    }
    const Json& error = *message.result;
    const Json& code = member(error, "code");
    if (code.is_number_integer()) reply.code = code.get<int>();
    std::string words = one_line(text_member(error, "message"), longest_reason);
    if (words.empty()) words = "it answered with an error that says nothing";
    reply.data = JsonValue(member(error, "data"));
    reply.error = fail(Code::io, std::move(words));
    return reply;
}

std::string seconds(std::chrono::milliseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

struct Peer::Pending {
    Pending(async::Loop& loop, const Ask& asked, std::function<void()> on_idle)
        : ask(asked),
          began(std::chrono::steady_clock::now()),
          reply(loop),
          clock(loop, std::move(on_idle)) {}
    const Ask& ask;
    std::chrono::steady_clock::time_point began;
    async::OneShot<Reply> reply;
    async::Timer clock;
    bool is_late = false;
};

async::Task<Reply> Peer::request(Ask ask) {
    if (is_lost_ || !transport_) co_return failed(fail(Code::unavailable, "it does not run"));
    std::int64_t id = ++last_id_;
    Json params = ask.params->is_object() ? *ask.params : Json::object();
    if (ask.on_progress) params["_meta"]["progressToken"] = id;
    auto pending = std::make_shared<Pending>(loop_, ask, [this, id] { look_at_clock(id); });
    pending_.emplace(id, pending);
    pending->clock.start(ask.idle);
    transport_->send(
        {rpc::request_line(id, ask.method, dump_json(params)), id, ask.headers, ask.is_handshake});
    Result<Reply> reply = co_await pending->reply.wait();
    pending_.erase(id);
    if (!reply) withdraw(id, ask, "the user cancelled it");
    if (pending->is_late) withdraw(id, ask, "it took too long");
    if (!reply) co_return failed(reply.error());
    co_return std::move(*reply);
}

void Peer::look_at_clock(std::int64_t id) {
    auto found = pending_.find(id);
    if (found == pending_.end()) return;
    Pending& pending = *found->second;
    if (questions_ > 0) return pending.clock.start(pending.ask.idle);
    pending.is_late = true;
    pending.reply.set(failed(fail(Code::timed_out, "it did not answer '" + pending.ask.method +
                                                       "' within " + seconds(pending.ask.idle))));
}

void Peer::withdraw(std::int64_t id, const Ask& ask, const std::string& why) {
    if (is_lost_) return;
    transport_->drop(id);
    if (ask.is_handshake || closes_to_cancel_) return;
    notify("notifications/cancelled", Json{{"requestId", id}, {"reason", why}}, {});
}

void Peer::notify(const std::string& method, const Json& params, const http::Headers& headers) {
    if (is_lost_ || !transport_) return;
    transport_->send({rpc::notification_line(method, dump_json(params)), 0, headers});
}

void Peer::on_message(rpc::Incoming message) {
    using Kind = rpc::Incoming::Kind;
    if (is_lost_) return;
    if (message.kind == Kind::response) return take_response(std::move(message));
    if (message.kind == Kind::request) return take_request(std::move(message));
    if (message.kind != Kind::notification || message.has_bad_params) return;
    if (message.method == "notifications/progress") return take_progress(*message.params);
    owner_.heard(message.method, *message.params);
}

void Peer::take_response(rpc::Incoming message) {
    auto found = pending_.find(message.call);
    if (found != pending_.end()) found->second->reply.set(reply_of(std::move(message)));
}

// Each sign of life begins the patience anew, but not beyond the whole of it.
void Peer::take_progress(const Json& params) {
    const Json& token = member(params, "progressToken");
    if (!token.is_number_integer()) return;
    auto found = pending_.find(token.get<std::int64_t>());
    if (found == pending_.end() || !found->second->ask.on_progress) return;
    Pending& pending = *found->second;
    if (pending.reply.is_set()) return;
    auto age = std::chrono::steady_clock::now() - pending.began;
    if (age < pending.ask.total) pending.clock.start(pending.ask.idle);
    pending.ask.on_progress(params);
}

void Peer::take_request(rpc::Incoming message) {
    rpc::Answer refusal = rpc::Answer::empty();
    if (message.method != "ping") {
        if (serving_ < most_requests && !message.has_bad_params) {
            work_.spawn(serve(message.id, message.method, message.params));
            return;
        }
        refusal = message.has_bad_params
                      ? rpc::Answer::error(rpc::invalid_params, "params: expected an object")
                      : rpc::Answer::error(rpc::internal_error, "too many requests at a time");
    }
    transport_->send({rpc::response_line(message.id, refusal.member_text()), 0, {}});
}

async::Task<void> Peer::serve(std::string id, std::string method, std::shared_ptr<Json> params) {
    ++serving_;
    rpc::Answer answer = co_await owner_.answer(std::move(method), std::move(params));
    --serving_;
    if (is_lost_) co_return;
    transport_->send({rpc::response_line(id, answer.member_text()), 0, {}});
}

void Peer::fail_all(const Error& why) {
    for (auto& [id, pending] : pending_) pending->reply.set(failed(why));
}

void Peer::on_failed(std::int64_t id, Error why) {
    if (id == 0) return fail_all(why);
    auto found = pending_.find(id);
    if (found != pending_.end()) found->second->reply.set(failed(std::move(why)));
}

void Peer::on_closed(Error why) {
    is_lost_ = true;
    fail_all(fail(Code::unavailable, why.message));
    work_.request_stop();
    owner_.lost(std::move(why));
}

async::Task<void> Peer::close() {
    Error why = fail(Code::unavailable, "it was ended");
    fail_all(why);
    work_.request_stop();
    co_await work_.join();
    is_lost_ = true;
    if (transport_) co_await transport_->close();
}

}  // namespace thole::mcp
