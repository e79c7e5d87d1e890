// What the protocol has not settled yet: forks, archives, titles and statuses of sessions. Each is
// bound, and thereby answered, only when the user's [acp] unstable names it.
#include "acp/server_impl.hpp"
#include "base/json.hpp"
#include "journal/catalog.hpp"
#include "session/forking.hpp"
#include "session/labels.hpp"

namespace thole {

void AcpServer::Impl::bind_unstable(rpc::MethodTable& table) {
    const UnstableConfig& unstable = sessions.config().unstable;
    if (unstable.fork) table.request("session/fork", *this, &Impl::session_fork);
    if (unstable.archive) {
        table.request("session/archive", *this, &Impl::session_archive);
        table.request("session/unarchive", *this, &Impl::session_unarchive);
    }
    if (unstable.status) table.request("session/status", *this, &Impl::session_status);
    if (unstable.set_title) table.request("session/set_title", *this, &Impl::session_set_title);
}

async::Task<rpc::Answer> AcpServer::Impl::session_fork(Call& call, acp::OpenParams params) {
    Result<void> checked = check_directory(params.place.cwd);
    if (!checked) co_return checked.error();
    // What streams there waits in memory for a moment.
    if (Session* source = sessions.find(params.session_id)) (void)source->submit(Save{});
    std::vector<std::string> remarks = left_out(params.place);
    OpenSession options;
    options.cwd = params.place.cwd;
    options.additional_directories = std::move(params.place.additional_directories);
    options.limits = sessions.config().limits;
    options.servers = {std::move(params.place.mcp_servers), client.shows_forms};
    Result<Session*> forked =
        co_await fork_session(sessions, params.session_id, std::move(options));
    if (!forked) co_return open_failure(params.session_id, forked.error());
    co_return begun(call, **forked, std::move(remarks));
}

async::Task<rpc::Answer> AcpServer::Impl::session_archive(Call&, acp::SessionParams params) {
    return archive(std::move(params.session_id), true);
}

async::Task<rpc::Answer> AcpServer::Impl::session_unarchive(Call&, acp::SessionParams params) {
    return archive(std::move(params.session_id), false);
}

// One that is open is closed first: to put it away ends what runs in it.
async::Task<rpc::Answer> AcpServer::Impl::archive(std::string session_id, bool archived) {
    Seat& place = seat_of(session_id);
    std::int64_t before = place.prompts.next_number();
    acp::Strand::Place turn(place.order);
    bool came = co_await turn.comes();
    if (!came) co_return cancelled();
    std::string cwd = co_await cwd_of(session_id);
    if (cwd.empty()) co_return unknown_session(session_id);
    if (archived && place.view) co_await vacate(place, session_id, before);
    Label wish = Archive{archived};
    Result<std::string> done = co_await label_session(sessions, session_id, cwd, wish);
    if (!done) co_return open_failure(session_id, done.error());
    co_return Answer::empty();
}

async::Task<rpc::Answer> AcpServer::Impl::session_status(Call&, acp::SessionParams params) {
    std::string cwd = co_await cwd_of(params.session_id);
    if (cwd.empty()) co_return unknown_session(params.session_id);
    bool is_open =
        sessions.find(params.session_id) || is_running(sessions.files_of(params.session_id, cwd));
    Json result{{"status", is_open ? "open" : "saved"}};
    co_return Answer::result(result);
}

async::Task<rpc::Answer> AcpServer::Impl::session_set_title(Call&, acp::TitleParams params) {
    std::string cwd = co_await cwd_of(params.session_id);
    if (cwd.empty()) co_return unknown_session(params.session_id);
    Label wish = SetTitle{std::move(params.title)};
    Result<std::string> title = co_await label_session(sessions, params.session_id, cwd, wish);
    if (!title) co_return open_failure(params.session_id, title.error());
    Json result{{"title", *title}};
    co_return Answer::result(result);
}

}  // namespace thole
