#include "rpc/connection.hpp"

#include "async/one_shot.hpp"
#include "base/fields.hpp"
#include "unit/rpc/peer.hpp"

using namespace thole;
using thole::test::Peer;
using Lines = std::vector<std::string>;

namespace {

struct Word {
    std::string text;
};
Result<void> read(const Json& json, Word& word) {
    Fields fields(json, "params");
    word.text = fields.text_or("word", "nothing");
    return fields.finish();
}

// Methods that show one behaviour each.
class Echoes {
public:
    Echoes() {
        methods.request("echo", *this, &Echoes::echo);
        methods.request("later", *this, &Echoes::later);
        methods.request("lasting", *this, &Echoes::later, rpc::MethodTable::Span::lasting);
        methods.request("throw", *this, &Echoes::throwing);
        methods.request("fail", *this, &Echoes::failing);
        methods.request("settle", *this, &Echoes::settle);
        methods.request("ask", *this, &Echoes::ask);
        methods.request("announce", *this, &Echoes::announce);
        methods.notification("open", *this, &Echoes::open);
        methods.notification("blast", *this, &Echoes::blast);
    }
    async::Task<rpc::Answer> echo(rpc::Call&, Word word) {
        Json value{{"word", word.text}};
        co_return rpc::Answer::result(value);
    }
    // Waits for the notification `open`.
    async::Task<rpc::Answer> later(rpc::Call&, Word) {
        async::OneShot<std::string> gate(peer->loop);
        gates.push_back(&gate);
        Result<std::string> opened = co_await gate.wait();
        std::erase(gates, &gate);
        if (!opened) co_return opened.error();
        Json value{{"opened", *opened}};
        co_return rpc::Answer::result(value);
    }
    void open(Word word) {
        if (!gates.empty()) gates.front()->set(word.text);
    }
    void blast(Word) { throw std::runtime_error("out of oars"); }
    async::Task<rpc::Answer> throwing(rpc::Call&, Word) {
        throw std::runtime_error("out of oars");
        co_return rpc::Answer::empty();
    }
    async::Task<rpc::Answer> failing(rpc::Call&, Word word) {
        co_return fail(Code::unavailable, word.text);
    }
    async::Task<rpc::Answer> settle(rpc::Call& call, rpc::NoParams) {
        bool settled = co_await peer->connection->settled(call);
        Json value{{"settled", settled}};
        co_return rpc::Answer::result(value);
    }
    async::Task<rpc::Answer> ask(rpc::Call&, Word word) {
        Result<Json> answer = co_await peer->connection->call(word.text, "{}", timeout);
        if (!answer) co_return answer.error();
        co_return rpc::Answer::result(*answer);
    }
    async::Task<rpc::Answer> announce(rpc::Call& call, Word) {
        call.after_response([this] { peer->connection->notify("after", "{}"); });
        peer->connection->notify("before", "{}");
        co_return rpc::Answer::empty();
    }

    rpc::MethodTable methods;
    std::vector<async::OneShot<std::string>*> gates;
    std::chrono::milliseconds timeout{0};
    Peer* peer = nullptr;
};

struct Rig : Echoes {
    explicit Rig(rpc::Connection::Limits limits = {}) : peer_end(methods, limits) {
        peer = &peer_end;
    }
    Peer peer_end;
};

async::Task<void> settle_between(Rig& rig, Lines& seen) {
    rig.peer_end.send(R"({"id":1,"method":"later"})");
    rig.peer_end.send(R"({"id":2,"method":"lasting"})");
    rig.peer_end.send(R"({"id":3,"method":"settle"})");
    rig.peer_end.send(R"({"method":"open","params":{"word":"one"}})");
    std::string line = co_await rig.peer_end.next();
    seen.push_back(line);
    line = co_await rig.peer_end.next();
    seen.push_back(line);
    rig.peer_end.send(R"({"method":"open","params":{"word":"two"}})");
    line = co_await rig.peer_end.next();
    seen.push_back(line);
}

const std::string batch_answer =
    R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"invalid request: a message must be one object"}})";
const std::string parse_answer =
    R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error: the line is not JSON in UTF-8"}})";

}  // namespace

TEST_CASE("a request is answered with its id in type and value") {
    Rig rig;
    CHECK(rig.peer_end.exchange({
              R"({"jsonrpc":"2.0","id":1,"method":"echo","params":{"word":"a"}})",
              R"({"jsonrpc":"2.0","id":"1","method":"echo"})",
              R"({"jsonrpc":"2.0","id":-7,"method":"echo","params":null})",
              R"({"jsonrpc":"2.0","id":9007199254740992,"method":"echo","params":[]})",
              R"({"jsonrpc":"2.0","id":null,"method":"echo"})",
          }) == Lines{
                    R"({"jsonrpc":"2.0","id":1,"result":{"word":"a"}})",
                    R"({"jsonrpc":"2.0","id":"1","result":{"word":"nothing"}})",
                    R"({"jsonrpc":"2.0","id":-7,"result":{"word":"nothing"}})",
                    R"({"jsonrpc":"2.0","id":9007199254740992,"result":{"word":"nothing"}})",
                    R"({"jsonrpc":"2.0","id":null,"result":{"word":"nothing"}})",
                });
}

