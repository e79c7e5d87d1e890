#include "recovery/rig.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/json.hpp"

namespace thole::test {

namespace {

[[noreturn]] void become_writer(const SessionFiles& files, bool is_new, std::size_t file_limit) {
    if (file_limit > 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{file_limit, file_limit};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ::execl(THOLE_JOURNAL_WRITER, "journal_writer", files.directory.c_str(), files.id.c_str(),
            is_new ? "create" : "open", nullptr);
    ::_exit(127);
}

std::uint64_t number_after(const std::string& line, std::size_t prefix) {
    return std::strtoull(line.c_str() + prefix, nullptr, 10);
}

async::Task<void> reopen_into(async::Loop& loop, SessionFiles files, Result<Damage>& result,
                              const std::function<void(Journal&)>& then) {
    const SystemClock clock;
    const Secrets secrets;
    auto opened = co_await Journal::open(loop, clock, std::move(files), secrets);
    if (!opened) {
        result = opened.error();
        co_return;
    }
    result = opened->damage;
    then(*opened->journal);
    co_await opened->journal->close();
}

}  // namespace

Writer::Writer(const SessionFiles& files, bool is_new, std::size_t file_limit) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
        ::dup2(ends[1], 1);
        become_writer(files, is_new, file_limit);
    }
    ::close(ends[1]);
    output_ = ends[0];
}

Writer::~Writer() {
    if (pid_ > 0) kill();
    ::close(output_);
}

bool Writer::read_some() {
    std::array<char, 4096> block;
    const ssize_t got = ::read(output_, block.data(), block.size());
    if (got <= 0) return false;
    rest_.append(block.data(), static_cast<std::size_t>(got));
    std::size_t from = 0;
    for (std::size_t end = rest_.find('\n'); end != std::string::npos;
         end = rest_.find('\n', from)) {
        take(rest_.substr(from, end - from));
        from = end + 1;
    }
    rest_.erase(0, from);
    return true;
}

void Writer::take(const std::string& line) {
    ++lines_;
    if (line.starts_with("appended ")) appended = number_after(line, 9);
    if (line.starts_with("synced ")) synced = number_after(line, 7);
    if (line.starts_with("error ")) error_ = line;
}

bool Writer::await_lines(std::size_t count) {
    const std::size_t wanted = lines_ + count;
    while (lines_ < wanted) {
        if (!read_some()) return false;
    }
    return true;
}

void Writer::kill() {
    ::kill(pid_, SIGKILL);
    while (read_some()) continue;
    ::waitpid(std::exchange(pid_, -1), nullptr, 0);
}

std::string Writer::last_words() {
    while (read_some()) continue;
    ::waitpid(std::exchange(pid_, -1), nullptr, 0);
    return error_;
}

LogContent read_all(const SessionFiles& files) {
    LogContent content;
    const auto sink = [&](const Envelope& envelope, std::string_view) {
        content.ids.push_back(envelope.id);
        apply(content.state, envelope);
        return true;
    };
    auto read = read_log(files.log(), files.blobs(), {}, sink);
    if (read) content.read = *read;
    return content;
}

Result<Damage> reopen(const SessionFiles& files, const std::function<void(Journal&)>& then) {
    async::Loop loop;
    Result<Damage> result = fail(Code::internal, "open gave no result");
    loop.run(reopen_into(loop, files, result, then));
    return result;
}

void write_sample(const SessionFiles& files, std::uint64_t count) {
    async::Loop loop;
    const SystemClock clock;
    const Secrets secrets;
    auto journal = Journal::create(loop, clock, files, secrets);
    if (!journal) std::abort();
    (*journal)->append(SessionStarted{.session_id = files.id});
    for (std::uint64_t id = 2; id <= count; ++id) {
        (*journal)->append(ToolCallStarted{
            .call_id = std::to_string(id), .tool = "bash", .input = Json{{"command", "echo ü"}}});
    }
    loop.run((*journal)->close());
    std::filesystem::remove(files.snapshot());
}

}  // namespace thole::test
