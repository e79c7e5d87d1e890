#include "cli/worktrees.hpp"

#include "async/worker.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/look.hpp"
#include "cli/opening.hpp"
#include "git/cleanup.hpp"
#include "git/size.hpp"

namespace thole::cli {
namespace {

using git::WorktreeState;

// In a word or two, for people.
std::string state_word(const WorktreeState& state) {
    if (state.condition != git::Condition::sound) return std::string(name_of(state.condition));
    if (state.is_in_use) return "in use";
    if (!state.is_clean) return "changes";
    if (state.is_merged()) return "merged";
    return state.has_commits() ? "commits" : "empty";
}

Json to_json(const WorktreeState& state) {
    const git::Worktree& worktree = state.worktree;
    return {{"id", worktree.id},
            {"path", worktree.path},
            {"repository", worktree.repository},
            {"branch", worktree.branch},
            {"base", worktree.base},
            {"head", state.head},
            {"merged", worktree.merged},
            {"created", worktree.created},
            {"is_copy", worktree.kind == git::TreeKind::copy},
            {"state", state_word(state)},
            {"is_in_use", state.is_in_use},
            {"is_needed", state.is_needed},
            {"is_clean", state.is_clean},
            {"fault", state.fault},
            {"bytes", state.bytes}};
}

std::string padded(std::string text, std::size_t width) {
    std::size_t taken = columns(text);
    if (taken < width) text.append(width - taken, ' ');
    return text;
}

std::string row_of(const WorktreeState& state, const Look& look) {
    const git::Worktree& worktree = state.worktree;
    std::string size = git::shown_size(state.bytes);
    std::string text = look.paint(Ink::bold, padded(printable(worktree.id), 19)) + "  " +
                       padded(state_word(state), 10) + "  " +
                       std::string(size.size() < 7 ? 7 - size.size() : 0, ' ') + size + "  " +
                       look.paint(Ink::cyan, printable(worktree.branch)) + "\n    " +
                       look.paint(Ink::dim, printable(worktree.path)) + "\n";
    if (!state.fault.empty()) text += "    " + look.paint(Ink::red, printable(state.fault)) + "\n";
    return text;
}

async::Task<Result<std::vector<WorktreeState>>> listed(Parts& parts) {
    std::string folder = parts.config().worktrees.directory;
    auto work = [folder](std::stop_token stop) {
        return git::list_worktrees({folder, {}, true, std::move(stop)});
    };
    co_return co_await async::on_worker(parts.loop, std::move(work));
}

async::Task<Result<git::PruneReport>> pruned(Parts& parts) {
    const WorktreesConfig& config = parts.config().worktrees;
    auto work = [folder = config.directory, limit = config.max_disk](std::stop_token stop) {
        return git::prune({folder, limit, std::move(stop)});
    };
    co_return co_await async::on_worker(parts.loop, std::move(work));
}

std::string text_of(const git::PruneReport& report) {
    std::string text;
    for (const git::Pruned& one : report.removed) {
        text += "removed " + one.path + "\n";
        if (!one.rescue.empty()) text += "    kept as " + one.rescue + "\n";
    }
    for (const std::string& note : report.notes) text += note + "\n";
    return printable(text);
}

Json to_json(const git::PruneReport& report) {
    Json removed = Json::array();
    for (const git::Pruned& one : report.removed) {
        removed.push_back({{"id", one.id}, {"path", one.path}, {"rescue", one.rescue}});
    }
    return {{"removed", std::move(removed)}, {"notes", report.notes}};
}

}  // namespace

async::Task<int> show_worktrees(Parts& parts, const Invocation& invocation) {
    Json document = {{"schema_version", 1}, {"worktrees", Json::array()}};
    std::string text;
    if (invocation.prune) {
        Result<git::PruneReport> report = co_await pruned(parts);
        if (!report) co_return complain(parts, report.error());
        document.update(to_json(*report));
        text = text_of(*report);
    }
    Result<std::vector<WorktreeState>> states = co_await listed(parts);
    if (!states) co_return complain(parts, states.error());
    for (const WorktreeState& state : *states) {
        document["worktrees"].push_back(to_json(state));
        text += row_of(state, parts.output.out_look());
    }
    if (states->empty()) text += "There are no working trees.\n";
    parts.output.answer(invocation.json ? dump_json(document) + "\n" : text);
    co_return exit_done;
}

}  // namespace thole::cli
