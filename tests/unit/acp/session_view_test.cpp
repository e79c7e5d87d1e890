#include "acp/session_view.hpp"

#include <doctest/doctest.h>

#include "async/sleep.hpp"
#include "base/json.hpp"
#include "unit/acp/fake_session.hpp"
#include "unit/rpc/peer.hpp"

using namespace thole;
using thole::test::FakeSession;
using thole::test::Peer;
using Lines = std::vector<std::string>;

namespace {

class NoNetwork final : public http::Http {
public:
    async::Task<Result<http::Response>> send(http::Request, http::BodySink) override {
        co_return fail(Code::unavailable, "there is no network in this test");
    }
};

// One session in the view of a client that a script plays.
struct Rig {
    explicit Rig(acp::Client told = {}) : client(std::move(told)) {
        session.now.mode = "default";
        prompts.emplace(peer.loop);
        view.emplace(acp::SessionView::Parts{
            peer.loop, *peer.connection, sessions, session, client, *prompts, nullptr,
            [](const std::string&) { return std::vector<acp::ModelChoice>(); },
            [this] { ++cancels; }, nullptr, std::make_unique<acp::PlainCodec>()});
    }
    // A prompt of this connection runs from now on.
    void begin_turn() {
        entry.emplace(*prompts, "1");
        entry->runs_as("u1");
    }
    void end_turn() {
        session.emit(BusyStateChanged{false, "u1", "end_turn", {}, {}});
        entry.reset();
    }
    void ask(const std::string& call_id) {
        ToolCallStarted call;
        call.call_id = call_id;
        call.title = "Run ls";
        session.emit(call);
        ApprovalRequested request;
        request.call_id = call_id;
        session.emit(request);
    }

    ~Rig() {
        if (view) peer.loop.run(view->close());
    }

    acp::Client client;
    rpc::MethodTable methods;
    Peer peer{methods};
    Config config;
    SystemClock clock;
    NoNetwork http;
    model::Models models{peer.loop, http, config.models};
    Secrets secrets{{}};
    Sessions sessions{{peer.loop, clock, http, models, config, secrets, "/nowhere", {}}};
    FakeSession session{"s1"};
    std::optional<acp::Prompts> prompts;
    std::optional<acp::SessionView> view;
    std::optional<acp::Prompts::Entry> entry;
    int cancels = 0;
};

std::string method_of(const std::string& line) {
    return text_member(*parse_json(line), "method");
}

Json update_of(const std::string& line) {
    return (*parse_json(line))["params"]["update"];
}

async::Task<void> show_text(Rig& rig, Lines& seen) {
    rig.session.stream(TokensStreamed{"m1", "one "});
    rig.session.stream(TokensStreamed{"m1", "\"two\""});
    rig.session.stream(ThoughtStreamed{"m1t1", "hm", {}, false});
    rig.session.emit(TokensStreamed{"m1", "one \"two\""});
    rig.session.stream(TokensStreamed{"m2", "three"});
    for (int i = 0; i < 3; ++i) {
        std::string line = co_await rig.peer.next();
        seen.push_back(line);
    }
    rig.view.reset();
}

std::string chunk(const std::string& kind, const std::string& id, const std::string& text) {
    return R"({"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s1","update":)"
           R"({"sessionUpdate":")" +
           kind + R"(","messageId":")" + id + R"(","content":{"type":"text","text":")" + text +
           R"("}}}})";
}

}  // namespace

TEST_CASE("streamed text is shown once, joined while it waits") {
    Rig rig;
    Lines seen;
    rig.peer.play(show_text(rig, seen));
    CHECK(seen == Lines{chunk("agent_message_chunk", "m1", R"(one \"two\")"),
                        chunk("agent_thought_chunk", "m1t1", "hm"),
                        chunk("agent_message_chunk", "m2", "three")});
}

namespace {

async::Task<void> approve(Rig& rig, std::string outcome, Lines& seen) {
    rig.begin_turn();
    rig.ask("t1");
    rig.ask("t2");
    for (int i = 0; i < 3; ++i) {
        std::string line = co_await rig.peer.next();
        seen.push_back(method_of(line));
    }
    rig.peer.send(R"({"jsonrpc":"2.0","id":1,"result":{"outcome":)" + outcome + "}}");
    std::string second = co_await rig.peer.next();
    seen.push_back(second.substr(0, second.find(",\"params\"")));
    rig.end_turn();
    rig.view.reset();
}

}  // namespace

TEST_CASE("approvals are asked one at a time, each after its call") {
    Rig rig;
    Lines seen;
    std::string once = R"({"outcome":"selected","optionId":"allow_once"})";
    rig.peer.play(approve(rig, once, seen));
    CHECK(seen == Lines{"session/update", "session/update", "session/request_permission",
                        R"({"jsonrpc":"2.0","id":2,"method":"session/request_permission")"});
    REQUIRE(rig.session.commands.size() == 1);
    REQUIRE(std::holds_alternative<Approve>(rig.session.commands[0]));
    CHECK(std::get<Approve>(rig.session.commands[0]).call_id == "t1");
}

