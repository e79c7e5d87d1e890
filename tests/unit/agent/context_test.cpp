#include "agent/context.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;
using Kind = ContextItem::Kind;

namespace {

ContextItem item(Kind kind, std::string message_id, std::string text) {
    ContextItem made;
    made.kind = kind;
    made.message_id = std::move(message_id);
    made.text = std::move(text);
    return made;
}

ContextItem call(std::string message_id, std::string call_id, std::string tool) {
    ContextItem made = item(Kind::call, std::move(message_id), "");
    made.call_id = std::move(call_id);
    made.tool = std::move(tool);
    made.input = JsonValue(Json{{"path", "a"}});
    return made;
}

ContextItem result(std::string call_id, std::string text, bool is_error = false) {
    ContextItem made = item(Kind::result, "", std::move(text));
    made.call_id = std::move(call_id);
    made.is_error = is_error;
    return made;
}

// One line a block, so that whole conversations compare as text.
std::string shown(const std::vector<model::Message>& messages) {
    std::string text;
    for (const model::Message& message : messages) {
        text += message.role == model::Message::Role::user ? "user:\n" : "assistant:\n";
        for (const model::Block& block : message.blocks) {
            if (const auto* part = std::get_if<model::Text>(&block)) text += "  " + part->text;
            if (const auto* part = std::get_if<model::Thought>(&block)) {
                text += "  thought " + part->text + " signed " + part->signature;
            }
            if (const auto* part = std::get_if<model::ToolCall>(&block)) {
                text += "  call " + part->id + " " + part->name + " " + dump_json(*part->input);
            }
            if (const auto* part = std::get_if<model::ToolResult>(&block)) {
                text += "  result " + part->id + (part->is_error ? " failed " : " ") + part->text;
            }
            if (const auto* part = std::get_if<model::Image>(&block)) {
                text += "  image " + part->mime_type + " " + part->base64;
            }
            text += "\n";
        }
    }
    return text;
}

}  // namespace

TEST_CASE("results follow their calls in call order, whatever order they came in") {
    State state;
    state.context = {item(Kind::user, "u1", "go"),
                     item(Kind::answer, "m1", "looking"),
                     call("m1", "c1", "read_file"),
                     call("m1", "c2", "grep"),
                     result("c2", "two"),
                     result("c1", "one"),
                     item(Kind::answer, "m2", "done")};
    CHECK(shown(build_messages(state)) ==
          "user:\n  go\n"
          "assistant:\n  looking\n  call c1 read_file {\"path\":\"a\"}\n"
          "  call c2 grep {\"path\":\"a\"}\n"
          "user:\n  result c1 one\n  result c2 two\n"
          "assistant:\n  done\n");
}

TEST_CASE("a call without a result gets one, so that the request is valid") {
    State state;
    state.context = {item(Kind::user, "u1", "go"), call("m1", "c1", "bash"),
                     item(Kind::user, "u2", "again")};
    CHECK(shown(build_messages(state)) ==
          "user:\n  go\n"
          "assistant:\n  call c1 bash {\"path\":\"a\"}\n"
          "user:\n  result c1 failed This call was interrupted before it gave a result.\n"
          "  again\n");
}

TEST_CASE("calls of two answers without text between them stay two rounds") {
    State state;
    state.context = {item(Kind::user, "u1", "go"), call("m1", "c1", "glob"), result("c1", "one"),
                     call("m2", "c2", "glob"), result("c2", "two")};
    CHECK(shown(build_messages(state)) ==
          "user:\n  go\n"
          "assistant:\n  call c1 glob {\"path\":\"a\"}\n"
          "user:\n  result c1 one\n"
          "assistant:\n  call c2 glob {\"path\":\"a\"}\n"
          "user:\n  result c2 two\n");
}

TEST_CASE("only thoughts that the provider signed are given back") {
    State state;
    ContextItem signed_thought = item(Kind::thought, "m1t1", "hm");
    signed_thought.signature = "sig";
    state.context = {item(Kind::user, "u1", "go"), item(Kind::thought, "m0t1", "unsigned"),
                     signed_thought, item(Kind::answer, "m1", "so")};
    CHECK(shown(build_messages(state)) ==
          "user:\n  go\nassistant:\n  thought hm signed sig\n  so\n");
}

TEST_CASE("a prompt of blocks keeps text, images, links and embedded files apart") {
    State state;
    ContextItem prompt = item(Kind::user, "u1", "see");
    prompt.blocks = JsonValue(Json::array(
        {Json{{"type", "text"}, {"text", "see"}},
         Json{{"type", "image"}, {"mimeType", "image/png"}, {"data", "QUJD"}},
         Json{{"type", "resource_link"}, {"uri", "file:///a.c"}, {"name", "a.c"}},
         Json{{"type", "resource"}, {"resource", {{"uri", "file:///b.c"}, {"text", "int b;"}}}}}));
    state.context = {prompt};
    CHECK(shown(build_messages(state)) ==
          "user:\n  see\n  image image/png QUJD\n"
          "  [the user points at a.c (file:///a.c)]\n"
          "  <resource uri=\"file:///b.c\">\nint b;\n</resource>\n");
}

TEST_CASE("a conversation that begins with an answer still begins with the user") {
    State state;
    state.context = {item(Kind::answer, "m1", "hello")};
    CHECK(shown(build_messages(state)) ==
          "user:\n  (the conversation goes on)\nassistant:\n  hello\n");
}

TEST_CASE("a summary opens the conversation and the state closes it") {
    State state;
    state.session_summary = "S";
    state.tasks = {TaskItem{"t1", "Look", "pending", "high", "", "", ""}};
    state.context = {item(Kind::summary, "", "S"), item(Kind::user, "u2", "go"),
                     call("m2", "c1", "glob"), result("c1", "one")};
    std::string text = shown(build_messages(state));
    CHECK(
        text.starts_with("user:\n  Summary of the conversation so far, which it replaces; go on "
                         "from where it ends without repeating what is done:\n\nS\n  go\n"));
    CHECK(
        text.ends_with("user:\n  result c1 one\n"
                       "  <session_state>\nThe state of this session, from thole and not from "
                       "the user:\n\nTasks that are still open:\n"
                       "- [pending] Look (id t1, high priority)\n</session_state>\n"));
}

TEST_CASE("the state is said by the user even after an answer") {
    State state;
    state.session_summary = "S";
    state.tasks = {TaskItem{"t1", "Look", "pending", "high", "", "", ""}};
    state.context = {item(Kind::user, "u1", "go"), item(Kind::answer, "m1", "done")};
    std::vector<model::Message> messages = build_messages(state);
    REQUIRE(messages.size() == 3);
    CHECK(messages.back().role == model::Message::Role::user);
}
