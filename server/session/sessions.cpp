#include "session/sessions.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "async/shield.hpp"
#include "async/worker.hpp"
#include "base/code.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "journal/catalog.hpp"
#include "journal/index.hpp"
#include "policy/modes.hpp"
#include "session/agent_tree.hpp"
#include "session/attached_session.hpp"
#include "session/environments.hpp"
#include "session/known_workspaces.hpp"
#include "session/listing.hpp"
#include "session/live_session.hpp"
#include "session/places.hpp"
#include "session/profiles.hpp"
#include "session/server_terms.hpp"
#include "workspace/files.hpp"
#include "workspace/git_head.hpp"
#include "workspace/roots.hpp"

namespace thole {
namespace {

Result<Roots> open_roots(const std::string& cwd, const std::vector<std::string>& more) {
    std::vector<std::string> directories{cwd};
    for (const std::string& directory : more) {
        if (access(directory.c_str(), F_OK) == 0) directories.push_back(directory);
    }
    return Roots::open(std::move(directories));
}

// In a worktree: it goes on there.
bool works_outside(const State& state, const std::string& workspace) {
    return !state.cwd.empty() && !is_below(state.cwd, workspace);
}

}  // namespace

struct Sessions::Impl {
    Impl(Parts given, Sessions& outside)
        : parts(std::move(given)),
          self(outside),
          workspaces(parts.state_directory),
          extensions(parts.state_directory, config_directory(environment_variable),
                     home_directory(environment_variable), parts.config.hooks),
          server_terms({parts.config, extensions.trust(), parts.environment,
                        parts.state_directory + "/log", parts.clock, parts.secrets}),
          listed(parts.loop),
          opening_ended(parts.loop) {}

    // An open session and the scope that its run() lives in.
    struct Open {
        std::unique_ptr<HeldSession> session;
        std::unique_ptr<async::Scope> scope;
        bool is_closing = false;
    };

    async::Task<Result<Session*>> create(NewSession options);
    async::Task<Result<Session*>> open(OpenSession options);
    async::Task<Result<Session*>> open_alone(OpenSession options);
    async::Task<void> close(std::string id);

    Result<std::string> directory_of(const std::string& workspace) const;
    Result<SessionStarted> first_event(const NewSession& options, const Roots& roots) const;
    // A journal that is ready for its first event of this process.
    struct Ready {
        std::unique_ptr<Journal> journal;
        Damage damage;
        Roots roots;
        Limits limits;
        ChildTerms terms;
        bool continues = false;
        GivenServers servers{};
    };
    std::unique_ptr<LiveSession> begin(Ready ready, SessionStarted started);
    Session* hold(std::unique_ptr<HeldSession> session);
    async::Task<Result<std::unique_ptr<LiveSession>>> open_here(OpenSession options);
    async::Task<Result<Session*>> attach(OpenSession options);
    SessionStarted next_event(const State& state, const OpenSession& options,
                              const Roots& roots) const;
    std::vector<std::string> first_ones() const;
    std::string index_file() const { return parts.state_directory + "/index.db"; }
    std::string plan_directory() const {
        const std::string& chosen = parts.config.plan.directory;
        return chosen.empty() ? parts.state_directory + "/session_plans" : chosen;
    }

    Parts parts;
    Sessions& self;
    KnownWorkspaces workspaces;
    KnownExtensions extensions;
    std::map<std::string, Open> open_sessions;
    ServerTerms server_terms;
    bool has_swept = false;
    bool is_listing = false;  // one at a time: they all work on the same index
    async::Line listed;
    std::set<std::string> opening;  // each by one at a time; who wants it too gets the same
    async::Line opening_ended;
};

Sessions::Sessions(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts), *this)) {}
Sessions::~Sessions() = default;

async::Task<Result<Session*>> Sessions::create(NewSession options) {
    return impl_->create(std::move(options));
}
async::Task<Result<Session*>> Sessions::open(OpenSession options) {
    return impl_->open(std::move(options));
}
async::Task<void> Sessions::close(std::string id) {
    return async::shielded(impl_->close(std::move(id)));
}
SessionFiles Sessions::files_of(const std::string& id, const std::string& cwd) const {
    return {under(workspace_of(cwd), config().history_dir), id};
}
std::string Sessions::index_file() const {
    return impl_->index_file();
}
std::string Sessions::plan_directory() const {
    return impl_->plan_directory();
}
async::Loop& Sessions::loop() const {
    return impl_->parts.loop;
}
const Clock& Sessions::clock() const {
    return impl_->parts.clock;
}
model::Models& Sessions::models() {
    return impl_->parts.models;
}
const Config& Sessions::config() const {
    return impl_->parts.config;
}
const Secrets& Sessions::secrets() const {
    return impl_->parts.secrets;
}
ExtensionsNow Sessions::extensions(const std::string& workspace) const {
    return impl_->extensions.of(workspace);
}
SkillShelf Sessions::shelf(const std::string& workspace) {
    return impl_->extensions.shelf(workspace);
}
Trust Sessions::trust() const {
    return impl_->extensions.trust();
}

