// Fuzzes what reads the answers of models: any events, in the tongue of each API. What the sink has
// heard of the text is the text of the reply, and each call has an object as its input. The first
// byte chooses the API, the rest are events, one a line (for Bedrock with their type before a tab).
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "model/providers/anthropic_stream.hpp"
#include "model/providers/bedrock_stream.hpp"
#include "model/providers/gemini_schema.hpp"
#include "model/providers/gemini_stream.hpp"
#include "model/providers/openai_stream.hpp"
#include "model/providers/responses_stream.hpp"

using namespace thole;

namespace {

const model::Peer peer{"acme", "big", "https://acme.test", "ACME_KEY", "secret"};

void check(model::Answer& answer, const std::string& heard) {
    if (!answer.has_reply()) return;
    std::string text;
    for (const model::Block& block : answer.reply().blocks) {
        if (const auto* part = std::get_if<model::Text>(&block)) text += part->text;
        const auto* call = std::get_if<model::ToolCall>(&block);
        if (call != nullptr && (!call->input || !call->input->is_object())) std::abort();
    }
    if (text != heard) std::abort();
}

template <class Stream, class Take>
void read(std::string_view bytes, Take take) {
    std::string heard;
    model::PieceSink sink = [&heard](const model::Piece& piece) {
        if (piece.kind == model::Piece::Kind::text) heard += piece.text;
    };
    Stream stream(peer, sink, 1);
    while (!bytes.empty()) {
        std::string_view line = bytes.substr(0, bytes.find('\n'));
        bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
        take(stream, line);
    }
    model::Answer answer = stream.finish(std::nullopt);
    check(answer, heard);
}

template <class Stream>
void read_events(std::string_view bytes) {
    read<Stream>(bytes, [](Stream& stream, std::string_view line) { stream.take(line); });
}

void read_bedrock(std::string_view bytes) {
    read<model::BedrockStream>(bytes, [](model::BedrockStream& stream, std::string_view line) {
        std::size_t tab = std::min(line.find('\t'), line.size());
        bool is_event = !line.starts_with('!');
        http::EventStreamMessage message;
        message.headers[":message-type"] = is_event ? "event" : "exception";
        message.headers[is_event ? ":event-type" : ":exception-type"] = line.substr(0, tab);
        message.payload = line.substr(std::min(tab + 1, line.size()));
        stream.take_message(message);
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    if (size < 1) return 0;
    std::string_view bytes(reinterpret_cast<const char*>(input) + 1, size - 1);
    switch (input[0] % 6) {
        case 0:
            read_events<model::AnthropicStream>(bytes);
            break;
        case 1:
            read_events<model::OpenAiStream>(bytes);
            break;
        case 2:
            read_events<model::ResponsesStream>(bytes);
            break;
        case 3:
            read_events<model::GeminiStream>(bytes);
            break;
        case 4:
            read_bedrock(bytes);
            break;
        default:
            if (Result<Json> schema = parse_json(bytes)) (void)model::gemini_schema(*schema);
    }
    return 0;
}
