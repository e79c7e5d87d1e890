
#include "base/json.hpp"
#include "ipc/command_json.hpp"
#include "ipc/connection.hpp"
#include "rig.hpp"

using namespace thole;
using test::Client;
using test::Rig;

namespace {

struct Taken {
    const char* sent;
    const char* understood;  // as command_to_json writes it
    const char* answer;
};

const Taken all_commands[] = {
    {R"({"type":"SendMessage","content":"hi","request_id":1})",
     R"({"content":"hi","type":"SendMessage"})",
     R"({"type":"Ack","command":"SendMessage","request_id":1,"message_id":"u1"})"},
    {R"({"type":"SendMessage","content":"/row","command":"row","model":"m","agent":"a","tools":["bash"]})",
     R"({"agent":"a","command":"row","content":"/row","model":"m","tools":["bash"],"type":"SendMessage"})",
     R"({"type":"Ack","command":"SendMessage","message_id":"u1"})"},
    {R"({"type":"SendMessage","blocks":[{"type":"text","text":"hi"}],"message_id":"x"})",
     R"({"blocks":[{"text":"hi","type":"text"}],"content":"","message_id":"x","type":"SendMessage"})",
     R"({"type":"Ack","command":"SendMessage","message_id":"u1"})"},
    {R"({"type":"ApproveToolCall","call_id":"c1","request_id":"a\"b"})",
     R"({"call_id":"c1","scope":"once","type":"ApproveToolCall"})",
     R"({"type":"Ack","command":"ApproveToolCall","request_id":"a\"b"})"},
    {R"({"type":"ApproveToolCall","call_id":"c1","scope":"session"})",
     R"({"call_id":"c1","scope":"session","type":"ApproveToolCall"})",
     R"({"type":"Ack","command":"ApproveToolCall"})"},
    {R"({"type":"DenyToolCall","call_id":"c1","reason":"no"})",
     R"({"call_id":"c1","reason":"no","type":"DenyToolCall"})",
     R"({"type":"Ack","command":"DenyToolCall"})"},
    {R"({"type":"AnswerQuestion","question_id":"q","selection":{"kind":"option","text":"a"}})",
     R"({"question_id":"q","selection":{"kind":"option","text":"a"},"type":"AnswerQuestion"})",
     R"({"type":"Ack","command":"AnswerQuestion"})"},
    {R"({"type":"AnswerQuestion","question_id":"q","selection":{"kind":"cancelled"}})",
     R"({"question_id":"q","selection":{"kind":"cancelled"},"type":"AnswerQuestion"})",
     R"({"type":"Ack","command":"AnswerQuestion"})"},
    {R"({"type":"ReviewPlan","decision":"feedback","feedback":"more"})",
     R"({"decision":"feedback","feedback":"more","type":"ReviewPlan"})",
     R"({"type":"Ack","command":"ReviewPlan"})"},
    {R"({"type":"ReviewPlan","decision":"feedback"})",
     R"({"decision":"feedback","type":"ReviewPlan"})", R"({"type":"Ack","command":"ReviewPlan"})"},
    {R"({"type":"ReviewPlan","decision":"approved","revision":3,"mode":"accept-edits"})",
     R"({"decision":"approved","mode":"accept-edits","revision":3,"type":"ReviewPlan"})",
     R"({"type":"Ack","command":"ReviewPlan"})"},
    {R"({"type":"ReviewPlan","decision":"feedback","edits":"# Plan\n",)"
     R"("comments":[{"start_line":2,"text":"why?"},{"start_line":4,"end_line":6,"text":"no"}]})",
     R"({"comments":[{"end_line":2,"start_line":2,"text":"why?"},)"
     R"({"end_line":6,"start_line":4,"text":"no"}],)"
     R"("decision":"feedback","edits":"# Plan\n","type":"ReviewPlan"})",
     R"({"type":"Ack","command":"ReviewPlan"})"},
    {R"({"type":"SetMode","mode":"plan"})", R"({"mode":"plan","type":"SetMode"})",
     R"({"type":"Ack","command":"SetMode"})"},
    {R"({"type":"SetOption","name":"model","value":"m"})",
     R"({"name":"model","type":"SetOption","value":"m"})",
     R"({"type":"Ack","command":"SetOption"})"},
    {R"({"type":"Compact"})", R"({"type":"Compact"})", R"({"type":"Ack","command":"Compact"})"},
    {R"({"type":"Save","request_id":1.5})", R"({"type":"Save"})",
     R"({"type":"Ack","command":"Save","request_id":1.5})"},
    {R"({"type":"Cancel"})", R"({"type":"Cancel"})", R"({"type":"Ack","command":"Cancel"})"},
    {R"({"type":"Shutdown","unknown":1})", R"({"type":"Shutdown"})",
     R"({"type":"Ack","command":"Shutdown"})"},
};