Session* Sessions::find(const std::string& id) const {
    auto found = impl_->open_sessions.find(id);
    if (found == impl_->open_sessions.end() || found->second.is_closing) return nullptr;
    return found->second.session.get();
}

// Sub-agents are closed by those that started them.
async::Task<void> Sessions::close_all() {
    for (const std::string& id : impl_->first_ones()) {
        impl_->open_sessions.at(id).session->end();  // all at once, so that they unwind together
    }
    while (!impl_->open_sessions.empty()) {
        std::vector<std::string> ids = impl_->first_ones();
        for (const std::string& id : ids) co_await close(id);
        if (ids.empty()) break;
    }
}

async::Task<void> Sessions::finish_all() {
    std::stop_token stop = co_await async::current_stop();
    std::vector<HeldSession*> held;
    for (const std::string& id : impl_->first_ones()) {
        HeldSession* session = impl_->open_sessions.at(id).session.get();
        session->wait_for_answers();
        held.push_back(session);
    }
    for (HeldSession* session : held) {
        if (!stop.stop_requested()) co_await session->until_idle();
    }
}

async::Task<Result<void>> Sessions::remove(std::string id, std::string cwd) {
    if (!is_valid_session_id(id)) {
        co_return fail(Code::invalid_argument, "'" + id + "' is not a session id");
    }
    SessionFiles files{under(workspace_of(cwd), config().history_dir), id};
    Session* open = find(id);
    if (open) files = open->files();
    if (open) co_await close(id);
    Result<void> removed = delete_session(files);
    if (removed) {
        auto forget = [index = impl_->index_file(), files](std::stop_token) {
            forget_in_index(index, files);
        };
        co_await async::on_worker(impl_->parts.loop, std::move(forget));
    }
    if (!removed && removed.error().code == Code::not_found) co_return Result<void>();
    co_return removed;
}

async::Task<std::vector<SessionRow>> Sessions::list(ListQuery query) const {
    Places places{impl_->index_file(), impl_->workspaces.read()};
    if (!query.cwd.empty()) places.directories = {workspace_of(query.cwd)};
    for (std::string& place : places.directories) place = under(place, config().history_dir);
    TimePoint now = impl_->parts.clock.now();
    auto look = [places, query, now](std::stop_token stop) {
        return list_sessions(places, query, now, stop);
    };
    while (impl_->is_listing) {
        async::Wake wake = co_await impl_->listed.wait();
        if (wake == async::Wake::stopped) co_return std::vector<SessionRow>();
    }
    impl_->is_listing = true;
    std::vector<SessionRow> rows = co_await async::on_worker(impl_->parts.loop, look);
    impl_->is_listing = false;
    impl_->listed.wake_first();
    co_return rows;
}

async::Task<void> Sessions::sweep_plans() {
    if (std::exchange(impl_->has_swept, true)) co_return;
    std::vector<std::string> directories = impl_->workspaces.read();
    for (std::string& place : directories) place = under(place, config().history_dir);
    auto is_live = [directories](const std::string& id) {
        for (const std::string& directory : directories) {
            Result<Seen> seen = inspect_session({directory, id});
            if (seen && seen->is_alive) return true;
        }
        return false;
    };
    auto sweep = [plans = impl_->plan_directory(), now = impl_->parts.clock.now(),
                  is_live](std::stop_token) { thole::sweep_plans(plans, now, is_live); };
    co_await async::on_worker(impl_->parts.loop, std::move(sweep));
}

Result<std::string> Sessions::Impl::directory_of(const std::string& workspace) const {
    Result<std::string> usual = make_session_directory(workspace);
    if (!usual) return usual.error();
    std::string directory = under(workspace, parts.config.history_dir);
    if (Result<void> made = make_private_directory(directory); !made) return made.error();
    return directory;
}

