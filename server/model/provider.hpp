// What a model is to thole: a request of messages and tools, answered by a stream of pieces and
// then a whole reply. A Provider speaks one API; it does not retry, knows no session and holds no
// state between requests. Loop thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "async/task.hpp"
#include "base/json_fwd.hpp"
#include "base/result.hpp"

namespace thole::model {

struct Text {
    std::string text;
};
struct Image {
    std::string mime_type;  // image/png, image/jpeg, image/gif, image/webp
    std::string base64;
};
struct Thought {
    std::string text, signature;  // signature: what the provider needs to see again, opaque
    bool redacted = false;
};
struct ToolCall {
    std::string id, name;
    std::shared_ptr<const Json> input;  // an object, never null
    std::string broken_input;           // set when the model sent arguments that are not JSON
};
struct ToolResult {
    std::string id;  // of the ToolCall
    std::string text;
    std::vector<Image> images;
    bool is_error = false;
};
using Block = std::variant<Text, Image, Thought, ToolCall, ToolResult>;

// Opens the text block in which a request repeats the state of the session (plan, tasks): nobody
// has said it, and the next request has another one in another place.
inline constexpr std::string_view session_state_mark = "<session_state>";
// Opens the text block that stands for messages which a summary has replaced.
inline constexpr std::string_view summary_mark = "Summary of the conversation so far";

struct Message {
    enum class Role { user, assistant };
    Role role = Role::user;
    std::vector<Block> blocks;
};

struct ToolSpec {
    std::string name, description;
    std::shared_ptr<const Json> schema;  // JSON Schema of the input, an object
    std::size_t schema_size = 0;         // bytes of its text, about
};

// How much a model thinks before it answers.
enum class ThoughtLevel { off, low, medium, high };
std::string_view thought_level_name(ThoughtLevel level);
std::optional<ThoughtLevel> parse_thought_level(std::string_view name);

struct Request {
    std::string model;  // the provider's own name, without "provider/"
    std::string system;
    std::vector<Message> messages;  // user and assistant in turn; every call has its result
    std::vector<ToolSpec> tools;    // stable order, for prompt caching
    std::int64_t max_output_tokens = 32000;  // 0: as the provider has it
    ThoughtLevel thought_level = ThoughtLevel::off;
    bool must_be_priced = false;  // there is a limit of cost: nobody of unknown price may answer
};

// A piece of the answer, as it comes.
struct Piece {
    enum class Kind { text, thought, thought_ends, call_begins };
    Kind kind = Kind::text;
    std::string_view text;       // valid during the call only; thought_ends: the signature
    std::string_view call_id{};  // call_begins
    std::string_view call_name{};
    bool redacted = false;  // thought_ends
};
using PieceSink = std::function<void(const Piece&)>;

struct TokenUsage {
    std::int64_t input = 0;  // all input, cached or not
    std::int64_t output = 0, cached_read = 0, cached_write = 0, thought = 0;
    std::optional<double> cost_usd;  // when the provider itself says so
};

enum class StopReason { end_turn, tool_use, max_tokens, refusal };

struct Reply {
    std::vector<Block> blocks;  // Text, Thought, ToolCall, in the model's order
    StopReason stop = StopReason::end_turn;
    TokenUsage usage;
    std::string model{};  // who answered, "provider/model"; set by Models
};

// A failed request. `retry_after` is what the provider asked for. `is_transient` errors (408, 429,
// 5xx, 529, broken streams, network) are worth another try; the others are final. Codes:
// authentication, not_found (model), too_large (context), refused, unavailable, cancelled, corrupt.
struct Failure {
    Error error;
    bool is_transient = false;
    std::optional<std::chrono::milliseconds> retry_after{};
    // Another model may well answer, and this one not soon: it is overloaded or unknown, or its
    // quota is used up.
    bool is_of_model = false;
};

// A Reply or a Failure.
class Answer {
public:
    Answer(Reply reply) : held_(std::move(reply)) {}
    Answer(Failure failure) : held_(std::move(failure)) {}
    bool has_reply() const { return held_.index() == 0; }
    Reply& reply() { return std::get<0>(held_); }
    const Failure& failure() const { return std::get<1>(held_); }

private:
    std::variant<Reply, Failure> held_;
};

class Provider {
public:
    virtual ~Provider() = default;
    // `sink` and `request` must outlive the task. A stop aborts the connection: Failure cancelled.
    virtual async::Task<Answer> stream(const Request& request, const PieceSink& sink) = 0;
};

}  // namespace thole::model