TEST_CASE("bad lines get one error each and the next request still works") {
    Rig rig;
    CHECK(
        rig.peer_end.exchange({
            "{",
            "[]",
            R"([{"jsonrpc":"2.0","id":1,"method":"echo"}])",
            "42",
            "{}",
            "\"\xff\"",
            R"({"id":5,"method":7})",
            R"({"id":{},"method":"echo"})",
            R"({"id":2,"method":"echo","type":"request"})",
        }) ==
        Lines{
            parse_answer,
            batch_answer,
            batch_answer,
            batch_answer,
            R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"invalid request: no method, no result and no error"}})",
            parse_answer,
            R"({"jsonrpc":"2.0","id":5,"error":{"code":-32600,"message":"invalid request: method must be a string"}})",
            R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"invalid request: bad id"}})",
            R"({"jsonrpc":"2.0","id":2,"result":{"word":"nothing"}})",
        });
}

TEST_CASE("carriage returns, blank lines, a byte order mark and leading spaces are accepted") {
    Rig rig;
    CHECK(rig.peer_end.exchange({
              "\xEF\xBB\xBF{\"id\":1,\"method\":\"echo\"}\r",
              "\r",
              "",
              "   {\"id\":2,\"method\":\"echo\"}",
          }) == Lines{
                    R"({"jsonrpc":"2.0","id":1,"result":{"word":"nothing"}})",
                    R"({"jsonrpc":"2.0","id":2,"result":{"word":"nothing"}})",
                });
}

TEST_CASE("unknown requests are refused, unknown notifications and stray responses ignored") {
    Rig rig;
    CHECK(
        rig.peer_end.exchange({
            R"({"id":1,"method":"_x/y"})",
            R"({"method":"_x/y"})",
            R"({"id":77,"result":{}})",
            R"({"id":null,"error":{"code":-32602,"message":"what"}})",
            R"({"id":"a","result":null})",
            R"({"id":2,"method":"echo","params":"word"})",
            R"({"id":3,"method":"echo","params":{"word":7}})",
        }) ==
        Lines{
            R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"unknown method '_x/y'"}})",
            R"({"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"params: expected an object"}})",
            R"({"jsonrpc":"2.0","id":3,"error":{"code":-32602,"message":"params.word: expected a string, got number"}})",
        });
}

TEST_CASE("a line over the limit gets one error and the connection goes on") {
    rpc::Connection::Limits limits;
    limits.max_line = 100;
    Rig rig(limits);
    Lines written = rig.peer_end.exchange({
        R"({"id":1,"method":"echo","params":{"word":")" + std::string(500, 'x') + "\"}}",
        R"({"id":2,"method":"echo"})",
    });
    REQUIRE(written.size() == 2);
    CHECK(written[0].starts_with(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600)"));
    CHECK(written[1] == R"({"jsonrpc":"2.0","id":2,"result":{"word":"nothing"}})");
}

TEST_CASE("what a handler throws or fails with becomes an error answer") {
    Rig rig;
    CHECK(
        rig.peer_end.exchange({
            R"({"id":1,"method":"throw"})",
            R"({"id":2,"method":"fail","params":{"word":"the provider is down"}})",
        }) ==
        Lines{
            R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"data":{"details":"internal error: out of oars"},"message":"internal error: out of oars"}})",
            R"({"jsonrpc":"2.0","id":2,"error":{"code":-32603,"data":{"details":"the provider is down"},"message":"the provider is down"}})",
        });
}

TEST_CASE("what the handler of a notification throws ends nothing") {
    Rig rig;
    CHECK(rig.peer_end.exchange({R"({"method":"blast"})", R"({"id":1,"method":"echo"})"}) ==
          Lines{R"({"jsonrpc":"2.0","id":1,"result":{"word":"nothing"}})"});
}

TEST_CASE("a handler that waits does not hold up the reader") {
    Rig rig;
    CHECK(rig.peer_end.exchange({
              R"({"id":1,"method":"later"})",
              R"({"id":2,"method":"echo"})",
              R"({"method":"open","params":{"word":"sesame"}})",
          }) == Lines{
                    R"({"jsonrpc":"2.0","id":2,"result":{"word":"nothing"}})",
                    R"({"jsonrpc":"2.0","id":1,"result":{"opened":"sesame"}})",
                });
}

TEST_CASE("a request that the peer takes back is answered as cancelled") {
    Rig rig;
    CHECK(rig.peer_end.exchange({
              R"({"id":"a","method":"later"})",
              R"({"method":"$/cancel_request","params":{"requestId":"b"}})",
              R"({"method":"$/cancel_request","params":{"requestId":"a"}})",
              R"({"method":"$/cancel_request"})",
          }) == Lines{
                    R"({"jsonrpc":"2.0","id":"a","error":{"code":-32800,"message":"cancelled"}})",
                });
}