Result<SessionStarted> Sessions::Impl::first_event(const NewSession& options,
                                                   const Roots& roots) const {
    SessionStarted started;
    started.cwd = roots.cwd();
    started.workspace = options.workspace.empty() ? workspace_of(started.cwd) : options.workspace;
    const Config& config = parts.config;
    std::string model = options.model.empty() ? config.models.default_model : options.model;
    if (!model.empty()) {
        Result<std::string> resolved = parts.models.resolve(model);
        if (!resolved) return resolved.error();
        started.model = *resolved;
    }
    started.mode = options.mode.empty() ? config.mode : options.mode;
    if (Result<Mode> mode = parse_mode(started.mode); !mode) return mode.error();
    started.thought_level = options.thought_level.empty() ? "off" : options.thought_level;
    started.version = THOLE_VERSION;
    started.branch = current_branch(started.cwd);
    started.additional_directories = options.additional_directories;
    started.parent_session_id = options.parent_session_id;
    started.spawn_reason = options.spawn_reason;
    started.inherited_summary = options.inherited_summary;
    started.agent = options.agent;
    started.pid = getpid();
    started.process_start = process_start_time(started.pid);
    return started;
}

async::Task<Result<Session*>> Sessions::Impl::create(NewSession options) {
    Result<Roots> roots = open_roots(options.cwd, options.additional_directories);
    if (!roots) co_return roots.error();
    Result<SessionStarted> started = first_event(options, *roots);
    if (!started) co_return started.error();
    if (started->model.empty()) {
        Result<std::string> model = co_await parts.models.default_model();
        started->model = model.value_or("");  // without one the first prompt says what to do
    }
    Result<std::string> directory = directory_of(started->workspace);
    if (!directory) co_return directory.error();
    bool is_named = !options.id.empty();
    std::string id = is_named ? options.id : new_session_id(parts.clock.now());
    Result<std::unique_ptr<Journal>> journal =
        Journal::create(parts.loop, parts.clock, {*directory, id}, parts.secrets);
    while (!is_named && !journal && journal.error().code == Code::exists) {
        id = new_session_id(parts.clock.now());
        journal = Journal::create(parts.loop, parts.clock, {*directory, id}, parts.secrets);
    }
    if (!journal) co_return journal.error();
    workspaces.add(started->workspace);
    started->session_id = id;
    Ready ready{std::move(*journal),         Damage{}, std::move(*roots),         options.limits,
                std::move(options.as_child), false,    std::move(options.servers)};
    std::unique_ptr<LiveSession> session = begin(std::move(ready), std::move(*started));
    if (!options.worktree.path.empty()) session->record(std::move(options.worktree));
    co_return hold(std::move(session));
}

async::Task<Result<Session*>> Sessions::Impl::open(OpenSession options) {
    if (!is_valid_session_id(options.id)) {
        co_return fail(Code::invalid_argument, "'" + options.id + "' is not a session id");
    }
    std::string id = options.id;
    while (opening.contains(id)) {
        async::Wake wake = co_await opening_ended.wait();
        if (wake == async::Wake::stopped) co_return cancelled();
    }
    opening.insert(id);
    Result<Session*> session = co_await open_alone(std::move(options));
    opening.erase(id);
    opening_ended.wake_all();
    co_return session;
}

async::Task<Result<Session*>> Sessions::Impl::open_alone(OpenSession options) {
    auto found = open_sessions.find(options.id);
    if (found != open_sessions.end() && !found->second.is_closing) {
        co_return static_cast<Session*>(found->second.session.get());
    }
    Result<std::unique_ptr<LiveSession>> opened = co_await open_here(options);
    if (opened) co_return hold(std::move(*opened));
    bool is_elsewhere = opened.error().code == Code::busy && parts.links;
    if (!is_elsewhere) co_return opened.error();
    co_return co_await attach(std::move(options));
}

async::Task<Result<std::unique_ptr<LiveSession>>> Sessions::Impl::open_here(OpenSession options) {
    Result<Roots> roots = open_roots(options.cwd, options.additional_directories);
    if (!roots) co_return roots.error();
    std::string workspace = workspace_of(roots->cwd());
    SessionFiles files{under(workspace, parts.config.history_dir), options.id};
    Result<Journal::Opened> opened =
        co_await Journal::open(parts.loop, parts.clock, files, parts.secrets);
    if (!opened) co_return opened.error();
    const State& state = opened->journal->state();
    if (works_outside(state, workspace)) {
        Result<Roots> there = open_roots(state.cwd, options.additional_directories);
        if (there) roots = std::move(*there);
    }
    workspaces.add(workspace);
    SessionStarted started = next_event(state, options, *roots);
    started.workspace = workspace;
    ChildTerms terms = options.as_child;
    if (!terms.budget) terms.depth = depth_in_tree(state, files.directory);
    Ready ready{
        std::move(opened->journal), std::move(opened->damage), std::move(*roots), options.limits,
        std::move(terms),           options.continues,         options.servers};
    co_return begin(std::move(ready), std::move(started));
}

