// JSON-RPC with one server, over a wire that only keeps what is sent.
#include <doctest/doctest.h>

#include "base/json.hpp"
#include "mcp/peer.hpp"

using namespace thole;
using mcp::Reply;

namespace {

struct Sent {
    std::vector<Json> messages;
    std::vector<std::int64_t> dropped;

    std::vector<Json> of(const std::string& method) const {
        std::vector<Json> found;
        for (const Json& one : messages) {
            if (text_member(one, "method") == method) found.push_back(one);
        }
        return found;
    }
};

class Wire final : public mcp::Transport {
public:
    explicit Wire(Sent& sent) : sent_(sent) {}
    void send(mcp::Outgoing message) override {
        sent_.messages.push_back(parse_json(message.line).value_or(Json()));
    }
    void drop(std::int64_t id) override { sent_.dropped.push_back(id); }
    async::Task<void> close() override { co_return; }

private:
    Sent& sent_;
};

class Owner final : public mcp::PeerOwner {
public:
    async::Task<rpc::Answer> answer(std::string method, std::shared_ptr<Json>) override {
        co_return rpc::Answer::result(Json{{"asked", method}});
    }
    void heard(const std::string& method, const Json&) override { heard_.push_back(method); }
    void lost(Error why) override { lost_ = why.message; }

    std::vector<std::string> heard_;
    std::string lost_;
};

struct Bench {
    Bench() { peer.connect(std::make_unique<Wire>(sent)); }
    void say(const std::string& line) {
        mcp::TransportSink& sink = peer;
        sink.on_message(rpc::read_line(line));
    }
    void fall_silent() {
        mcp::TransportSink& sink = peer;
        sink.on_closed(fail(Code::unavailable, "it has gone"));
    }

    async::Loop loop;
    Sent sent;
    Owner owner;
    mcp::Peer peer{loop, owner};
};

async::Task<void> request(Bench& bench, mcp::Ask ask, Reply& reply) {
    reply = co_await bench.peer.request(std::move(ask));
}

using Play = std::function<void(Bench&, async::Scope&)>;

// One request, during which `play` happens.
async::Task<void> act(Bench& bench, mcp::Ask ask, Play play, Reply& reply) {
    async::Scope scope;
    scope.spawn(request(bench, std::move(ask), reply));
    play(bench, scope);
    co_await scope.join();
    co_await bench.peer.close();
}

Reply reply_to(Bench& bench, mcp::Ask ask, Play play) {
    Reply reply;
    bench.loop.run(act(bench, std::move(ask), std::move(play), reply));
    return reply;
}

mcp::Ask asked(const std::string& method) {
    return {method, JsonValue(Json::object())};
}

}  // namespace

TEST_CASE("an answer goes to who asked, whatever else is said before") {
    Bench bench;
    Reply reply = reply_to(bench, asked("tools/list"), [](Bench& at, async::Scope&) {
        at.say(R"({"jsonrpc":"2.0","id":7,"result":{"other":1}})");
        at.say(R"({"jsonrpc":"2.0","id":"1","result":{"other":1}})");
        at.say(R"({"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"x"}})");
        at.say("no JSON at all");
        at.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
        at.say(R"({"jsonrpc":"2.0","id":1,"result":{"tools":[]}})");
        at.say(R"({"jsonrpc":"2.0","id":1,"result":{"late":1}})");
    });
    CHECK(reply.is_good());
    CHECK(*reply.result == Json{{"tools", Json::array()}});
    CHECK(bench.owner.heard_ == std::vector<std::string>{"notifications/tools/list_changed"});
}

TEST_CASE("an error keeps its code, its words on one line and what comes with it") {
    Bench bench;
    Reply reply = reply_to(bench, asked("tools/call"), [](Bench& at, async::Scope&) {
        at.say(R"({"id":1,"error":{"code":-32042,"message":"open\nthis","data":{"a":1}}})");
    });
    CHECK(reply.error.message == "open this");
    CHECK(reply.code == -32042);
    CHECK(*reply.data == Json{{"a", 1}});
}

