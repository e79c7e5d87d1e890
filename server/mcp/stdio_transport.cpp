#include "mcp/stdio_transport.hpp"

#include "base/text.hpp"

namespace thole::mcp {
namespace {

constexpr std::size_t longest_line = 16U << 20U;
constexpr std::size_t longest_words = 64U << 10U;  // a line on its standard error
constexpr std::size_t kept_words = 2048;
constexpr std::size_t most_unread = 16U << 20U;
constexpr std::chrono::milliseconds patience{500};       // after the end of its input
constexpr std::chrono::milliseconds exit_patience{300};  // after the end of its output

}  // namespace

StdioTransport::StdioTransport(async::Loop& loop, TransportSink& sink)
    : loop_(loop), sink_(sink), lines_(longest_line), words_(longest_words), silence_(loop, [this] {
          hang_up("it closed its standard output");
      }) {}

Result<std::unique_ptr<StdioTransport>> StdioTransport::start(async::Loop& loop,
                                                              const ServerConfig& server,
                                                              Place place, TransportSink& sink) {
    std::unique_ptr<StdioTransport> transport(new StdioTransport(loop, sink));
    StdioTransport* self = transport.get();
    async::ProcessOptions options;
    options.argv = server.args;
    options.argv.insert(options.argv.begin(), server.command);
    transport->log_ = std::move(place.log);
    options.cwd = std::move(place.cwd);
    options.env = std::move(place.environment);
    options.pipe_stdin = true;
    options.on_closed = [self](async::Stream stream) {
        if (stream == async::Stream::out) self->silence_.start(exit_patience);
    };
    async::OutputSink output = [self](async::Stream stream, std::string_view text) {
        self->take(stream, text);
    };
    auto process = async::Process::spawn(loop, std::move(options), std::move(output));
    if (!process) return process.error();
    transport->process_ = std::move(*process);
    transport->work_.spawn(transport->watch());
    return transport;
}

void StdioTransport::take(async::Stream stream, std::string_view text) {
    if (stream == async::Stream::err) return take_words(text);
    if (is_closing_ || !broken_.empty()) return;
    lines_.feed(
        text, [this](std::string_view line) { sink_.on_message(rpc::read_line(line)); },
        [this] {
            sink_.on_failed(0, fail(Code::too_large, "it sent a line of more than " +
                                                         std::to_string(longest_line >> 20U) +
                                                         " MiB, which was left out"));
        });
}

void StdioTransport::take_words(std::string_view text) {
    last_words_ += text;
    if (last_words_.size() > 2 * kept_words) last_words_.erase(0, last_words_.size() - kept_words);
    if (!log_) return;
    words_.feed(text, log_, [this] { log_("[a line of more than 64 KiB]"); });
}

// It cannot be talked to any more.
void StdioTransport::hang_up(const char* why) {
    if (is_closing_ || !broken_.empty() || process_->has_exited()) return;
    broken_ = why;
    process_->close_stdin();
    process_->terminate();
}

void StdioTransport::send(Outgoing message) {
    if (process_->unwritten() > most_unread) return hang_up("it does not read its input");
    process_->write_stdin(std::move(message.line) + "\n");
}

Error StdioTransport::ending(const async::Exit& exit) const {
    std::string why = exit.signal != 0 ? "signal " + std::to_string(exit.signal) + " ended it"
                                       : "it exited with " + std::to_string(exit.code);
    if (!broken_.empty()) why = broken_;
    std::string words = one_line(clip_utf8_front(to_valid_utf8(last_words_), 300), 300);
    if (!words.empty()) why += "; its last words: " + words;
    return fail(Code::unavailable, std::move(why));
}

// What it leaves behind goes with it.
async::Task<void> StdioTransport::watch() {
    async::Exit exit = co_await process_->wait();
    if (process_->leaves_processes()) {
        process_->terminate();
        co_await process_->wait();
    }
    if (!is_closing_) sink_.on_closed(ending(exit));
}

async::Task<void> StdioTransport::close() {
    is_closing_ = true;
    process_->close_stdin();
    async::Timer late(loop_, [this] { process_->terminate(); });
    late.start(patience);
    co_await work_.join();
}

}  // namespace thole::mcp
