// Opening, listing and closing sessions.
#include <filesystem>

#include "acp/cursor.hpp"
#include "acp/server_impl.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "session/environments.hpp"
#include "workspace/roots.hpp"

namespace thole {

namespace {

constexpr std::size_t page_size = 50;

// The folder to open a session with. One that works in a worktree belongs to its workspace.
const std::string& place_of(const SessionRow& row) {
    return is_below(row.cwd, row.workspace) ? row.cwd : row.workspace;
}

Json session_info(const SessionRow& row) {
    Json about{
        {"state", row.status}, {"model", row.model}, {"mode", row.mode}, {"prompts", row.prompts}};
    if (!row.damage.empty()) about["damage"] = row.damage;
    for (const Hit& hit : row.hits) {
        about["hits"].push_back(
            {{"eventId", hit.event_id}, {"kind", hit.kind}, {"snippet", hit.snippet}});
    }
    if (place_of(row) != row.cwd) about["worktree"] = row.cwd;
    if (!row.forked_from.empty()) about["forkedFrom"] = row.forked_from;
    Json info{
        {"sessionId", row.id}, {"cwd", place_of(row)}, {"_meta", {{"thole", std::move(about)}}}};
    if (!row.title.empty()) info["title"] = row.title;
    if (!row.updated_at.empty()) info["updatedAt"] = row.updated_at;
    return info;
}

Result<void> check_filter(const std::string& archived) {
    bool is_known =
        archived.empty() || archived == "exclude" || archived == "include" || archived == "only";
    if (is_known) return {};
    return fail(Code::invalid_argument,
                "params.archived: must be one of exclude, include, only, got '" + archived + "'");
}

bool passes(const SessionRow& row, const std::string& archived) {
    if (archived == "include") return true;
    return row.is_archived == (archived == "only");
}

}  // namespace

Result<void> check_directory(const std::string& path) {
    std::error_code failed;
    if (std::filesystem::is_directory(path, failed)) return {};
    return fail(Code::invalid_argument, "params.cwd: '" + path + "' is not a directory");
}

std::vector<std::string> left_out(const acp::NewParams& params) {
    std::vector<std::string> remarks;
    for (const std::string& why : params.bad_servers) {
        remarks.push_back("An MCP server is left out: " + why);
    }
    for (const std::string& path : params.additional_directories) {
        if (check_directory(path)) continue;
        remarks.push_back("The further folder '" + path +
                          "' is not there: it is left out until the session is opened again.");
    }
    return remarks;
}

rpc::Answer open_failure(const std::string& session_id, const Error& error) {
    if (error.code == Code::not_found) return unknown_session(session_id);
    return rpc::Answer(error);
}

Files* AcpServer::Impl::editor_files(const State& state) {
    // A worktree is not what the editor has open.
    acp::EditorFiles::Offers offers{client.reads_files && client.writes_files,
                                    client.tells_problems && state.worktree_path.empty()};
    if (!offers.files && !offers.problems) return nullptr;
    std::vector<std::string> roots{state.cwd};
    roots.insert(roots.end(), state.additional_directories.begin(),
                 state.additional_directories.end());
    return &lent_files.emplace_back(loop, connection, state.id, roots, offers);
}

// What runs in a worktree, or for a session that started it, must end with those: decision 56.
acp::EditorTerminals* AcpServer::Impl::editor_terminals(const State& state) {
    const bool is_apart = !state.worktree_path.empty() || !state.parent_session_id.empty();
    if (!client.lends_terminals || is_apart) return nullptr;
    return &lent_terminals.emplace_back(loop, connection, state.id,
                                        key_variables(sessions.config()));
}

void AcpServer::Impl::seat(Seat& place, Session& session) {
    place.view = std::make_unique<acp::SessionView>(acp::SessionView::Parts{
        loop, connection, sessions, session, client, place.prompts, editor_files(session.state()),
        [this](const std::string& current) { return choices(current); },
        [this, &place] { cancel_turn(place, place.prompts.next_number()); },
        editor_terminals(session.state()), tongue.codec(session.state())});
}

void AcpServer::Impl::introduce_later(Call& call, const std::string& session_id,
                                      std::vector<std::string> remarks) {
    call.after_response([this, session_id, remarks = std::move(remarks)] {
        Seat& place = seat_of(session_id);
        if (place.view) place.view->introduce(remarks);
    });
}

async::Task<rpc::Answer> AcpServer::Impl::session_new(Call& call, acp::NewParams params) {
    Result<void> checked = check_directory(params.cwd);
    if (!checked) co_return checked.error();
    Result<void> login = co_await check_login();
    if (!login) co_return login.error();
    std::vector<std::string> remarks = left_out(params);
    NewSession options;
    options.cwd = params.cwd;
    options.additional_directories = std::move(params.additional_directories);
    options.limits = sessions.config().limits;
    options.servers = {std::move(params.mcp_servers), client.shows_forms};
    Result<Session*> made = co_await sessions.create(std::move(options));
    if (!made) {
        Error error = made.error();
        // What is not found is a model of the configuration, not a session.
        if (error.code == Code::not_found) error.code = Code::configuration;
        co_return error;
    }
    co_return begun(call, **made, std::move(remarks));
}

// The answer to a request that has made a session.
rpc::Answer AcpServer::Impl::begun(Call& call, Session& session, std::vector<std::string> remarks) {
    std::string id = session.state().id;
    Seat& place = seat_of(id);
    seat(place, session);
    Json result = tongue.opened(*place.view);
    result["sessionId"] = id;
    introduce_later(call, id, std::move(remarks));
    return Answer::result(result);
}

async::Task<Result<void>> AcpServer::Impl::open(Seat& place, acp::OpenParams params) {
    // One that was shut down over its socket is opened anew.
    bool has_ended = place.view && place.view->session().state().status != "running";
    if (place.view && !has_ended) co_return Result<void>();
    co_await drop_view(place);
    if (has_ended) co_await sessions.close(params.session_id);
    if (!is_valid_session_id(params.session_id)) co_return fail(Code::not_found, "no such session");
    Result<void> checked = check_directory(params.place.cwd);
    if (!checked) co_return checked;
    OpenSession options;
    options.id = params.session_id;
    options.cwd = params.place.cwd;
    options.additional_directories = std::move(params.place.additional_directories);
    options.limits = sessions.config().limits;
    options.continues = true;
    options.servers = {std::move(params.place.mcp_servers), client.shows_forms};
    Result<Session*> opened = co_await sessions.open(std::move(options));
    if (!opened) co_return opened.error();
    seat(place, **opened);
    co_return Result<void>();
}

async::Task<rpc::Answer> AcpServer::Impl::session_load(Call& call, acp::OpenParams params) {
    std::string id = params.session_id;
    Seat& place = seat_of(id);
    acp::Strand::Place turn(place.order);
    bool came = co_await turn.comes();
    if (!came) co_return cancelled();
    std::vector<std::string> remarks = left_out(params.place);
    Result<void> opened = co_await open(place, std::move(params));
    if (!opened) co_return open_failure(id, opened.error());
    Result<void> replayed = co_await place.view->replay();
    if (!replayed) co_return replayed.error();
    introduce_later(call, id, std::move(remarks));
    co_return Answer::result(place.view->options());
}

async::Task<rpc::Answer> AcpServer::Impl::session_resume(Call& call, acp::OpenParams params) {
    std::string id = params.session_id;
    Seat& place = seat_of(id);
    acp::Strand::Place turn(place.order);
    bool came = co_await turn.comes();
    if (!came) co_return cancelled();
    std::vector<std::string> remarks = left_out(params.place);
    Result<void> opened = co_await open(place, std::move(params));
    if (!opened) co_return open_failure(id, opened.error());
    introduce_later(call, id, std::move(remarks));
    co_return Answer::result(place.view->options());
}

async::Task<rpc::Answer> AcpServer::Impl::session_list(Call&, acp::ListParams params) {
    // Whoever has not been told of archives sees all that is there.
    bool has_archive = sessions.config().unstable.archive;
    if (!has_archive) params.archived = "include";
    Result<void> checked = check_filter(params.archived);
    if (!checked) co_return checked.error();
    ListQuery query;
    query.cwd = params.cwd;
    std::vector<SessionRow> rows = co_await sessions.list(std::move(query));
    std::erase_if(rows, [&](const SessionRow& row) {
        return !row.parent_session_id.empty() || !passes(row, params.archived) ||
               (!params.cwd.empty() && place_of(row) != params.cwd);
    });
    std::string filter = params.cwd;
    bool is_usual = !has_archive || params.archived.empty() || params.archived == "exclude";
    if (!is_usual) filter += " " + params.archived;
    Result<acp::Page> page = acp::page_of(std::move(rows), filter, params.cursor, page_size);
    if (!page) co_return page.error();
    Json infos = Json::array();
    for (const SessionRow& row : page->rows) {
        Json info = session_info(row);
        if (has_archive) info["archived"] = row.is_archived;
        infos.push_back(std::move(info));
    }
    Json result{{"sessions", std::move(infos)}};
    if (page->next) result["nextCursor"] = *page->next;
    co_return Answer::result(result);
}

async::Task<rpc::Answer> AcpServer::Impl::sessions_search(Call&, acp::SearchParams params) {
    ListQuery query;
    query.cwd = std::move(params.cwd);
    query.search = std::move(params.text);
    query.limit = static_cast<std::size_t>(params.limit);
    std::vector<SessionRow> rows = co_await sessions.list(std::move(query));
    Json infos = Json::array();
    for (const SessionRow& row : rows) infos.push_back(session_info(row));
    Json result{{"sessions", std::move(infos)}};
    co_return Answer::result(result);
}

// Ends the turn, waits until its prompts are answered, lets go of the session.
async::Task<void> AcpServer::Impl::vacate(Seat& place, std::string session_id,
                                          std::int64_t before) {
    cancel_turn(place, before);
    co_await place.prompts.answered_before(before);
    if (!place.view) co_return;
    // A sub-agent belongs to the session that started it, and works on.
    bool is_only_watched = sessions.find(place.view->session().state().parent_session_id);
    co_await drop_view(place);
    if (is_only_watched) co_return;
    co_await drop_views_below(session_id);
    co_await sessions.close(session_id);
}

async::Task<void> AcpServer::Impl::drop_view(Seat& place) {
    if (!place.view) co_return;
    co_await place.view->close();
    place.view.reset();
}

// Its sub-agents go with it.
async::Task<void> AcpServer::Impl::drop_views_below(std::string session_id) {
    std::vector<std::string> below;
    for (auto& [id, place] : seats) {
        bool is_below =
            place->view && place->view->session().state().parent_session_id == session_id;
        if (is_below) below.push_back(id);
    }
    for (const std::string& id : below) {
        co_await drop_views_below(id);
        co_await drop_view(seat_of(id));
    }
}

async::Task<void> AcpServer::Impl::drop_views() {
    std::vector<std::string> ids;
    for (auto& [id, place] : seats) ids.push_back(id);
    for (const std::string& id : ids) co_await drop_view(seat_of(id));
}

async::Task<rpc::Answer> AcpServer::Impl::session_close(Call&, acp::SessionParams params) {
    Seat& place = seat_of(params.session_id);
    std::int64_t before = place.prompts.next_number();
    acp::Strand::Place turn(place.order);
    bool came = co_await turn.comes();
    if (!came) co_return cancelled();
    if (place.view) co_await vacate(place, params.session_id, before);
    co_return Answer::empty();
}

async::Task<std::string> AcpServer::Impl::cwd_of(std::string session_id) {
    ListQuery query;
    query.with_empty = true;
    std::vector<SessionRow> rows = co_await sessions.list(std::move(query));
    for (const SessionRow& row : rows) {
        if (row.id == session_id) co_return row.workspace;
    }
    co_return std::string();
}

async::Task<rpc::Answer> AcpServer::Impl::session_delete(Call&, acp::SessionParams params) {
    Seat& place = seat_of(params.session_id);
    std::int64_t before = place.prompts.next_number();
    acp::Strand::Place turn(place.order);
    bool came = co_await turn.comes();
    if (!came) co_return cancelled();
    std::string cwd;
    if (place.view) {
        cwd = place.view->session().state().workspace;
        co_await vacate(place, params.session_id, before);
    } else {
        cwd = co_await cwd_of(params.session_id);
    }
    if (cwd.empty()) co_return Answer::empty();
    Result<void> removed = co_await sessions.remove(params.session_id, cwd);
    if (!removed && removed.error().code != Code::not_found) co_return removed.error();
    co_return Answer::empty();
}

}  // namespace thole
