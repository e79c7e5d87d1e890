#include "ipc/caller.hpp"

#include "async/poll.hpp"
#include "async/sleep.hpp"
#include "base/text.hpp"
#include "ipc/messages.hpp"

namespace thole::ipc {

namespace {

// A line of a log is at most 64 MiB long.
constexpr std::size_t longest_line = 65 << 20;

}  // namespace

Wire::Wire(async::Loop& loop, async::Descriptor connected)
    : socket(std::move(connected)),
      reader(loop, socket.fd(), longest_line),
      writer(loop, socket.fd()) {}

Caller::Caller(async::Loop& loop, SessionFiles files, std::string path, uid_t user,
               const Limits& limits)
    : loop_(&loop),
      files_(std::move(files)),
      path_(std::move(path)),
      user_(user),
      limits_(limits) {}

Error Caller::failure(Code code, const std::string& why) const {
    return fail(code, "cannot attach to session " + files_.id + " at " + path_ + ": " + why);
}

async::Task<Result<std::unique_ptr<Wire>>> Caller::call(std::uint64_t after_id) {
    std::stop_token stop = co_await async::current_stop();
    Answer answer = cancelled();
    async::Scope calling(stop);
    async::Timer patience(*loop_, [&calling] { calling.request_stop(); });
    patience.start(limits_.answer);
    calling.spawn(try_call(after_id, answer));
    co_await calling.join();
    bool is_late = !answer && answer.error().code == Code::cancelled && !stop.stop_requested();
    if (is_late) co_return failure(Code::timed_out, "its process does not answer");
    co_return answer;
}

async::Task<void> Caller::try_call(std::uint64_t after_id, Answer& answer) {
    Result<async::Descriptor> socket = co_await connect();
    if (!socket) {
        answer = socket.error();
        co_return;
    }
    auto wire = std::make_unique<Wire>(*loop_, std::move(*socket));
    Result<void> subscribed = co_await subscribe(*wire, after_id);
    if (subscribed) {
        answer = std::move(wire);
    } else {
        answer = subscribed.error();
    }
}

async::Task<Result<async::Descriptor>> Caller::connect() {
    while (true) {
        Result<async::Descriptor> socket = async::connect_unix(path_);
        if (!socket && socket.error().code != Code::busy) co_return socket.error();
        if (socket) {
            Result<uid_t> owner = async::peer_user(*socket);
            if (!owner) co_return owner.error();
            if (*owner != user_) {
                co_return failure(Code::denied,
                                  "user " + std::to_string(*owner) + " listens there");
            }
            co_return socket;
        }
        async::Wake wake = co_await async::sleep_for(*loop_, limits_.retry);
        if (wake == async::Wake::stopped) co_return cancelled();
    }
}

async::Task<Result<void>> Caller::subscribe(Wire& wire, std::uint64_t after_id) {
    Subscribe wish{after_id, true, true};
    wire.writer.write(subscribe_line(wish));
    std::stop_token stop = co_await async::current_stop();
    std::optional<Result<std::string>> line = co_await wire.reader.next();
    if (stop.stop_requested()) co_return cancelled();
    if (!line || !*line) co_return failure(Code::unavailable, "its process closed the connection");
    Result<Message> message = read_message(**line);
    if (!message) co_return failure(Code::corrupt, message.error().message);
    if (const auto* nack = std::get_if<Nack>(&*message)) co_return nack->why;
    if (const auto* goodbye = std::get_if<Disconnected>(&*message)) {
        bool is_denied = goodbye->code == "denied";
        co_return failure(is_denied ? Code::denied : Code::unavailable, goodbye->reason);
    }
    const auto* subscribed = std::get_if<Subscribed>(&*message);
    if (subscribed && subscribed->session_id == files_.id) co_return Result<void>();
    co_return failure(Code::corrupt, "that is not the socket of this session");
}

}  // namespace thole::ipc
