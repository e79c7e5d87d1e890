// A process that writes a session as fast as it can until it is killed. Usage:
//   journal_writer <directory> <id> <create|open>
// Prints one line for each promise: "appended N" once event N has been given to the kernel, "synced
// N" once all events up to N are on the disk, and "error CODE: …" when it cannot go on.
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "base/json.hpp"
#include "journal/journal.hpp"

using namespace thole;

namespace {

void say(const std::string& line) {
    const std::string text = line + "\n";
    if (::write(1, text.data(), text.size()) < 0) ::_exit(1);
}

// A busy session: prompts, streams, calls, now and then something that goes into a blob.
std::uint64_t write_step(Journal& journal, std::uint64_t step) {
    const std::string name = std::to_string(step);
    for (int piece = 0; piece < 10; ++piece) {
        journal.stream(TokensStreamed{"m" + name, "some words of an answer "});
    }
    journal.append(ToolCallStarted{.call_id = name, .tool = "bash", .input = Json{{"n", step}}});
    if (step % 40 == 0) {
        journal.append(ToolOutputChunk{name, name + std::string(40'000, 'x')});
    }
    return journal.append(ToolCallCompleted{.call_id = name, .status = "completed"});
}

struct Parts {
    async::Loop& loop;
    SystemClock clock;
    Secrets secrets;
};

async::Task<Result<std::unique_ptr<Journal>>> take(Parts& parts, SessionFiles files, bool is_new) {
    const Secrets& secrets = parts.secrets;
    if (is_new) co_return Journal::create(parts.loop, parts.clock, std::move(files), secrets);
    auto opened = co_await Journal::open(parts.loop, parts.clock, std::move(files), secrets);
    if (!opened) co_return opened.error();
    co_return std::move(opened->journal);
}

async::Task<void> write_on(Journal& journal) {
    journal.append(SessionStarted{.session_id = journal.files().id, .pid = ::getpid()});
    for (std::uint64_t step = 1; journal.health(); ++step) {
        const std::uint64_t id = write_step(journal, step);
        if (id > 0) say("appended " + std::to_string(id));
        Result<void> synced = co_await journal.sync();
        if (id > 0 && synced) say("synced " + std::to_string(id));
        if (step % 20 == 0) {
            Result<void> saved = co_await journal.save_snapshot();
            if (!saved) say("snapshot: " + saved.error().message);
        }
    }
}

async::Task<void> run(async::Loop& loop, SessionFiles files, bool is_new) {
    Parts parts{loop, {}, Secrets{}};
    auto journal = co_await take(parts, std::move(files), is_new);
    if (!journal) {
        say("error " + std::to_string(static_cast<int>(journal.error().code)) + ": " +
            journal.error().message);
        co_return;
    }
    co_await write_on(**journal);
    const Error broken = (*journal)->health().error();
    say("error " + std::to_string(static_cast<int>(broken.code)) + ": " + broken.message);
    co_await (*journal)->close();
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4) return 2;
    async::Loop loop;
    const bool is_new = std::strcmp(arguments[3], "create") == 0;
    loop.run(run(loop, SessionFiles{arguments[1], arguments[2]}, is_new));
}