TEST_CASE("a closed dialog cancels the turn") {
    Rig rig;
    Lines seen;
    rig.peer.play(approve(rig, R"({"outcome":"cancelled"})", seen));
    CHECK(rig.cancels == 1);
    CHECK(rig.session.commands.empty());
}

namespace {

// The call is settled elsewhere while the dialog is open; the client answers too late.
async::Task<void> answer_late(Rig& rig, Lines& seen) {
    rig.begin_turn();
    rig.ask("t1");
    co_await rig.peer.next();
    co_await rig.peer.next();
    rig.session.emit(ApprovalResolved{"t1", "deny", "once", "user", {}, {}});
    rig.peer.send(
        R"({"id":1,"result":{"outcome":{"outcome":"selected","optionId":"allow_once"}}})");
    rig.view->say("still here");
    std::string line = co_await rig.peer.next();
    seen.push_back(method_of(line));
    rig.end_turn();
    rig.view.reset();
}

}  // namespace

TEST_CASE("a late answer to a dialog does nothing") {
    Rig rig;
    Lines seen;
    rig.peer.play(answer_late(rig, seen));
    CHECK(rig.session.commands.empty());
    CHECK(seen == Lines{"session/update"});
}

TEST_CASE("a dialog is withdrawn only from clients that know how") {
    acp::Client zed;
    zed.takes_withdrawal = true;
    Rig rig(zed);
    Lines seen;
    rig.peer.play(answer_late(rig, seen));
    CHECK(seen == Lines{"$/cancel_request"});
}

namespace {

async::Task<void> ask_outside_a_turn(Rig& rig, Lines& seen) {
    rig.ask("t1");
    rig.view->say("nothing asked");
    for (int i = 0; i < 2; ++i) {
        std::string line = co_await rig.peer.next();
        seen.push_back(method_of(line));
    }
    rig.view.reset();
}

async::Task<void> ask_question(Rig& rig, Lines& seen) {
    rig.begin_turn();
    rig.session.emit(QuestionRequested{"q1", "t1", "Which?", {"a"}});
    if (rig.client.shows_forms) {
        std::string asked = co_await rig.peer.next();
        seen.push_back(method_of(asked));
        rig.peer.send(R"({"id":1,"result":{"action":"accept","content":{"choice":"a"}}})");
    }
    std::chrono::milliseconds none(0);
    while (rig.session.commands.empty()) co_await async::sleep_for(rig.peer.loop, none);
    rig.end_turn();
    rig.view.reset();
}

std::string kind_of_answer(const FakeSession& session) {
    const auto* answer = std::get_if<AnswerQuestion>(&session.commands.at(0));
    return answer ? text_member(*answer->selection, "kind") : std::string();
}

}  // namespace

TEST_CASE("nothing is asked outside a turn of this client") {
    Rig rig;
    Lines seen;
    rig.peer.play(ask_outside_a_turn(rig, seen));
    CHECK(seen == Lines{"session/update", "session/update"});
}

TEST_CASE("a question is a form where there are forms, else it goes back to the model") {
    Lines seen;
    Rig plain;
    plain.peer.play(ask_question(plain, seen));
    CHECK(kind_of_answer(plain.session) == "cancelled");
    CHECK(seen.empty());
    acp::Client client;
    client.shows_forms = true;
    Rig with_forms(client);
    with_forms.peer.play(ask_question(with_forms, seen));
    CHECK(kind_of_answer(with_forms.session) == "option");
    CHECK(seen == Lines{"elicitation/create"});
}

namespace {

async::Task<void> change_mode(Rig& rig, Lines& seen) {
    rig.view->hold_options();
    rig.session.emit(ModeChanged{"plan", "user"});
    rig.view->say("the response");
    rig.view->show_options();
    rig.session.emit(ModeChanged{"default", "plan"});
    for (int i = 0; i < 5; ++i) {
        std::string line = co_await rig.peer.next();
        seen.push_back(text_member(update_of(line), "sessionUpdate"));
    }
    rig.view.reset();
}

}  // namespace

TEST_CASE("changes of options wait for the response that made them") {
    Rig rig;
    Lines seen;
    rig.peer.play(change_mode(rig, seen));
    CHECK(seen == Lines{"agent_message_chunk", "current_mode_update", "config_option_update",
                        "current_mode_update", "config_option_update"});
}

TEST_CASE("a view gives back what it took") {
    Rig rig;
    CHECK(rig.session.answerers == 1);
    rig.view.reset();
    CHECK(rig.session.answerers == 0);
    CHECK(rig.session.watcher == nullptr);
}

namespace {

async::Task<void> show_huge_call(Rig& rig, Lines& seen) {
    ToolCallStarted call;
    call.call_id = "t1";
    for (int i = 0; i < 10; ++i) {
        call.diffs.push_back({"/p/a", true, false, "", std::string(1'000'000, 'x') + "\n"});
    }
    rig.session.emit(call);
    std::string line = co_await rig.peer.next();
    seen.push_back(line);
    rig.view.reset();
}

}  // namespace

TEST_CASE("an update that no client would read gives up its content") {
    Rig rig;
    Lines seen;
    rig.peer.play(show_huge_call(rig, seen));
    CHECK(seen.at(0).size() < 10'000);
    CHECK(text_member(update_of(seen.at(0)), "toolCallId") == "t1");
}
