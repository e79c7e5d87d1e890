#include "acp/server.hpp"

#include <algorithm>

#include "acp/server_impl.hpp"
#include "async/shield.hpp"
#include "base/json.hpp"

namespace thole {

namespace {

// Most ids that a client mentions are those of sessions; the rest must not pile up.
constexpr std::size_t many_seats = 64;

rpc::Connection::Limits limits() {
    rpc::Connection::Limits limits;
    limits.grace = std::chrono::milliseconds(1200);
    return limits;
}

Json agent_capabilities(const UnstableConfig& unstable) {
    Json none = Json::object();
    Json capabilities{
        {"loadSession", true},
        {"promptCapabilities", {{"image", true}, {"audio", false}, {"embeddedContext", true}}},
        {"mcpCapabilities", {{"http", true}, {"sse", false}}},
        {"sessionCapabilities",
         {{"list", none},
          {"resume", none},
          {"close", none},
          {"delete", none},
          {"additionalDirectories", none}}},
        {"_meta", own_capabilities()}};
    Json& session = capabilities["sessionCapabilities"];
    if (unstable.fork) session["fork"] = none;
    if (unstable.archive) session["archive"] = none;
    if (unstable.status) session["status"] = none;
    if (unstable.set_title) session["title"] = none;
    return capabilities;
}

}  // namespace

Json own_capabilities() {
    Json none = Json::object();
    Json features{
        {"plan", none}, {"tasks", none}, {"agents", none}, {"search", none}, {"changes", none}};
    return Json{{"thole", {{"version", 1}, {"features", std::move(features)}}}};
}

rpc::Answer unknown_session(const std::string& session_id) {
    std::string message = "Session not found: " + session_id;
    Json about{{"sessionId", session_id}, {"details", message}};
    return rpc::Answer::error(rpc::resource_not_found, message, about);
}

rpc::Answer AcpServer::Impl::give(const std::string& session_id, Command command) {
    Seat& place = seat_of(session_id);
    if (!place.view) return unknown_session(session_id);
    Result<std::string> taken = place.view->session().submit(std::move(command));
    if (taken) return Answer::empty();
    Error error = taken.error();
    if (error.code == Code::not_found) error.code = Code::invalid_argument;
    return error;
}

AcpServer::AcpServer(async::Loop& loop, Sessions& sessions, rpc::StdioFds fds)
    : impl_(std::make_unique<Impl>(loop, sessions, fds)) {}
AcpServer::~AcpServer() = default;

std::vector<std::string> AcpServer::method_names() const {
    std::vector<std::string> names = impl_->methods.names();
    for (std::string& name : impl_->v2_methods.names()) names.push_back(std::move(name));
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

async::Task<void> AcpServer::run() {
    co_await impl_->connection.run();
    co_await async::shielded(impl_->drop_views());
    impl_->seats.clear();
    if (impl_->sessions.config().finishes_alone) co_await impl_->sessions.finish_all();
    co_await async::shielded(impl_->sessions.close_all());
}

void AcpServer::hang_up() {
    impl_->connection.hang_up();
}

AcpServer::Impl::Impl(async::Loop& the_loop, Sessions& the_sessions, rpc::StdioFds fds)
    : loop(the_loop),
      sessions(the_sessions),
      connection(the_loop, rpc::Connection::Fds{fds.in, fds.out}, methods, limits()) {
    bind();
    if (sessions.config().unstable.v2) bind_v2();
    set_hooks();
}

// Of every version.
void AcpServer::Impl::bind_common(rpc::MethodTable& table) {
    table.request("initialize", *this, &Impl::initialize);
    table.request("session/list", *this, &Impl::session_list);
    table.request("session/close", *this, &Impl::session_close);
    table.request("session/delete", *this, &Impl::session_delete);
    table.notification("session/cancel", *this, &Impl::session_cancel);
    table.request("_thole/sync", *this, &Impl::sync);
    table.request("_thole/sessions/search", *this, &Impl::sessions_search);
    table.request("_thole/plan/get", *this, &Impl::plan_get);
    table.request("_thole/plan/review", *this, &Impl::plan_review);
    table.request("_thole/tasks/get", *this, &Impl::tasks_get);
    table.request("_thole/changes/list", *this, &Impl::changes_list);
    table.request("_thole/changes/review", *this, &Impl::changes_review);
    table.request("_thole/agents/tree", *this, &Impl::agents_tree);
    table.request("_thole/agents/cancel", *this, &Impl::agents_cancel);
    table.request("_thole/agents/message", *this, &Impl::agents_message);
    table.request("_thole/agents/merge", *this, &Impl::agents_merge);
    table.request("_thole/agents/discard", *this, &Impl::agents_discard);
    bind_unstable(table);
}

void AcpServer::Impl::bind() {
    bind_common(methods);
    methods.request("authenticate", *this, &Impl::authenticate);
    methods.request("logout", *this, &Impl::logout);
    methods.request("session/new", *this, &Impl::session_new);
    methods.request("session/load", *this, &Impl::session_load);
    methods.request("session/resume", *this, &Impl::session_resume);
    methods.request("session/prompt", *this, &Impl::session_prompt,
                    rpc::MethodTable::Span::lasting);
    methods.request("session/set_mode", *this, &Impl::session_set_mode);
    methods.request("session/set_config_option", *this, &Impl::session_set_option);
    tongue.codec = [](const State&) { return std::make_unique<acp::PlainCodec>(); };
    tongue.opened = [](acp::SessionView& view) { return view.options(); };
}

void AcpServer::Impl::set_hooks() {
    rpc::Connection::Hooks hooks;
    hooks.refuse = [this](const std::string& method) -> std::optional<rpc::Answer> {
        if (version > 0 || method == "initialize") return std::nullopt;
        return rpc::Answer::error(rpc::invalid_request, "call initialize before " + method);
    };
    hooks.withdrawn = [this](const std::string& request_id) { return withdraw(request_id); };
    hooks.input_ended = [this] { return client_left(); };
    hooks.stopping = [this] { cancel_everything(); };
    connection.set_hooks(std::move(hooks));
}

// A connection keeps the version that it began with.
async::Task<rpc::Answer> AcpServer::Impl::initialize(Call& call, acp::InitializeParams params) {
    bool begins_v2 = version == 0 && params.version >= 2 && sessions.config().unstable.v2;
    if (begins_v2 || version == 2) co_return initialize_v2(call.params());
    client = std::move(params.client);
    version = 1;
    Json agent{{"name", "thole"}, {"title", "thole"}, {"version", THOLE_VERSION}};
    Json result{{"protocolVersion", 1},
                {"agentInfo", std::move(agent)},
                {"authMethods", login_methods()},
                {"agentCapabilities", agent_capabilities(sessions.config().unstable)}};
    if (can_log_out()) result["agentCapabilities"]["auth"] = {{"logout", Json::object()}};
    co_return Answer::result(result);
}

async::Task<rpc::Answer> AcpServer::Impl::sync(Call& call, rpc::NoParams) {
    co_await connection.settled(call);
    co_return Answer::empty();
}

bool AcpServer::Impl::withdraw(const std::string& request_id) {
    client.takes_withdrawal = true;
    for (auto& [id, place] : seats) {
        acp::Prompts::Withdrawn withdrawn = place->prompts.withdraw(request_id);
        if (!withdrawn.exists) continue;
        if (withdrawn.runs && place->view) {
            place->view->drop_dialogs();
            (void)place->view->session().submit(Cancel{});
        }
        return true;
    }
    return false;
}

// True: what runs goes on, and whoever attaches to the session sees it and answers.
bool AcpServer::Impl::client_left() {
    if (!sessions.config().finishes_alone) return false;
    for (auto& [id, place] : seats) {
        place->prompts.cancel_waiting();
        place->prompts.let_go();
        if (place->view) place->view->leave();
    }
    return true;
}

void AcpServer::Impl::cancel_everything() {
    for (auto& [id, place] : seats) cancel_turn(*place, place->prompts.next_number());
}

Seat& AcpServer::Impl::seat_of(const std::string& session_id) {
    if (seats.size() > many_seats) {
        std::erase_if(seats, [](const auto& entry) { return entry.second->is_idle(); });
    }
    std::unique_ptr<Seat>& place = seats[session_id];
    if (!place) place = std::make_unique<Seat>(loop);
    return *place;
}

void AcpServer::Impl::cancel_turn(Seat& place, std::int64_t before) {
    bool runs = place.prompts.cancel_before(before);
    if (!place.view) return;
    place.view->drop_dialogs();
    if (runs) (void)place.view->session().submit(Cancel{});
}

std::vector<acp::ModelChoice> AcpServer::Impl::choices(const std::string& current) const {
    model::Models& models = sessions.models();
    std::vector<acp::ModelChoice> choices;
    bool has_current = current.empty();
    for (const model::ModelFacts& facts : models.available()) {
        choices.push_back(
            {facts.name, facts.title.empty() ? facts.name : facts.title, facts.thinks});
        has_current = has_current || facts.name == current;
    }
    if (has_current) return choices;
    model::ModelFacts facts = models.facts(current);
    choices.push_back({current, facts.title.empty() ? current : facts.title, facts.thinks});
    return choices;
}

}  // namespace thole