TEST_CASE("a running request is stopped when its grace after the end of input is over") {
    rpc::Connection::Limits limits;
    limits.grace = std::chrono::milliseconds(1);
    Rig rig(limits);
    CHECK(rig.peer_end.exchange({R"({"id":1,"method":"later"})"}) ==
          Lines{
              R"({"jsonrpc":"2.0","id":1,"error":{"code":-32800,"message":"cancelled"}})",
          });
}

TEST_CASE("what is to follow a response follows it") {
    Rig rig;
    CHECK(rig.peer_end.exchange({R"({"id":1,"method":"announce"})"}) ==
          Lines{
              R"({"jsonrpc":"2.0","method":"before","params":{}})",
              R"({"jsonrpc":"2.0","id":1,"result":{}})",
              R"({"jsonrpc":"2.0","method":"after","params":{}})",
          });
}

TEST_CASE("settling waits for earlier requests but not for lasting ones") {
    Rig rig;
    Lines seen;
    rig.peer_end.play(settle_between(rig, seen));
    CHECK(seen == Lines{
                      R"({"jsonrpc":"2.0","id":1,"result":{"opened":"one"}})",
                      R"({"jsonrpc":"2.0","id":3,"result":{"settled":true}})",
                      R"({"jsonrpc":"2.0","id":2,"result":{"opened":"two"}})",
                  });
}

TEST_CASE("a refusing hook answers requests and swallows notifications") {
    Rig rig;
    rpc::Connection::Hooks hooks;
    hooks.refuse = [](const std::string& method) -> std::optional<rpc::Answer> {
        if (method == "echo") return std::nullopt;
        return rpc::Answer::error(rpc::invalid_request, "first say hello");
    };
    rig.peer_end.connection->set_hooks(hooks);
    CHECK(rig.peer_end.exchange({
              R"({"id":1,"method":"later"})",
              R"({"method":"open"})",
              R"({"id":2,"method":"echo"})",
          }) ==
          Lines{
              R"({"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"first say hello"}})",
              R"({"jsonrpc":"2.0","id":2,"result":{"word":"nothing"}})",
          });
}

namespace {

// Sends what asks the connection to call back, answers with `response`, gives the outcome.
async::Task<void> call_back(Rig& rig, std::string response, Lines& seen) {
    rig.peer_end.send(R"({"id":"q","method":"ask","params":{"word":"what/ever"}})");
    std::string asked = co_await rig.peer_end.next();
    seen.push_back(asked);
    rig.peer_end.send(response);
    rig.peer_end.send(response);
    std::string outcome = co_await rig.peer_end.next();
    seen.push_back(outcome);
}

Lines outcome_of(const std::string& response) {
    Rig rig;
    Lines seen;
    rig.peer_end.play(call_back(rig, response, seen));
    return seen;
}

async::Task<void> call_without_answer(Rig& rig, Lines& seen) {
    rig.peer_end.send(R"({"id":"q","method":"ask","params":{"word":"what/ever"}})");
    co_await rig.peer_end.next();
    std::string outcome = co_await rig.peer_end.next();
    seen.push_back(outcome);
}

}  // namespace

TEST_CASE("a request of ours gets the result of the peer, once") {
    CHECK(outcome_of(R"({"jsonrpc":"2.0","id":1,"result":{"yes":true}})") ==
          Lines{
              R"({"jsonrpc":"2.0","id":1,"method":"what/ever","params":{}})",
              R"({"jsonrpc":"2.0","id":"q","result":{"yes":true}})",
          });
}

TEST_CASE("an error answer of the peer becomes an error with its meaning") {
    CHECK(outcome_of(R"({"id":1,"error":{"code":-32002,"message":"no\nfile"}})")[1] ==
          R"({"jsonrpc":"2.0","id":"q","error":{"code":-32002,"message":"no file"}})");
    CHECK(
        outcome_of(R"({"id":1,"error":"broken"})")[1] ==
        R"({"jsonrpc":"2.0","id":"q","error":{"code":-32603,"data":{"details":"the client answered with an error"},"message":"the client answered with an error"}})");
}

TEST_CASE("a request of ours ends when the peer does not answer in time") {
    Rig rig;
    rig.timeout = std::chrono::milliseconds(1);
    Lines seen;
    rig.peer_end.play(call_without_answer(rig, seen));
    CHECK(
        seen ==
        Lines{
            R"({"jsonrpc":"2.0","id":"q","error":{"code":-32603,"data":{"details":"the client did not answer in time"},"message":"the client did not answer in time"}})",
        });
}

TEST_CASE("requests of ours end as cancelled when the peer is gone") {
    Rig rig;
    CHECK(rig.peer_end.exchange({R"({"id":"q","method":"ask","params":{"word":"what/ever"}})"}) ==
          Lines{
              R"({"jsonrpc":"2.0","id":1,"method":"what/ever","params":{}})",
              R"({"jsonrpc":"2.0","id":"q","error":{"code":-32800,"message":"cancelled"}})",
          });
}
