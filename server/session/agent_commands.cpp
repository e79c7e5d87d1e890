#include "session/agent_commands.hpp"

#include <unistd.h>

#include "async/signal.hpp"
#include "async/worker.hpp"
#include "base/text.hpp"
#include "session/agent_texts.hpp"
#include "session/merging.hpp"
#include "session/slash.hpp"

namespace thole {
namespace {

const std::string& id_of(const AgentNode& node) {
    return node.child.spawned.child_session_id;
}

// Waits until a session says that a sub-agent of its has ended.
class EndOfChild final : public Subscriber {
public:
    EndOfChild(async::Loop& loop, Session& session) : session_(session), changed_(loop) {
        session_.subscribe(*this);
    }
    ~EndOfChild() override { session_.unsubscribe(*this); }

    void on_event(const Envelope&) override { changed_.notify(); }
    void on_delta(const Event&) override {}

    async::Task<void> wait_for(std::string id) {
        async::Wake wake = async::Wake::done;
        while (works(id) && wake == async::Wake::done) wake = co_await changed_.wait();
    }

private:
    bool works(const std::string& id) const {
        for (const Child& child : session_.state().children) {
            if (child.spawned.child_session_id == id) return child.ended_at.empty();
        }
        return false;
    }

    Session& session_;
    async::Signal changed_;
};

// The session that started a sub-agent.
struct Starter {
    Session* session = nullptr;
    bool was_open = true;
};

// One that nobody ran brings home at first what was left.
async::Task<Result<Starter>> open_starter(Sessions& sessions, const NamedAgent& agent) {
    Starter starter;
    starter.session = sessions.find(agent.node.parent_id);
    if (starter.session) co_return starter;
    OpenSession known;
    known.id = agent.node.parent_id;
    known.cwd = agent.cwd;
    Result<Session*> opened = co_await sessions.open(std::move(known));
    if (!opened) co_return opened.error();
    starter.session = *opened;
    starter.was_open = false;
    bool is_ours = starter.session->state().pid == getpid();
    EndOfChild home(sessions.loop(), *starter.session);
    std::string id = id_of(agent.node);
    if (is_ours) co_await home.wait_for(std::move(id));
    co_return starter;
}

async::Task<void> let_go(Sessions& sessions, Starter starter) {
    if (starter.was_open) co_return;
    std::string id = starter.session->state().id;
    co_await sessions.close(std::move(id));
}

Result<WorktreeMerged> unless_refused(Result<WorktreeMerged> merged) {
    bool is_refused = merged && merged->result == "refused";
    return is_refused ? fail(Code::invalid_argument, merged->reason) : std::move(merged);
}

Result<void> can_be_merged(const AgentNode& node) {
    const std::string& id = id_of(node);
    if (node.is_interrupted) return {};
    if (node.child.ended_at.empty()) return fail(Code::busy, "sub-agent " + id + " still works");
    const std::string& result = node.child.result;
    if (result == "changes") return {};
    return fail(Code::invalid_argument,
                "the work of sub-agent " + id + " " +
                    (result == "none" ? "has changed no files" : "is " + result + " already"));
}

std::string ended_text(const ChildSessionCompleted& done) {
    std::string text = "Sub-agent " + done.child_session_id + ": " + done.status + ".";
    std::string stat = diffstat_text(done);
    if (!stat.empty()) text += " What it has done is on " + done.branch + " (" + stat + ").";
    return text + "\n";
}

async::Task<Result<std::string>> obey(Sessions& sessions, NamedAgent agent, std::string verb) {
    if (verb == "preview") {
        std::string id = id_of(agent.node);
        Result<MergeOutcome> outcome = co_await preview_agent(sessions, std::move(agent));
        if (!outcome) co_return outcome.error();
        co_return preview_as_markdown(id, *outcome);
    }
    if (verb == "cancel") {
        Result<ChildSessionCompleted> done = co_await cancel_agent(sessions, std::move(agent));
        if (!done) co_return done.error();
        co_return ended_text(*done);
    }
    Result<WorktreeMerged> merged = fail(Code::internal, "");
    if (verb == "merge") merged = co_await merge_agent(sessions, std::move(agent), "");
    if (verb == "discard") merged = co_await discard_agent(sessions, std::move(agent));
    if (!merged) co_return merged.error();
    co_return said_of(*merged);
}

}  // namespace

Result<AgentNode> find_agent(const std::vector<AgentNode>& nodes, std::string_view name) {
    std::vector<const AgentNode*> found;
    std::string all;
    for (const AgentNode& node : nodes) {
        const std::string& id = id_of(node);
        if (id == name) return node;
        bool is_named = id.starts_with(name) || short_agent_id(id) == name;
        if (is_named) found.push_back(&node);
        all += (all.empty() ? "" : ", ") + id;
    }
    if (found.size() == 1) return *found.front();
    std::string asked = "'" + std::string(name) + "'";
    if (found.empty()) {
        return fail(Code::not_found, "there is no sub-agent " + asked + "; " +
                                         (all.empty() ? "none was started" : "there are " + all));
    }
    std::string several;
    for (const AgentNode* node : found) several += (several.empty() ? "" : ", ") + id_of(*node);
    return fail(Code::invalid_argument, asked + " may be " + several + "; write more of it");
}

async::Task<Result<MergeOutcome>> preview_agent(Sessions& sessions, NamedAgent agent) {
    if (Result<void> can = can_be_merged(agent.node); !can) co_return can.error();
    std::string id = id_of(agent.node);
    co_return co_await preview_child(sessions, std::move(id));
}

async::Task<Result<WorktreeMerged>> merge_agent(Sessions& sessions, NamedAgent agent,
                                                std::string branch) {
    Result<Starter> starter = co_await open_starter(sessions, agent);
    if (!starter) co_return starter.error();
    MergeChild command{id_of(agent.node), std::move(branch)};
    Result<WorktreeMerged> merged =
        co_await merge_child_now(sessions.loop(), *starter->session, std::move(command));
    co_await let_go(sessions, *starter);
    co_return unless_refused(std::move(merged));
}

async::Task<Result<WorktreeMerged>> discard_agent(Sessions& sessions, NamedAgent agent) {
    Result<Starter> starter = co_await open_starter(sessions, agent);
    if (!starter) co_return starter.error();
    DiscardChild command{id_of(agent.node)};
    Result<WorktreeMerged> gone =
        co_await discard_child_now(sessions.loop(), *starter->session, std::move(command));
    co_await let_go(sessions, *starter);
    co_return unless_refused(std::move(gone));
}

async::Task<Result<ChildSessionCompleted>> cancel_agent(Sessions& sessions, NamedAgent agent) {
    Result<Starter> starter = co_await open_starter(sessions, agent);
    if (!starter) co_return starter.error();
    CancelChild command{id_of(agent.node)};
    Result<ChildSessionCompleted> done =
        co_await cancel_child_now(sessions.loop(), *starter->session, std::move(command));
    co_await let_go(sessions, *starter);
    co_return done;
}

async::Task<std::string> agents_answer(Sessions& sessions, Session& session, std::string typed) {
    SessionFiles files = session.files();
    std::string workspace = session.state().workspace;
    auto look = [files](std::stop_token) { return agent_tree(files); };
    std::vector<AgentNode> nodes = co_await async::on_worker(sessions.loop(), std::move(look));
    Typed wish = split_typed(typed);
    if (wish.word.empty()) co_return agents_as_markdown(nodes);
    bool is_known = wish.word == "preview" || wish.word == "merge" || wish.word == "discard" ||
                    wish.word == "cancel";
    if (!is_known || wish.rest.empty()) {
        co_return "Error: write `/agents`, or `/agents preview`, `merge`, `discard` or `cancel` with "
                  "the id of a sub-agent.";
    }
    Result<AgentNode> node = find_agent(nodes, wish.rest);
    if (!node) co_return "Error: " + node.error().message + ".";
    NamedAgent agent{std::move(workspace), std::move(*node)};
    Result<std::string> said = co_await obey(sessions, std::move(agent), std::move(wish.word));
    co_return said ? *said : "Error: " + said.error().message;
}

}  // namespace thole
