// Writes sessions that look like real ones, without a model:
//   generate_sessions WORKSPACE COUNT BYTES [snapshot]
// COUNT logs of at least BYTES each, a minute apart. Session number N says "markerN" once, in its
// last prompt, all say "common" now and then. With `snapshot` each gets one, some turns before its
// end. The same arguments make the same sessions.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include "base/json.hpp"
#include "journal/catalog.hpp"
#include "journal/snapshot.hpp"

using namespace thole;

namespace {

constexpr int vocabulary = 30'000;
constexpr int turns_between_compactions = 40;
constexpr std::int64_t bytes_after_snapshot = 200'000;

class Prose {
public:
    explicit Prose(unsigned seed) : random_(seed) {}

    // Few words are frequent and many are rare, as in any text.
    std::string words(int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += (i > 0 ? " " : "") + word();
        return text;
    }
    std::string path() { return "/work/" + word() + "/" + word() + "_" + word() + ".cpp"; }
    int up_to(int most) { return std::uniform_int_distribution<int>(1, most)(random_); }

private:
    std::string word() {
        const double share = std::uniform_real_distribution<double>(0, 1)(random_);
        if (share < 0.001) return "common";
        auto number = static_cast<unsigned>(vocabulary * share * share * share * share);
        std::string text;
        do {
            text += "bdfgklmnprstvz"[number % 14];
            text += "aeiou"[number / 14 % 5];
            number /= 70;
        } while (number > 0);
        return text;
    }

    std::mt19937 random_;
};

// One session that is being written.
class Session {
public:
    Session(SessionFiles files, int number, bool has_snapshot)
        : files_(std::move(files)),
          log_(files_.log(), std::ios::binary | std::ios::trunc),
          prose_(static_cast<unsigned>(number)),
          has_snapshot_(has_snapshot) {
        folded_.state.id = files_.id;
        time_ = TimePoint(std::chrono::hours(24 * 365 * 56)) + std::chrono::minutes(number);
    }

    void write(const std::string& workspace, std::int64_t bytes, const std::string& marker) {
        add(SessionStarted{.session_id = files_.id,
                           .workspace = workspace,
                           .cwd = workspace,
                           .model = "demo/demo",
                           .mode = "default",
                           .version = "0.1.0"});
        bool is_saved = !has_snapshot_;
        while (folded_.end < bytes) {
            if (++turns_ % turns_between_compactions == 0) compact();
            turn(prose_.words(20));
            if (is_saved || folded_.end < bytes - bytes_after_snapshot) continue;
            is_saved = true;
            log_.flush();
            if (!write_snapshot(files_, folded_, Secrets())) std::exit(1);
        }
        turn(marker + " " + prose_.words(5));
        add(SessionEnded{"completed"});
        log_.flush();
        if (!log_) std::exit(1);
    }

private:
    void turn(const std::string& prompt) {
        const std::string message = "m" + std::to_string(turns_);
        add(BusyStateChanged{.busy = true, .message_id = message});
        add(MessageReceived{.role = "user", .message_id = message, .content = prompt});
        for (int i = prose_.up_to(4); i > 0; --i) call(message + "-" + std::to_string(i));
        answer(message + "-end", "end_turn", prose_.up_to(6));
        add(BusyStateChanged{.busy = false, .message_id = message, .stop_reason = "end_turn"});
    }

    void answer(const std::string& id, const std::string& reason, int pieces) {
        std::string text;
        for (int i = 0; i < pieces; ++i) {
            const std::string piece = prose_.words(prose_.up_to(60)) + " ";
            add(TokensStreamed{id, piece});
            text += piece;
        }
        add(MessageReceived{.role = "assistant",
                            .message_id = id,
                            .content = text,
                            .stop_reason = reason,
                            .model = "demo/demo"});
        add(CostUpdated{.model = "demo/demo", .input_tokens = 900, .output_tokens = 200});
    }

    void call(const std::string& id) {
        const std::string path = prose_.path();
        answer(id, "tool_use", 1);
        add(ToolCallStarted{.call_id = id,
                            .tool = "read_file",
                            .message_id = id,
                            .title = "Read " + path,
                            .kind = "read",
                            .effect = "read",
                            .input = Json{{"path", path}},
                            .locations = {Location{path, 1}}});
        add(ApprovalResolved{.call_id = id, .decision = "allow", .by = "policy"});
        add(ToolCallCompleted{
            .call_id = id, .status = "completed", .output = prose_.words(prose_.up_to(600))});
    }

    void compact() {
        add(ContextCompaction{.phase = "started", .before_tokens = 150'000});
        add(ContextCompaction{.phase = "completed",
                              .summary = prose_.words(300),
                              .before_tokens = 150'000,
                              .after_tokens = 20'000,
                              .kept_messages = 10});
    }

    void add(Event event) {
        time_ += std::chrono::milliseconds(200);
        const Envelope envelope{++last_id_, time_, std::move(event)};
        const std::string line = encode_line(envelope) + "\n";
        log_ << line;
        folded_.end += static_cast<std::int64_t>(line.size());
        if (has_snapshot_) apply(folded_.state, envelope);
    }

    SessionFiles files_;
    std::ofstream log_;
    Prose prose_;
    bool has_snapshot_;
    Folded folded_;
    TimePoint time_;
    std::uint64_t last_id_ = 0;
    int turns_ = 0;
};

std::string id_of(int number) {
    char id[32];
    std::snprintf(id, sizeof id, "202601%02d-%02d%02d-%04d", 1 + number / 1440 % 28,
                  number / 60 % 24, number % 60, number % 10'000);
    return id;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 4) {
        std::fputs("usage: generate_sessions WORKSPACE COUNT BYTES [snapshot]\n", stderr);
        return 2;
    }
    const std::string workspace = arguments[1];
    const auto directory = make_session_directory(workspace);
    if (!directory) return std::fputs((directory.error().message + "\n").c_str(), stderr), 1;
    const int sessions = std::atoi(arguments[2]);
    for (int number = 0; number < sessions; ++number) {
        Session session({*directory, id_of(number)}, number, count > 4);
        session.write(workspace, std::atoll(arguments[3]), "marker" + std::to_string(number));
    }
}