// The process that has the session may let go of it, or another may take it, while we come.
async::Task<Result<Session*>> Sessions::Impl::attach(OpenSession options) {
    std::string workspace = workspace_of(options.cwd);
    AttachedSession::Parts attached_parts{
        parts.loop, parts.clock, *parts.links,
        SessionFiles{under(workspace, parts.config.history_dir), options.id},
        [this, options] { return open_here(options); }};
    auto session = std::make_unique<AttachedSession>(std::move(attached_parts));
    Result<void> attached = co_await session->attach();
    if (attached) co_return hold(std::move(session));
    Result<std::unique_ptr<LiveSession>> opened = co_await open_here(options);
    if (opened) co_return hold(std::move(*opened));
    if (opened.error().code != Code::busy) co_return opened.error();
    co_return fail(Code::busy, "session " + options.id +
                                   " is open in another process, and attaching to it failed: " +
                                   attached.error().message);
}

SessionStarted Sessions::Impl::next_event(const State& state, const OpenSession& options,
                                          const Roots& roots) const {
    SessionStarted started;
    started.session_id = options.id;
    started.cwd = roots.cwd();
    Result<std::string> model =
        parts.models.resolve(options.model.empty() ? state.model : options.model);
    started.model = model.value_or(state.model);
    started.mode = options.mode.empty() ? state.mode : options.mode;
    started.thought_level =
        options.thought_level.empty() ? state.thought_level : options.thought_level;
    started.version = THOLE_VERSION;
    started.branch = current_branch(started.cwd);
    started.additional_directories = options.additional_directories;
    started.pid = getpid();
    started.process_start = process_start_time(started.pid);
    started.resumed = true;
    return started;
}

// Those that no other open session has started.
std::vector<std::string> Sessions::Impl::first_ones() const {
    std::vector<std::string> ids;
    for (const auto& [id, open] : open_sessions) {
        if (!open_sessions.contains(open.session->state().parent_session_id)) ids.push_back(id);
    }
    return ids;
}

std::unique_ptr<LiveSession> Sessions::Impl::begin(Ready ready, SessionStarted started) {
    parts.http.warm_up();
    std::unique_ptr<Door> door;
    Result<void> listening;
    if (parts.links) {
        Result<std::unique_ptr<Door>> opened = parts.links->open_door(started.session_id);
        if (opened) door = std::move(*opened);
        if (!opened) listening = opened.error();
    }
    if (door) started.socket_path = door->path();
    std::string pointer = under(started.workspace, parts.config.last_session_file);
    FoundProfiles found = with_workspace_files(parts.config.profiles, started.workspace,
                                               Trust(parts.state_directory));
    if (!ready.terms.budget) {
        ready.terms.budget = std::make_shared<Budget>(ready.limits, ready.journal->state());
    }
    std::vector<std::string> environment = command_environment(
        parts.config, parts.environment, !is_below(started.cwd, started.workspace));
    auto session = std::make_unique<LiveSession>(LiveSession::Parts{
        parts.loop,
        parts.clock,
        parts.http,
        parts.models,
        parts.config,
        std::move(ready.journal),
        std::move(ready.damage),
        std::move(ready.roots),
        ready.limits,
        environment,
        pointer,
        index_file(),
        std::move(found.profiles),
        plan_directory(),
        parts.secrets,
        self,
        std::move(ready.terms),
        std::move(door),
        server_terms.of(std::move(ready.servers), started.workspace),
        hook_environment(environment),
        [this, workspace = started.workspace] { return extensions.of(workspace); },
        extensions.shelf(started.workspace)});
    if (started.resumed) session->heal(ready.continues);
    session->record(std::move(started));
    for (const std::string& complaint : found.complaints) {
        session->record(ErrorReported{"profile", complaint, {}, true});
    }
    session->heed_extensions();
    if (!listening) {
        session->record(
            ErrorReported{std::string(code_name(listening.error().code)),
                          "nobody can attach to this session: " + listening.error().message,
                          {},
                          true});
    }
    return session;
}

Session* Sessions::Impl::hold(std::unique_ptr<HeldSession> session) {
    Open& open = open_sessions[session->files().id];
    open.session = std::move(session);
    open.scope = std::make_unique<async::Scope>();
    open.scope->spawn(open.session->run());
    return open.session.get();
}

async::Task<void> Sessions::Impl::close(std::string id) {
    auto found = open_sessions.find(id);
    if (found == open_sessions.end()) co_return;
    Open& open = found->second;
    open.session->end();
    if (open.is_closing) co_return;  // somebody else waits for it
    open.is_closing = true;
    co_await open.scope->join();
    open_sessions.erase(id);
}

}  // namespace thole
