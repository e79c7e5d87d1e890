// Bringing the work of sub-agents home: what Children does with trees that are done.
#include "async/worker.hpp"
#include "base/text.hpp"
#include "session/children.hpp"

namespace thole {
namespace {

Error not_ready(const Child& child) {
    const std::string& id = child.spawned.child_session_id;
    if (child.ended_at.empty()) return fail(Code::busy, "sub-agent " + id + " still works");
    if (child.result == "changes") return fail(Code::internal, "");
    std::string why =
        child.result == "none" ? "has changed no files" : "is " + child.result + " already";
    return fail(Code::invalid_argument, "the work of sub-agent " + id + " " + why);
}

std::vector<std::string> paths_of(const MergeOutcome& outcome) {
    std::vector<std::string> paths;
    for (const git::MergedFile& file : outcome.files) paths.push_back(file.path);
    return paths;
}

}  // namespace

Result<void> Children::check(const MergeChild& command) const {
    const Child* child = known(command.child_session_id);
    if (!child)
        return fail(Code::not_found, "there is no sub-agent '" + command.child_session_id + "'");
    Error why = not_ready(*child);
    if (why.code != Code::internal) return why;
    return {};
}

Result<void> Children::check(const DiscardChild& command) const {
    return check(MergeChild{command.child_session_id, {}});
}

async::Task<Result<git::Worktree>> Children::tree_of(std::string id) const {
    std::string folder = parts_.sessions.config().worktrees.directory;
    auto job = [folder, id](std::stop_token) { return git::find_worktree(folder, id); };
    co_return co_await async::on_worker(parts_.loop, std::move(job));
}

async::Task<Result<MergeOutcome>> Children::look(git::Worktree tree) const {
    auto job = [tree = std::move(tree)](std::stop_token stop) { return preview_merge(tree, stop); };
    co_return co_await async::on_worker(parts_.loop, std::move(job));
}

// Files that somebody has open with other text than is on the disk; "" when there are none.
async::Task<std::string> Children::unsaved(MergeOutcome outcome) const {
    std::string names;
    for (const FileDiff& diff : outcome.diffs) {
        if (diff.created) continue;
        std::string path = diff.path;
        Result<std::string> open = co_await parts_.files.read(std::move(path));
        if (open && *open != diff.old_text) names += (names.empty() ? "" : ", ") + diff.path;
    }
    if (names.empty()) co_return names;
    co_return "Nothing was touched: there are unsaved changes in " + names + ".";
}

async::Task<Result<MergePreview>> Children::preview(std::string id) {
    if (Result<void> ready = check(MergeChild{id, {}}); !ready) co_return ready.error();
    Result<git::Worktree> tree = co_await tree_of(id);
    if (!tree) co_return tree.error();
    git::Worktree looked_at = std::move(*tree);
    Result<MergeOutcome> outcome = co_await look(std::move(looked_at));
    if (!outcome) co_return outcome.error();
    MergePreview preview;
    std::size_t count = outcome->files.size();
    preview.title =
        "Merge " + std::to_string(count) + (count == 1 ? " file of " : " files of ") + id;
    preview.obstacle = outcome->text();
    for (const std::string& path : paths_of(*outcome)) {
        preview.paths.push_back(outcome->root + "/" + path);
    }
    if (preview.obstacle.empty()) preview.obstacle = co_await unsaved(*outcome);
    preview.diffs = std::move(outcome->diffs);
    co_return preview;
}

// One after another: each is held against what the one before left.
async::Task<Result<MergeOutcome>> Children::merge_now(std::string id) {
    while (is_merging_) {
        async::Wake wake = co_await merged_.wait();
        if (wake == async::Wake::stopped) co_return cancelled();
    }
    is_merging_ = true;
    Result<git::Worktree> tree = co_await tree_of(id);
    Result<MergeOutcome> outcome = fail(Code::internal, "");
    if (!tree) outcome = tree.error();
    if (tree) outcome = co_await look(*tree);
    bool can_be = outcome && outcome->text().empty();
    std::string open;
    if (can_be) open = co_await unsaved(*outcome);
    std::vector<FileDiff> diffs;
    if (can_be && open.empty()) {
        diffs = std::move(outcome->diffs);
        auto job = [tree = *tree](std::stop_token stop) { return merge_tree(tree, stop); };
        outcome = co_await async::on_worker(parts_.loop, std::move(job));
    }
    if (!open.empty()) outcome = fail(Code::busy, open);
    is_merging_ = false;
    merged_.wake_first();
    if (outcome && outcome->is_applied) {
        WorktreeMerged merged{id, tree->branch, "changes", paths_of(*outcome), {}, {}};
        merged.diffs = std::move(diffs);
        emit(std::move(merged));
    }
    co_return outcome;
}

async::Task<Result<std::string>> Children::merge(std::string id) {
    if (Result<void> ready = check(MergeChild{id, {}}); !ready) co_return ready.error();
    Result<MergeOutcome> outcome = co_await merge_now(id);
    if (!outcome) co_return outcome.error();
    if (!outcome->is_applied) co_return fail(Code::invalid_argument, outcome->text());
    std::string text = "Merged into the user's files, not committed:";
    for (const git::MergedFile& file : outcome->files) text += "\n- " + file.path;
    co_return text;
}

async::Task<void> Children::run(MergeChild command) {
    const std::string id = command.child_session_id;
    WorktreeMerged refused{id, {}, "refused", {}, {}, {}};
    if (!command.branch.empty()) {
        Result<git::Worktree> tree = co_await tree_of(id);
        Result<void> kept;
        if (!tree) kept = tree.error();
        if (tree) {
            auto job = [tree = *tree, name = command.branch](std::stop_token stop) {
                return keep_branch(tree, name, stop);
            };
            kept = co_await async::on_worker(parts_.loop, std::move(job));
        }
        refused.reason = kept ? "" : kept.error().message;
        if (kept) emit(WorktreeMerged{id, command.branch, "branch", {}, {}, {}});
        if (!kept) emit(std::move(refused));
        co_return;
    }
    Result<MergeOutcome> outcome = co_await merge_now(id);
    if (outcome && outcome->is_applied) co_return;
    refused.reason = outcome ? outcome->text() : outcome.error().message;
    if (outcome) refused.files = paths_of(*outcome);
    emit(std::move(refused));
}

async::Task<void> Children::run(DiscardChild command) {
    const std::string id = command.child_session_id;
    Result<git::Worktree> tree = co_await tree_of(id);
    Result<std::string> rescue = fail(Code::internal, "");
    if (!tree) rescue = tree.error();
    if (tree) {
        auto job = [tree = *tree](std::stop_token stop) { return discard_tree(tree, stop); };
        rescue = co_await async::on_worker(parts_.loop, std::move(job));
    }
    if (rescue) {
        emit(WorktreeMerged{id, tree->branch, "discarded", {}, *rescue, {}});
    } else {
        emit(WorktreeMerged{id, {}, "refused", {}, {}, rescue.error().message});
    }
}

}  // namespace thole
