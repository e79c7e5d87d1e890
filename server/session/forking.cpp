#include "session/forking.hpp"

#include <unistd.h>

#include "async/worker.hpp"
#include "base/ids.hpp"
#include "journal/catalog.hpp"
#include "journal/fork.hpp"
#include "session/plan_file.hpp"
#include "workspace/roots.hpp"

namespace thole {
namespace {

// The resuming that follows says the rest.
SessionStarted first_event(const OpenSession& options, const std::string& cwd) {
    SessionStarted started;
    started.session_id = options.id;
    started.cwd = cwd;
    started.workspace = workspace_of(cwd);
    started.version = THOLE_VERSION;
    started.additional_directories = options.additional_directories;
    started.pid = getpid();
    started.process_start = process_start_time(started.pid);
    return started;
}

// The plan is where people look for it before anything asks whether it was changed there.
Result<void> copy_plan(const SessionFiles& fork, const std::string& plans) {
    Result<Seen> seen = inspect_session(fork);
    if (!seen) return seen.error();
    bool has_plan = seen->state.plan.revision > 0 && seen->state.plan_status != "rejected";
    if (!has_plan) return {};
    return PlanFile(plans, fork.id).write(seen->state.plan.content);
}

}  // namespace

async::Task<Result<Session*>> fork_session(Sessions& sessions, std::string id,
                                           OpenSession options) {
    if (!is_valid_session_id(id)) {
        co_return fail(Code::not_found, "'" + id + "' is not a session id");
    }
    Result<Roots> roots = Roots::open({options.cwd});
    if (!roots) co_return roots.error();
    const TimePoint now = sessions.clock().now();
    const SessionFiles source = sessions.files_of(id, roots->cwd());
    Result<void> made = fail(Code::exists, "");
    while (!made && made.error().code == Code::exists) {
        options.id = new_session_id(now);
        SessionFiles target = sessions.files_of(options.id, roots->cwd());
        auto work = [source, target, started = first_event(options, roots->cwd()), now,
                     &secrets = sessions.secrets(),
                     plans = sessions.plan_directory()](std::stop_token) {
            Result<void> copied = fork_session(source, target, started, now, secrets);
            return copied ? copy_plan(target, plans) : copied;
        };
        made = co_await async::on_worker(sessions.loop(), std::move(work));
    }
    if (!made) co_return made.error();
    co_return co_await sessions.open(std::move(options));
}

}  // namespace thole