async::Task<void> send_all(Rig& rig) {
    Client client(rig.loop, rig.path());
    for (const Taken& one : all_commands) client.say(one.sent);
    std::size_t number = 0;
    for (const Taken& one : all_commands) {
        std::string answer = co_await client.line();
        CHECK(answer == std::string(one.answer));
        REQUIRE(rig.session.commands.size() > number);
        CHECK(dump_json(ipc::command_to_json(rig.session.commands[number++])) == one.understood);
    }
    rig.session.refusal = fail(Code::not_found, "no approval is open for call 'c1'");
    for (const Taken& one : all_commands) {
        client.say(one.sent);
        std::string answer = co_await client.line();
        Json nack = parse_json(answer).value_or(Json());
        CHECK(nack["type"] == "Nack");
        CHECK(nack["code"] == "not_found");
        CHECK(nack["error"] == "no approval is open for call 'c1'");
        CHECK(nack["command"] == parse_json(one.sent).value_or(Json())["type"]);
    }
    CHECK(rig.session.commands.size() == std::size(all_commands));
}

struct Refused {
    std::string sent;
    const char* why;
};

std::vector<Refused> garbage() {
    std::string nul = R"({"type":"Cancel"})";
    nul[3] = '\0';
    return {
        {"what?", "the line is not JSON; send one JSON object a line"},
        {"{\"type\":\"Cancel\"", "the line is not JSON"},
        {"[]", "the line is no object but array"},
        {"null", "the line is no object but null"},
        {"7", "the line is no object but number"},
        {"{}", "type: is missing; expected a string"},
        {R"({"type":7})", "type: expected a string, got number"},
        {R"({"type":"Fly"})", "there is no command 'Fly'; the commands are Subscribe, SendMessage"},
        {"{\"type\":\"\xff\"}", "the line is not UTF-8"},
        {nul, "the line has a NUL byte in it"},
        {std::string(100'000, '['), "the line is nested too deeply"},
        {"{\"type\":" + std::string(100'000, '{'), "the line is nested too deeply"},
        {std::string(300'000, 'x'), "a line of input is longer than 200000 bytes"},
        {R"({"type":"Cancel","request_id":{}})", "request_id: expected a string or a number"},
        {R"({"type":"Cancel","request_id":")" + std::string(300, 'x') + "\"}",
         "request_id: is longer than 256 bytes"},
        {R"({"type":"SendMessage"})", "SendMessage.content: is missing; expected a string"},
        {R"({"type":"SendMessage","content":""})", "SendMessage.content: must not be empty"},
        {R"({"type":"SendMessage","content":["x"]})",
         "SendMessage.content: expected a string, got array"},
        {R"({"type":"SendMessage","blocks":[]})", "SendMessage.blocks: is empty"},
        {R"({"type":"SendMessage","blocks":["x"]})",
         "SendMessage.blocks: holds something that is no object"},
        {R"({"type":"SendMessage","blocks":"x"})", "SendMessage.blocks: expected an array"},
        {R"({"type":"ApproveToolCall"})", "ApproveToolCall.call_id: is missing"},
        {R"({"type":"ApproveToolCall","call_id":"c","scope":"ever"})", "ApproveToolCall.scope: "},
        {R"({"type":"DenyToolCall","call_id":"c","reason":1})",
         "DenyToolCall.reason: expected a string, got number"},
        {R"({"type":"AnswerQuestion","question_id":"q"})", "AnswerQuestion.selection: is missing"},
        {R"({"type":"AnswerQuestion","question_id":"q","selection":{"kind":"x"}})",
         "AnswerQuestion.selection.kind: "},
        {R"({"type":"AnswerQuestion","question_id":"q","selection":{"kind":"option"}})",
         "AnswerQuestion.selection.text: is missing"},
        {R"({"type":"ReviewPlan","decision":"maybe"})", "ReviewPlan.decision: "},
        {R"({"type":"ReviewPlan"})", "ReviewPlan.decision: is missing"},
        {R"({"type":"ReviewPlan","decision":"approved","edits":7})",
         "ReviewPlan.edits: expected a string, got number"},
        {R"({"type":"ReviewPlan","decision":"approved","revision":0})", "ReviewPlan.revision: "},
        {R"({"type":"ReviewPlan","decision":"approved","mode":true})",
         "ReviewPlan.mode: expected a string, got boolean"},
        {R"({"type":"ReviewPlan","decision":"feedback","comments":{}})",
         "ReviewPlan.comments: expected an array"},
        {R"({"type":"ReviewPlan","decision":"feedback","comments":["x"]})",
         "ReviewPlan.comments[0]: expected an object, got string"},
        {R"({"type":"ReviewPlan","decision":"feedback","comments":[{"text":"x"}]})",
         "ReviewPlan.comments[0].start_line: is missing"},
        {R"({"type":"ReviewPlan","decision":"feedback","comments":[{"start_line":1}]})",
         "ReviewPlan.comments[0].text: is missing"},
        {R"({"type":"ReviewPlan","decision":"feedback","comments":[{"start_line":0,"text":"x"}]})",
         "ReviewPlan.comments[0].start_line: "},
        {R"({"type":"SetMode"})", "SetMode.mode: is missing"},
        {R"({"type":"SetOption","name":"model"})", "SetOption.value: is missing"},
        {R"({"type":"Subscribe","after_id":-1})", "Subscribe.after_id: "},
        {R"({"type":"Subscribe","after_id":"1"})", "Subscribe.after_id: expected an integer"},
        {R"({"type":"Subscribe","after_id":2})",
         "Subscribe.after_id: 2 is to come; the last event is 1"},
        {R"({"type":"Subscribe","deltas":1})", "Subscribe.deltas: "},
    };
}

async::Task<void> send_garbage(Rig& rig) {
    Client client(rig.loop, rig.path());
    for (const Refused& one : garbage()) {
        client.say(one.sent);
        std::string line = co_await client.line();
        Json nack = parse_json(line).value_or(Json());
        CHECK(nack["type"] == "Nack");
        std::string error = nack["error"].is_string() ? nack["error"].get<std::string>() : line;
        CAPTURE(error);
        CHECK(error.starts_with(one.why));
        CHECK(error.size() < 400);
    }
    client.say("  \r");
    client.say(R"({"type":"Subscribe"})");
    client.say(R"({"type":"Subscribe","request_id":5})");
    std::string subscribed = co_await client.line();
    CHECK(subscribed.find(R"("last_id":1})") != std::string::npos);
    std::string event = co_await client.line();
    if (event.starts_with(R"({"schema)")) event = co_await client.line();
    CHECK(event.starts_with(
        R"({"type":"Nack","command":"Subscribe","request_id":5,"code":"exists")"));
    CHECK(rig.session.commands.empty());
    client.say(R"({"type":"Cancel"})");
    std::string answer;
    while (answer.empty() || answer.starts_with(R"({"schema)")) answer = co_await client.line();
    CHECK(answer == R"({"type":"Ack","command":"Cancel"})");
}

async::Task<void> flood(Rig& rig) {
    constexpr int lines = 50'000;
    Client client(rig.loop, rig.path());
    std::string garbage;
    for (int i = 0; i < lines; ++i) garbage += "x\n";
    client.say(garbage + R"({"type":"Cancel"})");
    Client other(rig.loop, rig.path());
    other.say(R"({"type":"Save"})");
    std::string answer = co_await other.line();
    CHECK(answer == R"({"type":"Ack","command":"Save"})");
    CHECK(rig.session.commands.size() == 1);
    int nacks = 0;
    answer = co_await client.line();
    while (answer.starts_with(R"({"type":"Nack")")) {
        ++nacks;
        answer = co_await client.line();
    }
    CHECK(nacks == lines);
    CHECK(answer == R"({"type":"Ack","command":"Cancel"})");
}

async::Task<void> say_and_leave(Rig& rig) {
    {
        Client client(rig.loop, rig.path());
        client.say(test::subscribe(0, R"(,"answers":true)"));
        client.say(R"({"type":"SendMessage","content":"go on without me"})");
    }
    while (rig.session.commands.empty()) co_await test::turn(rig.loop);
    while (rig.session.watchers + rig.session.answerers > 0) co_await test::turn(rig.loop);
    CHECK(rig.session.commands.size() == 1);
}

}  // namespace

TEST_CASE("each command is taken in order and answered, or refused with the session's reason") {
    Rig rig;
    rig.run(send_all(rig));
}

TEST_CASE("garbage is refused with a clear error and the connection goes on") {
    ipc::Limits limits;
    limits.longest_line = 200'000;
    Rig rig(limits);
    rig.run(send_garbage(rig));
}

TEST_CASE("a flood of garbage holds nobody else up, and each line of it is answered") {
    Rig rig;
    rig.run(flood(rig));
}

TEST_CASE("a client that leaves cancels nothing") {
    Rig rig;
    rig.run(say_and_leave(rig));
}

TEST_CASE("a command that was written reads as the same") {
    const std::vector<Command> all = {
        SendMessage{"a", JsonValue(Json::array({Json::object()})), "m"},
        Approve{"c", true},
        Deny{"c", "r"},
        AnswerQuestion{"q", JsonValue(Json{{"kind", "suggested"}})},
        SetMode{"m"},
        SetOption{"n", "v"},
        ReviewPlan{"feedback", "f", "edits", {{2, 3, "why?", ""}}, 4, "accept-edits"},
        ReviewChanges{"/w/a.c", "old\n", std::nullopt, 7},
        Compact{},
        Save{},
        MergeChild{"c", "b"},
        DiscardChild{"c"},
        CancelChild{"c"},
        SetTitle{"t"},
        Archive{false},
        Cancel{"timeout"},
        Shutdown{}};
    CHECK(all.size() == std::variant_size_v<Command>);
    for (const Command& command : all) {
        Json json = ipc::command_to_json(command);
        Result<Command> again = ipc::command_from_json(json);
        REQUIRE(again);
        CHECK(again->index() == command.index());
        CHECK(ipc::command_to_json(*again) == json);
    }
}
