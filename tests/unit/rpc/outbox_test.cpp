#include "rpc/outbox.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <vector>

#include "async/scope.hpp"

using namespace thole;
using Lines = std::vector<std::string>;

namespace {

// An outbox whose peer reads only when it is told to.
struct Rig {
    Rig() {
        std::signal(SIGPIPE, SIG_IGN);
        REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
        writer.emplace(loop, fds[0]);
        reader.emplace(loop, fds[1], std::size_t{16} * 1024 * 1024);
        outbox.emplace(loop, *writer);
    }
    ~Rig() {
        close(fds[0]);
        close(fds[1]);
    }
    async::Task<void> read_until_end(Lines& lines) {
        async::Scope scope;
        scope.spawn(outbox->pump());
        while (true) {
            std::optional<Result<std::string>> line = co_await reader->next();
            if (!line || **line == "end") break;
            lines.push_back(**line);
        }
        scope.request_stop();
        co_await scope.join();
    }
    Lines read() {
        outbox->line("end");
        Lines lines;
        loop.run(read_until_end(lines));
        return lines;
    }
    int fds[2] = {-1, -1};
    async::Loop loop;
    std::optional<async::FdWriter> writer;
    std::optional<async::LineReader> reader;
    std::optional<rpc::Outbox> outbox;
};

}  // namespace

TEST_CASE("pieces with the same head and tail are joined while they wait") {
    Rig rig;
    rig.outbox->piece("<a>", "one ", "</a>");
    rig.outbox->piece("<a>", "\"two\"", "</a>");
    rig.outbox->piece("<b>", "three", "</a>");
    rig.outbox->line("between");
    rig.outbox->piece("<b>", "four", "</a>");
    rig.outbox->piece("<b>", "five", "</b>");
    CHECK(rig.read() ==
          Lines{R"(<a>one \"two\"</a>)", "<b>three</a>", "between", "<b>four</a>", "<b>five</b>"});
}

TEST_CASE("a newer state takes the place of the waiting one") {
    Rig rig;
    rig.outbox->latest("t1", "t1: a");
    rig.outbox->line("between");
    rig.outbox->latest("t2", "t2: a");
    rig.outbox->latest("t1", "t1: b");
    CHECK(rig.read() == Lines{"t1: b", "between", "t2: a"});
}

TEST_CASE("while the peer does not read, memory grows with the text only") {
    Rig rig;
    std::string head(200, 'h');
    for (int i = 0; i < 100'000; ++i) rig.outbox->piece(head, "0123456789", "t");
    CHECK(rig.outbox->waiting_bytes() < 1'100'000);
    Lines lines = rig.read();
    std::size_t text = 0;
    for (const std::string& line : lines) text += line.size() - head.size() - 1;
    CHECK(text == 1'000'000);
    CHECK(lines.size() < 5);
}

TEST_CASE("a peer that is gone ends the waiting and takes no memory") {
    Rig rig;
    close(rig.fds[1]);
    rig.reader.reset();
    rig.fds[1] = -1;
    bool drained = true;
    struct Script {
        static async::Task<void> drain(Rig& it, bool& result) {
            it.outbox->line(std::string(1'000'000, 'x'));
            result = co_await it.outbox->drained();
        }
    };
    rig.loop.run(Script::drain(rig, drained));
    CHECK(!drained);
    rig.outbox->line(std::string(1'000'000, 'x'));
    CHECK(rig.outbox->waiting_bytes() == 0);
}
