// Sub-agents of an open session, for our own clients.
#include "acp/server_impl.hpp"
#include "async/worker.hpp"
#include "base/json.hpp"
#include "session/agent_tree.hpp"
#include "session/merging.hpp"

namespace thole {

namespace {

rpc::Answer no_such_agent(const std::string& agent_id) {
    return rpc::Answer(
        fail(Code::invalid_argument, "no sub-agent '" + agent_id + "' works in this session now"));
}

bool has_child(const State& state, const std::string& id) {
    for (const Child& child : state.children) {
        if (child.spawned.child_session_id == id) return true;
    }
    return false;
}

// What is not found here is no session.
rpc::Answer refusal(Error error) {
    if (error.code == Code::not_found) error.code = Code::invalid_argument;
    return rpc::Answer(error);
}

Json files_of(const MergeOutcome& outcome) {
    Json files = Json::array();
    for (const git::MergedFile& file : outcome.files) {
        Json one{{"path", file.path},
                 {"status", std::string(name_of(file.status))},
                 {"verdict", std::string(name_of(file.verdict))}};
        for (const git::FileChange& change : outcome.changes) {
            if (change.path != file.path) continue;
            one["insertions"] = change.insertions;
            one["deletions"] = change.deletions;
        }
        if (!file.why.empty()) one["why"] = file.why;
        if (!file.conflict.empty()) one["conflict"] = file.conflict;
        files.push_back(std::move(one));
    }
    return files;
}

}  // namespace

async::Task<rpc::Answer> AcpServer::Impl::agents_tree(Call&, acp::SessionParams params) {
    Seat& place = seat_of(params.session_id);
    if (!place.view) co_return unknown_session(params.session_id);
    SessionFiles files = place.view->session().files();
    auto look = [files](std::stop_token) { return agent_tree(files); };
    std::vector<AgentNode> nodes = co_await async::on_worker(loop, std::move(look));
    Json agents = Json::array();
    for (const AgentNode& node : nodes) agents.push_back(agent_node_to_json(node));
    Json result{{"agents", std::move(agents)}};
    co_return Answer::result(result);
}

async::Task<rpc::Answer> AcpServer::Impl::agents_cancel(Call&, acp::AgentParams params) {
    Seat& place = seat_of(params.session_id);
    if (!place.view) co_return unknown_session(params.session_id);
    Session* session = place.view->agents().find(params.agent_id);
    if (!session) co_return no_such_agent(params.agent_id);
    Result<std::string> taken = session->submit(Cancel{});
    if (!taken) co_return refusal(taken.error());
    co_return Answer::empty();
}

async::Task<rpc::Answer> AcpServer::Impl::agents_message(Call&, acp::AgentMessageParams params) {
    Seat& place = seat_of(params.agent.session_id);
    if (!place.view) co_return unknown_session(params.agent.session_id);
    Session* session = place.view->agents().find(params.agent.agent_id);
    if (!session) co_return no_such_agent(params.agent.agent_id);
    SendMessage message;
    message.content = std::move(params.text);
    Result<std::string> taken = session->submit(std::move(message));
    if (!taken) co_return refusal(taken.error());
    co_return Answer::empty();
}

async::Task<rpc::Answer> AcpServer::Impl::agents_merge(Call&, acp::AgentMergeParams params) {
    const std::string& id = params.agent.agent_id;
    Seat& place = seat_of(params.agent.session_id);
    if (!place.view) co_return unknown_session(params.agent.session_id);
    if (!has_child(place.view->session().state(), id)) co_return no_such_agent(id);
    Json result{{"applied", false}, {"status", "clean"}};
    if (params.branch.empty()) {
        Result<MergeOutcome> outcome = co_await preview_child(sessions, id);
        if (!outcome) co_return refusal(outcome.error());
        result["status"] = outcome->status;
        result["files"] = files_of(*outcome);
        result["diff"] = outcome->diff;
        bool is_over = params.preview || !outcome->text().empty();
        if (is_over) co_return Answer::result(result);
    }
    if (!place.view) co_return unknown_session(params.agent.session_id);
    MergeChild command{id, params.branch};
    Result<WorktreeMerged> merged =
        co_await merge_child_now(loop, place.view->session(), std::move(command));
    if (!merged) co_return refusal(merged.error());
    bool is_done = merged->result != "refused";
    result["applied"] = is_done;
    if (!merged->branch.empty()) result["branch"] = merged->branch;
    if (!is_done) result["status"] = "overlap";
    if (!merged->reason.empty()) result["why"] = merged->reason;
    co_return Answer::result(result);
}

async::Task<rpc::Answer> AcpServer::Impl::agents_discard(Call&, acp::AgentParams params) {
    Seat& place = seat_of(params.session_id);
    if (!place.view) co_return unknown_session(params.session_id);
    DiscardChild command{params.agent_id};
    Result<WorktreeMerged> gone =
        co_await discard_child_now(loop, place.view->session(), std::move(command));
    if (!gone) co_return refusal(gone.error());
    if (gone->result == "refused") co_return refusal(fail(Code::invalid_argument, gone->reason));
    Json result{{"rescue", gone->rescue_ref}};
    co_return Answer::result(result);
}

}  // namespace thole
