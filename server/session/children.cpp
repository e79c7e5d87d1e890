#include "session/children.hpp"

#include <algorithm>
#include <utility>

#include "agent/inheritance.hpp"
#include "async/shield.hpp"
#include "async/worker.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "session/child_watch.hpp"

namespace thole {
namespace {

constexpr std::int64_t most_trees_at_a_time = 2;
constexpr std::size_t longest_report = 12 * 1024;

bool is_at_work(const std::string& status) {
    return status == "queued" || status == "running" || status == "waiting";
}

Error unknown(const std::string& id, const State& state) {
    std::string ids;
    for (const Child& child : state.children) {
        ids += (ids.empty() ? "" : ", ") + child.spawned.child_session_id;
    }
    return fail(Code::not_found, "there is no sub-agent '" + id + "'" +
                                     (ids.empty() ? "; none was started" : "; there are " + ids));
}

}  // namespace

struct Children::Work {
    SpawnRequest request;
    std::string id;
    std::optional<git::MadeWorktree> tree;
    Session* session = nullptr;
    ChildSessionCompleted result;
    bool resumes = false;  // a process before this one had begun it
    bool is_cancelled = false;
    bool is_told = false;
};

Children::Children(Parts parts)
    : parts_(std::move(parts)),
      free_(parts_.loop),
      ended_(parts_.loop),
      merged_(parts_.loop),
      made_(parts_.loop) {}

Children::~Children() = default;

const Child* Children::known(const std::string& id) const {
    for (const Child& child : state().children) {
        if (child.spawned.child_session_id == id) return &child;
    }
    return nullptr;
}

Result<void> Children::check(const SpawnRequest& request) const {
    if (parts_.depth >= parts_.limits.max_depth) {
        return fail(Code::limit, "sub-agents are " + std::to_string(parts_.depth) +
                                     " deep here already, which is the limit; do it yourself");
    }
    const Profile* profile = find_profile(parts_.profiles, request.agent);
    if (request.agent.empty() || profile) return {};
    std::string names;
    for (const Profile& one : parts_.profiles) names += (names.empty() ? "" : ", ") + one.name;
    return fail(Code::not_found,
                "there is no agent '" + request.agent + "'; the agents are " + names);
}

// A call that was interrupted has its sub-agent already.
Children::Shared Children::begin(SpawnRequest request) {
    auto work = std::make_shared<Work>();
    for (const Child& child : state().children) {
        bool is_its = child.spawned.call_id == request.call_id && is_at_work(child.status);
        if (!is_its) continue;
        work->id = child.spawned.child_session_id;
        work->resumes = true;
    }
    if (!work->resumes) {
        if (!parts_.budget->take_child()) return nullptr;
        work->id = new_session_id(SystemClock().now());
        while (known(work->id)) work->id = new_session_id(SystemClock().now());
        const Profile* profile = find_profile(parts_.profiles, request.agent);
        bool has_model = profile && !profile->model.empty();
        emit(ChildSessionSpawned{work->id, request.call_id, request.task, request.agent,
                                 has_model ? profile->model : state().model, request.background});
    }
    work->result.child_session_id = work->id;
    work->result.call_id = request.call_id;
    work->request = std::move(request);
    working_[work->id] = work;
    return work;
}

async::Task<Result<std::string>> Children::spawn(SpawnRequest request) {
    if (Result<void> possible = check(request); !possible) co_return possible.error();
    bool stays = request.background;
    Shared work = begin(std::move(request));
    if (!work) {
        co_return fail(Code::limit, "no more than " + std::to_string(parts_.limits.max_subagents) +
                                        " sub-agents may be started in all");
    }
    std::string id = work->id;
    if (!stays) {
        co_await run_work(std::move(work));
        co_return result_of(id);
    }
    background_.insert(id);
    background_scope_.spawn(run_work(std::move(work)));
    co_return "Sub-agent " + id +
        " works in the background. It reports when it is done; "
        "wait_subagent waits for it.";
}

async::Task<void> Children::run_work(Shared work) {
    Result<void> ready = co_await take_place(work);
    bool has_place = ready.has_value();
    if (ready) ready = co_await prepare(work);
    if (ready && work->is_cancelled) ready = cancelled();
    if (ready) {
        co_await converse(work);
    } else {
        work->result.status = ready.error().code == Code::cancelled ? "cancelled" : "failed";
        work->result.error = ready.error().message;
    }
    co_await async::shielded(finish(work));
    if (has_place) --busy_;
    free_.wake_first();
    end(*work);
}

async::Task<Result<void>> Children::take_place(Shared work) {
    if (busy_ >= parts_.limits.max_background_workers) tell(*work, "queued", "");
    while (busy_ >= parts_.limits.max_background_workers) {
        async::Wake wake = co_await free_.wait();
        if (wake == async::Wake::stopped || work->is_cancelled) co_return cancelled();
    }
    ++busy_;
    co_return Result<void>();
}

// The tree and the session.
async::Task<Result<void>> Children::prepare(Shared work) {
    bool is_apart = work->request.use_worktree && mode_for(work->request) != "plan";
    if (is_apart) {
        while (making_ >= most_trees_at_a_time) {
            async::Wake wake = co_await made_.wait();
            if (wake == async::Wake::stopped) co_return cancelled();
        }
        ++making_;
        const WorktreesConfig& config = parts_.sessions.config().worktrees;
        auto made = std::make_shared<std::optional<Result<git::MadeWorktree>>>();
        git::WorktreeRequest request{state().cwd, config.directory, work->id, config.include_file};
        bool resumes = work->resumes;
        auto job = [made, request, resumes](std::stop_token stop) mutable {
            request.stop = std::move(stop);
            if (resumes) {
                *made = retake_tree(request);
            } else {
                *made = git::make_tree(request);
            }
        };
        co_await async::on_worker(parts_.loop, std::move(job));
        --making_;
        made_.wake_first();
        if (!**made) co_return (*made)->error();
        work->tree = std::move(***made);
    }
    Result<Session*> session = co_await open(work);
    if (!session) co_return session.error();
    work->session = *session;
    co_return Result<void>();
}

std::string Children::mode_for(const SpawnRequest&) const {
    return state().mode;
}

ChildTerms Children::terms() const {
    return {parts_.budget, parts_.somebody_answers, parts_.depth + 1, parts_.granted_rules};
}

async::Task<Result<Session*>> Children::open(Shared work) {
    const State& parent = state();
    if (work->resumes) {
        OpenSession known;
        known.id = work->id;
        known.cwd = parent.workspace;
        known.limits = parts_.limits;
        known.continues = true;
        known.servers = parts_.servers;
        known.as_child = terms();
        Result<Session*> opened = co_await parts_.sessions.open(std::move(known));
        bool was_never_made = !opened && opened.error().code == Code::not_found;
        if (!was_never_made) co_return opened;
    }
    NewSession fresh;
    fresh.id = work->id;
    fresh.cwd = work->tree ? work->tree->cwd : parent.cwd;
    fresh.workspace = parent.workspace;
    fresh.model = parent.model;
    fresh.mode = parent.mode;
    fresh.thought_level = parent.thought_level;
    fresh.limits = parts_.limits;
    fresh.parent_session_id = parent.id;
    fresh.spawn_reason = work->request.task;
    fresh.inherited_summary = inherited_summary(parent);
    fresh.agent = work->request.agent;
    fresh.servers = parts_.servers;
    fresh.as_child = terms();
    if (work->tree) {
        const git::Worktree& tree = work->tree->worktree;
        fresh.worktree = WorktreeCreated{tree.path, tree.branch, tree.base, tree.repository, {}};
        for (const git::IncludedFile& file : tree.included) {
            fresh.worktree.included.push_back(file.path);
        }
    }
    if (!work->tree) fresh.additional_directories = parent.additional_directories;
    Result<Session*> created = co_await parts_.sessions.create(std::move(fresh));
    co_return created;
}

// Until its turn is over. A stop cancels it, and waits for that.
async::Task<void> Children::converse(Shared work) {
    ChildWatch watch(parts_.loop, *work->session, [this, work](bool waits, std::string what) {
        tell(*work, waits ? "waiting" : "running", what);
    });
    tell(*work, "running", "");
    bool goes_on = work->resumes && !work->session->is_idle();
    if (!goes_on) {
        SendMessage message;
        message.content = prompt_of(work->request);
        Result<std::string> sent = work->session->submit(std::move(message));
        if (!sent) {
            work->result.status = "failed";
            work->result.error = sent.error().message;
            co_return;
        }
    }
    co_await watch.until_idle();
    work->result.status = watch.status();
    work->result.summary = watch.answer();
    work->result.error = watch.error();
}

// Also after a stop.
async::Task<void> Children::finish(Shared work) {
    if (work->session) {
        const Usage& usage = work->session->state().usage;
        work->result.tokens = usage.input_tokens + usage.output_tokens;
        work->result.tool_calls = usage.tool_calls;
        work->result.cost_usd = usage.cost_usd;
        for (const Child& below : work->session->state().children) {
            work->result.tokens += below.completed.tokens;
            work->result.tool_calls += below.completed.tool_calls;
            work->result.cost_usd += below.completed.cost_usd;
        }
    }
    if (work->tree) co_await bring_home(work);
    std::string id = work->id;
    ChildSessionCompleted result = work->result;
    emit(std::move(result));
    // Who followed it for the parent's sake has let go by now.
    bool closes = work->session && !work->session->is_held();
    if (closes) co_await parts_.sessions.close(std::move(id));
}

async::Task<void> Children::bring_home(Shared work) {
    std::string message = commit_message(work->request.task, work->id);
    auto held = std::make_shared<git::Lease>(std::move(work->tree->lease));
    auto job = [tree = work->tree->worktree, held, message](std::stop_token stop) {
        return finish_tree(tree, std::move(*held), message, stop);
    };
    Result<ChildResult> result = co_await async::on_worker(parts_.loop, std::move(job));
    if (!result) {
        std::string why = "its work is in " + work->tree->worktree.path +
                          " and could not be committed: " + result.error().message;
        work->result.error += (work->result.error.empty() ? "" : "; ") + why;
        if (work->result.status == "completed") work->result.status = "failed";
        co_return;
    }
    work->result.branch = result->has_nothing ? "" : result->branch;
    work->result.insertions = static_cast<std::int64_t>(result->insertions);
    work->result.deletions = static_cast<std::int64_t>(result->deletions);
    for (const git::FileChange& file : result->files) {
        work->result.changed_files.push_back(file.path);
    }
}

void Children::end(Work& work) {
    std::string id = work.id;
    background_.erase(id);
    working_.erase(id);
    ended_.wake_all();
}

// That it runs is told at least once: whoever follows the family joins it then.
void Children::tell(Work& work, const std::string& status, const std::string& activity) {
    const Child* child = known(work.id);
    bool is_first = !std::exchange(work.is_told, true);
    bool is_news = is_first || (child && (child->status != status || child->activity != activity));
    if (is_news) emit(ChildSessionActivity{work.id, status, one_line(activity, 200)});
}

std::string Children::prompt_of(const SpawnRequest& request) const {
    std::string text = request.task;
    if (!request.focus_files.empty()) text += "\n\nBegin with these files:";
    for (const std::string& file : request.focus_files) text += "\n- " + one_line(file, 400);
    return text;
}

// What the model is told of one that has ended.
std::string Children::result_of(const std::string& id) const {
    const Child* child = known(id);
    if (!child) return "Sub-agent " + id + " is not known.";
    const ChildSessionCompleted& done = child->completed;
    std::string text = "[sub-agent " + id + ": " + child->status + "]\n";
    if (!done.error.empty()) text += done.error + "\n";
    text += head_and_tail(done.summary, longest_report).text;
    if (done.changed_files.empty()) return text + "\n\nIt changed no files.";
    text += "\n\nChanged on branch " + done.branch + " (+" + std::to_string(done.insertions) +
            " -" + std::to_string(done.deletions) + "), not yet in the user's files:\n";
    for (const std::string& file : done.changed_files) text += "- " + file + "\n";
    return text + "merge_subagent with the id " + id + " brings it there.";
}

async::Task<Result<std::string>> Children::wait(std::vector<std::string> ids) {
    if (ids.empty()) ids.assign(background_.begin(), background_.end());
    for (const std::string& id : ids) {
        if (!known(id)) co_return unknown(id, state());
    }
    auto works = [this](const std::string& id) { return working_.contains(id); };
    while (std::any_of(ids.begin(), ids.end(), works)) {
        async::Wake wake = co_await ended_.wait();
        if (wake == async::Wake::stopped) co_return cancelled();
    }
    std::string text;
    for (const std::string& id : ids) text += (text.empty() ? "" : "\n\n") + result_of(id);
    co_return text.empty() ? "No sub-agent works in the background." : text;
}

Result<std::string> Children::message(std::string id, std::string text) {
    auto found = working_.find(id);
    if (found == working_.end()) {
        if (!known(id)) return unknown(id, state());
        return fail(Code::invalid_argument, "sub-agent " + id + " has ended; start another one");
    }
    if (!found->second->session) return fail(Code::busy, "sub-agent " + id + " waits for its turn");
    SendMessage message;
    message.content = std::move(text);
    Result<std::string> sent = found->second->session->submit(std::move(message));
    if (!sent) return sent;
    return "Sub-agent " + id + " reads it when its present turn is over.";
}

async::Task<Result<std::string>> Children::cancel(std::string id) {
    auto found = working_.find(id);
    if (found == working_.end()) {
        if (!known(id)) co_return unknown(id, state());
        co_return result_of(id);
    }
    found->second->is_cancelled = true;
    if (found->second->session) (void)found->second->session->submit(Cancel{});
    free_.wake_all();
    std::vector<std::string> ids{id};
    co_return co_await wait(std::move(ids));
}

Result<void> Children::check(const CancelChild& command) const {
    const std::string& id = command.child_session_id;
    if (!known(id)) return unknown(id, state());
    if (working_.contains(id)) return {};
    return fail(Code::invalid_argument, "sub-agent " + id + " has ended already");
}

async::Task<void> Children::run(CancelChild command) {
    std::string id = std::move(command.child_session_id);
    Result<std::string> ended = co_await cancel(std::move(id));
    (void)ended;  // shows as its ChildSessionCompleted
}

async::Task<bool> Children::one_ended() {
    if (background_.empty()) co_return false;
    std::size_t before = background_.size();
    while (background_.size() >= before) {
        async::Wake wake = co_await ended_.wait();
        if (wake == async::Wake::stopped) co_return false;
    }
    co_return true;
}

void Children::follow_mode(const std::string& mode) {
    for (auto& [id, work] : working_) {
        // One that plans in the user's own files must not come to change them.
        bool stays = !work->tree && work->request.use_worktree;
        if (work->session && !stays) (void)work->session->submit(SetMode{mode});
    }
}

async::Task<void> Children::salvage(std::set<std::string> going_on) {
    std::vector<Child> left;
    for (const Child& child : state().children) {
        bool is_left = child.ended_at.empty() && !going_on.contains(child.spawned.call_id);
        if (is_left) left.push_back(child);
    }
    for (const Child& child : left) {
        auto work = std::make_shared<Work>();
        work->id = work->result.child_session_id = child.spawned.child_session_id;
        work->result.call_id = child.spawned.call_id;
        work->result.status = "failed";
        work->result.error = "interrupted: the process that ran it ended";
        work->request.task = child.spawned.task;
        git::WorktreeRequest request;
        request.folder = parts_.sessions.config().worktrees.directory;
        request.id = work->id;
        auto job = [request](std::stop_token) { return held_tree(request); };
        Result<git::MadeWorktree> tree = co_await async::on_worker(parts_.loop, std::move(job));
        if (tree) work->tree = std::move(*tree);
        co_await finish(work);
    }
}

async::Task<void> Children::close() {
    for (auto& [id, work] : working_) {
        work->is_cancelled = true;
        if (work->session) (void)work->session->submit(Cancel{});
    }
    background_scope_.request_stop();
    free_.wake_all();
    co_await background_scope_.join();
    std::vector<std::string> ids = state().child_session_ids;
    for (std::string& id : ids) co_await parts_.sessions.close(std::move(id));
}

}  // namespace thole