TEST_CASE("a result that is no object is an error") {
    Bench bench;
    Reply reply = reply_to(bench, asked("tools/call"),
                           [](Bench& at, async::Scope&) { at.say(R"({"id":1,"result":[1]})"); });
    CHECK(reply.error.message == "it answered with something that is no object");
}

TEST_CASE("silence ends a request, and the server is told") {
    Bench bench;
    mcp::Ask ask = asked("tools/call");
    ask.idle = std::chrono::milliseconds(20);
    Reply reply = reply_to(bench, std::move(ask), [](Bench&, async::Scope&) {});
    CHECK(reply.error.code == Code::timed_out);
    CHECK(bench.sent.dropped == std::vector<std::int64_t>{1});
    REQUIRE(bench.sent.of("notifications/cancelled").size() == 1);
    const Json told = bench.sent.of("notifications/cancelled")[0]["params"];
    CHECK(told == Json{{"requestId", 1}, {"reason", "it took too long"}});
}

TEST_CASE("a handshake is given up without a word") {
    Bench bench;
    mcp::Ask ask = asked("initialize");
    ask.is_handshake = true;
    Reply reply =
        reply_to(bench, std::move(ask), [](Bench&, async::Scope& scope) { scope.request_stop(); });
    CHECK(reply.error.code == Code::cancelled);
    CHECK(bench.sent.of("notifications/cancelled").empty());
}

TEST_CASE("a stop takes a request back") {
    Bench bench;
    Reply reply = reply_to(bench, asked("tools/call"),
                           [](Bench&, async::Scope& scope) { scope.request_stop(); });
    CHECK(reply.error.code == Code::cancelled);
    CHECK(bench.sent.of("notifications/cancelled").size() == 1);
}

TEST_CASE("progress is passed on to who asked, and to nobody else") {
    Bench bench;
    int steps = 0;
    mcp::Ask ask = asked("tools/call");
    ask.on_progress = [&steps](const Json&) { ++steps; };
    reply_to(bench, std::move(ask), [](Bench& at, async::Scope&) {
        for (const char* token : {"1", "2", "\"1\"", "null"}) {
            at.say(R"({"method":"notifications/progress","params":{"progressToken":)" +
                   std::string(token) + "}}");
        }
        at.say(R"({"id":1,"result":{}})");
        at.say(R"({"method":"notifications/progress","params":{"progressToken":1}})");
    });
    CHECK(steps == 1);
    CHECK(bench.sent.messages[0]["params"]["_meta"]["progressToken"] == 1);
}

TEST_CASE("what a server asks is answered with its own id, and bad params are refused") {
    Bench bench;
    reply_to(bench, asked("tools/call"), [](Bench& at, async::Scope&) {
        at.say(R"({"id":"a","method":"ping"})");
        at.say(R"({"id":2.5,"method":"roots/list","params":7})");
        at.say(R"({"id":3,"method":"roots/list"})");
        at.say(R"({"id":1,"result":{}})");
    });
    const std::vector<Json>& sent = bench.sent.messages;
    REQUIRE(sent.size() == 4);
    CHECK(sent[1] == Json{{"jsonrpc", "2.0"}, {"id", "a"}, {"result", Json::object()}});
    CHECK(sent[2]["error"]["code"] == -32602);
    CHECK(sent[3]["result"] == Json{{"asked", "roots/list"}});
}

TEST_CASE("the end of a server fails what waits and what comes after") {
    Bench bench;
    Reply reply =
        reply_to(bench, asked("tools/call"), [](Bench& at, async::Scope&) { at.fall_silent(); });
    CHECK(reply.error.message == "it has gone");
    CHECK(bench.owner.lost_ == "it has gone");
    CHECK(bench.peer.is_lost());
}
