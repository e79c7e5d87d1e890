// An Http that plays recorded answers in pieces of any size, and words for comparing what came of
// them. For the tests of model/ alone.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "async/loop.hpp"
#include "base/json.hpp"
#include "http/http.hpp"
#include "model/models.hpp"
#include "model/provider.hpp"

namespace thole::test {

struct Recorded {
    int status = 200;
    std::string body;
    http::Headers headers{{"content-type", "text/event-stream"}};
    std::size_t chunk = 4096;       // bytes given at a time
    std::size_t first_chunk = 0;    // unless 0: the first piece has another size
    std::optional<Error> broken{};  // how the exchange ends after the body
};

class ScriptedHttp final : public http::Http {
public:
    std::deque<Recorded> answers;
    std::vector<http::Request> asked;

    async::Task<Result<http::Response>> send(http::Request request,
                                             http::BodySink on_body) override {
        asked.push_back(std::move(request));
        if (answers.empty()) co_return fail(Code::unavailable, "connection refused");
        Recorded now = std::move(answers.front());
        answers.pop_front();
        http::Response response{now.status, now.headers, "", asked.back().url};
        bool is_streamed = on_body && now.status == 200;
        if (is_streamed) play(now, on_body);
        if (now.broken) co_return *now.broken;
        if (!is_streamed) response.body = now.body;
        co_return response;
    }

private:
    static void play(const Recorded& recorded, const http::BodySink& on_body) {
        std::string_view rest = recorded.body;
        std::size_t size = recorded.first_chunk > 0 ? recorded.first_chunk : recorded.chunk;
        while (!rest.empty()) {
            on_body(recorded.status, rest.substr(0, size));
            rest.remove_prefix(std::min(size, rest.size()));
            size = recorded.chunk;
        }
    }
};

// Runs a task to its end and gives its value.
template <class T>
async::Task<void> keep(async::Task<T> task, std::optional<T>& value) {
    T result = co_await task;
    value.emplace(std::move(result));
}
template <class T>
T run(async::Loop& loop, async::Task<T> task) {
    std::optional<T> value;
    loop.run(keep(std::move(task), value));
    return std::move(*value);
}

// One line a block, then how it stopped and what it used.
// Ids that thole gives to calls end with six characters of chance: "call_5_2_x7ab2k" → "call_5_2".
inline std::string without_chance(std::string text) {
    const auto digits = [&text](std::size_t at) {
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        return at;
    };
    for (std::size_t at = text.find("call_"); at != text.npos; at = text.find("call_", at + 1)) {
        const std::size_t message = digits(at + 5);
        const std::size_t place = digits(message + 1);
        const bool is_made = message > at + 5 && place > message + 1 && text[message] == '_' &&
                             place + 7 <= text.size() && text[place] == '_';
        if (is_made) text.erase(place, 7);
    }
    return text;
}

inline std::string shown(const model::Reply& reply) {
    std::string text;
    for (const model::Block& block : reply.blocks) {
        if (const auto* part = std::get_if<model::Text>(&block)) text += "text " + part->text;
        if (const auto* thought = std::get_if<model::Thought>(&block)) {
            text += (thought->redacted ? "redacted " : "thought ") + thought->text + " [" +
                    thought->signature + "]";
        }
        if (const auto* call = std::get_if<model::ToolCall>(&block)) {
            text += "call " + call->id + " " + call->name + " " + dump_json(*call->input);
            if (!call->broken_input.empty()) text += " broken " + call->broken_input;
        }
        text += "\n";
    }
    static const char* stops[] = {"end_turn", "tool_use", "max_tokens", "refusal"};
    const model::TokenUsage& usage = reply.usage;
    text = without_chance(std::move(text));
    return text + stops[static_cast<int>(reply.stop)] + " in " + std::to_string(usage.input) +
           " out " + std::to_string(usage.output) + " read " + std::to_string(usage.cached_read) +
           " write " + std::to_string(usage.cached_write) + " thought " +
           std::to_string(usage.thought);
}

inline std::string shown(const model::Failure& failure) {
    static const char* codes[] = {"internal", "invalid_argument", "not_found",      "exists",
                                  "denied",   "cancelled",        "timed_out",      "io",
                                  "corrupt",  "configuration",    "authentication", "unavailable",
                                  "refused",  "too_large",        "limit",          "busy"};
    std::string text = failure.is_transient ? "transient " : "final ";
    text += codes[static_cast<int>(failure.error.code)];
    if (failure.retry_after) text += " after " + std::to_string(failure.retry_after->count());
    return text + ": " + failure.error.message;
}

inline std::string shown(model::Answer& answer) {
    return answer.has_reply() ? shown(answer.reply()) : shown(answer.failure());
}

// Pieces as they come, those of one kind joined: "thought:Hm\ntext:Hello\nbegins:id name\n".
class Pieces {
public:
    model::PieceSink sink() {
        return [this](const model::Piece& piece) { take(piece); };
    }
    std::string text() const { return without_chance(text_); }
    // The signatures with which thoughts have ended, one a line.
    std::string ends() const { return without_chance(ends_); }

private:
    void take(const model::Piece& piece) {
        if (piece.kind == model::Piece::Kind::thought_ends) {
            last_.clear();
            ends_ +=
                std::string(piece.redacted ? "redacted " : "") + std::string(piece.text) + "\n";
            return;
        }
        if (piece.kind == model::Piece::Kind::call_begins) {
            text_ += "\nbegins:" + std::string(piece.call_id) + " " + std::string(piece.call_name);
            last_.clear();
            return;
        }
        std::string kind = piece.kind == model::Piece::Kind::text ? "text" : "thought";
        if (kind != last_) text_ += "\n" + kind + ":";
        last_ = kind;
        text_ += piece.text;
    }
    std::string text_, last_, ends_;
};

inline std::shared_ptr<const Json> json(const char* text) {
    return std::make_shared<const Json>(Json::parse(text));
}

// A conversation in the middle of a tool round, with all kinds of blocks.
inline model::Request full_request() {
    using Role = model::Message::Role;
    model::Request request;
    request.model = "claude-haiku-4-5";
    request.system = "Be brief.";
    request.max_output_tokens = 1000;
    request.tools = {{"read_file", "Reads.", json(R"({"type":"object"})")},
                     {"bash", "Runs.", json(R"({"type":"object","required":["command"]})")}};
    request.messages = {
        {Role::user, {model::Text{"Earlier"}}},
        {Role::assistant, {model::Thought{"old", "sig0", false}, model::Text{"Yes"}}},
        {Role::user, {model::Text{"Look"}, model::Image{"image/png", "QUJD"}}},
        {Role::assistant,
         {model::Thought{"hm", "sig1", false}, model::Thought{"", "secret", true},
          model::Thought{"loose", "field:reasoning", false},
          model::Thought{"why", "openai/openai:rs_1:ENC", false},
          model::Thought{"", "gemini:GS:call.1", false}, model::Text{"I look."},
          model::ToolCall{"call.1", "read_file", json(R"({"path":"a"})"), ""},
          model::ToolCall{"call_2", "bash", json("{}"), "{\"comm"}}},
        {Role::user,
         {model::Text{"and hurry"},
          model::ToolResult{"call.1", "A", {{"image/png", "QQ=="}}, false},
          model::ToolResult{"call_2", "bad input", {}, true}}}};
    return request;
}

// What a provider makes of one recorded answer; `pieces` hears of it as it comes.
template <class Made>
std::string answer_of(Made make, const model::ProviderConfig& config, Recorded recorded,
                      Pieces& pieces) {
    async::Loop loop;
    ScriptedHttp http;
    http.answers.push_back(std::move(recorded));
    auto provider = make(http, config);
    model::Request request = full_request();
    model::PieceSink sink = pieces.sink();
    model::Answer answer = run(loop, provider->stream(request, sink));
    return shown(answer);
}

// How often an answer came out otherwise when its bytes came in other pieces.
template <class Made>
int differing_cuts(Made make, const model::ProviderConfig& config, const Recorded& recorded,
                   const std::string& expected) {
    int differing = 0;
    for (std::size_t size = 1; size <= recorded.body.size(); size += 1 + size / 3) {
        Recorded cut = recorded;
        cut.chunk = size;
        cut.first_chunk = 1 + size / 2;
        Pieces pieces;
        if (answer_of(make, config, std::move(cut), pieces) != expected) ++differing;
    }
    return differing;
}

}  // namespace thole::test
