#include "cli/chat.hpp"

#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "base/text.hpp"
#include "cli/dialogue.hpp"
#include "cli/exit_code.hpp"
#include "cli/opening.hpp"
#include "journal/catalog.hpp"

namespace thole::cli {
namespace {

std::string age_of(const std::string& time) {
    Result<TimePoint> then = parse_rfc3339(time);
    if (!then) return "some time";
    auto minutes =
        std::chrono::duration_cast<std::chrono::minutes>(std::chrono::system_clock::now() - *then)
            .count();
    if (minutes < 1) return "a moment";
    if (minutes < 60) return std::to_string(minutes) + " min";
    if (minutes < 48 * 60) return std::to_string(minutes / 60) + " h";
    return std::to_string(minutes / (24 * 60)) + " days";
}

// The one line that says which session this is, and how to have another.
void hint(Parts& parts, const State& before, bool is_attached) {
    std::string title = before.title.empty() ? before.id : "\"" + one_line(before.title, 50) + "\"";
    std::string what =
        is_attached ? "attached to " + title + ", which is running"
                    : "going on with " + title + ", left " + age_of(before.updated_at) + " ago";
    parts.output.complain(what + "; start a new one: thole --new-session");
}

struct Opened {
    Session* session = nullptr;
    bool recap = false;
};

async::Task<Result<Opened>> open_known(Parts& parts, const Invocation& invocation, std::string id) {
    std::filesystem::path workspace = workspace_of(parts.cwd);
    SessionFiles files{(workspace / parts.config().history_dir).string(), id};
    Result<Seen> before = inspect_session(files);
    OpenSession known = known_session(parts, invocation, std::move(id));
    known.continues = true;
    Result<Session*> opened = co_await parts.sessions.open(std::move(known));
    if (!opened) co_return opened.error();
    bool is_attached = (*opened)->state().pid != getpid();
    if (before) hint(parts, before->state, is_attached);
    co_return Opened{*opened, true};
}

async::Task<Result<Opened>> open_new(Parts& parts, const Invocation& invocation) {
    Result<Session*> created = co_await open_session(parts, invocation);
    if (!created) co_return created.error();
    co_return Opened{*created, false};
}

async::Task<Result<Opened>> open_first(Parts& parts, const Invocation& invocation) {
    bool is_new = invocation.id.empty() && invocation.resuming == Invocation::Resuming::never;
    if (is_new) co_return co_await open_new(parts, invocation);
    bool must = !invocation.id.empty() || invocation.resuming == Invocation::Resuming::always;
    std::string name = invocation.id.empty() ? "latest" : invocation.id;
    Result<std::string> id = resolve_session(parts.config(), parts.cwd, name);
    if (!id && must) co_return id.error();
    if (!id) co_return co_await open_new(parts, invocation);
    std::string full = *id;
    Result<Opened> opened = co_await open_known(parts, invocation, std::move(full));
    if (opened || must) co_return opened;
    parts.output.complain("cannot go on with " + *id + ": " + opened.error().message +
                          "; starting a new session");
    co_return co_await open_new(parts, invocation);
}

// A chat begins without a model, too; it says how to get one.
async::Task<void> check_model(Parts& parts, const Session& session) {
    if (!session.state().model.empty()) co_return;
    Result<std::string> model = co_await parts.sessions.models().default_model();
    if (!model) parts.output.complain(model.error().message);
}

}  // namespace

bool is_at_terminal() {
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

async::Task<int> run_chat(Parts& parts, const Invocation& invocation) {
    Result<Opened> opened = co_await open_first(parts, invocation);
    if (!opened) co_return complain(parts, opened.error());
    Session& session = *opened->session;
    co_await check_model(parts, session);
    Dialogue dialogue(parts, invocation);
    Dialogue::Past past = opened->recap ? Dialogue::Past::recap : Dialogue::Past::nothing;
    co_return co_await dialogue.run(session, past);
}

async::Task<int> run_attached(Parts& parts, const Invocation& invocation) {
    Result<Session*> opened = co_await open_session(parts, invocation);
    if (!opened) co_return complain(parts, opened.error());
    Dialogue dialogue(parts, invocation);
    co_return co_await dialogue.run(**opened, Dialogue::Past::everything);
}

}  // namespace thole::cli
