#include "session/child_work.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/text.hpp"
#include "git/snapshot.hpp"
#include "workspace/files.hpp"

namespace thole {
namespace {

constexpr std::size_t longest_diff = 256 * 1024;
constexpr std::size_t longest_text = 1024 * 1024;

std::string status_of(const git::MergeReport& report) {
    if (report.is_empty()) return "nothing";
    if (report.can_be_applied()) return "clean";
    bool has_conflict = std::any_of(report.files.begin(), report.files.end(), [](const auto& file) {
        return file.verdict == git::Verdict::conflict;
    });
    return has_conflict ? "conflict" : "overlap";
}

// What a file becomes, when both sides are text of a size to look at.
std::optional<FileDiff> diff_of(const git::MergedFile& file, const std::string& from,
                                const std::string& to) {
    auto text_of = [&](const std::string& root) -> std::optional<std::string> {
        Result<std::string> text = read_file(root + "/" + file.path, longest_text);
        if (!text && text.error().code == Code::not_found) return std::string();
        if (!text || looks_binary(*text)) return std::nullopt;
        return *text;
    };
    std::optional<std::string> before = text_of(from), after = text_of(to);
    if (!before || !after || *before == *after) return std::nullopt;
    FileDiff diff;
    diff.path = from + "/" + file.path;
    diff.created = file.status == git::FileStatus::added;
    diff.deleted = file.status == git::FileStatus::deleted;
    diff.old_text = std::move(*before);
    diff.new_text = std::move(*after);
    return diff;
}

Result<MergeOutcome> outcome_of(const git::Worktree& tree, git::MergeReport report,
                                std::stop_token stop) {
    MergeOutcome outcome;
    outcome.status = status_of(report);
    outcome.is_applied = report.is_applied;
    outcome.root = tree.repository;
    const std::string to = report.to;
    outcome.files = std::move(report.files);
    Result<git::Changes> changes = git::changes_of(tree, longest_diff, stop, to);
    if (changes) {
        outcome.changes = std::move(changes->files);
        outcome.diff = std::move(changes->diff);
    }
    if (outcome.is_applied) return outcome;
    for (const git::MergedFile& file : outcome.files) {
        std::optional<FileDiff> diff = diff_of(file, tree.repository, tree.path);
        if (diff) outcome.diffs.push_back(std::move(*diff));
    }
    return outcome;
}

// What came into a tree after its sub-agent had ended, from one of its own sub-agents or by hand,
// belongs to it as well. Nobody works there now, or it is none of our business.
void commit_rest(const git::Worktree& tree, std::stop_token stop) {
    Result<git::Lease> lease = git::Lease::take(tree);
    if (lease) (void)git::commit_all({tree, "Changes from after the sub-agent's end\n", stop});
}

// The same as a commit that no branch knows, for those who only look; "": what the branch holds.
Result<std::string> rest_of(const git::Worktree& tree, std::stop_token stop) {
    Result<git::Lease> lease = git::Lease::take(tree);
    if (!lease) return std::string();
    Result<git::Place> place = tree.place(stop);
    if (!place) return std::string();
    git::SnapshotRequest request{*place};
    request.largest_untracked = std::uint64_t{1} << 40;
    request.stop = stop;
    Result<git::Snapshot> seen = git::take_snapshot(request);
    if (!seen) return seen.error();
    return seen->commit;
}

// The tree of a parent goes when its own work is home.
Result<void> check_origin(const git::Worktree& tree) {
    std::error_code absent;
    if (std::filesystem::is_directory(tree.repository, absent)) return {};
    return fail(Code::not_found,
                "it began from '" + tree.repository +
                    "', which is gone: that work was merged or discarded before; what this one did "
                    "is on " +
                    tree.branch + ", and --as-branch NAME (or git) makes it a branch of yours");
}

// Its work is where it belongs; what cannot go stays, and `thole worktrees` shows it.
void let_go(const git::Worktree& tree, std::stop_token stop) {
    Result<git::Worktree> now = git::read_worktree(tree.record_file());
    (void)git::remove_worktree(now ? *now : tree, {}, stop);
}

}  // namespace

std::string MergeOutcome::text() const {
    if (status == "clean" || status == "nothing") return {};
    std::string text = "Nothing was touched: ";
    text += status == "conflict" ? "there are conflicts.\n" : "files have changed on both sides.\n";
    for (const git::MergedFile& file : files) {
        if (file.why.empty()) continue;
        text += "\n" + file.path + ": " + file.why + "\n";
        if (!file.conflict.empty()) text += file.conflict + "\n";
    }
    return text;
}

Result<git::MadeWorktree> retake_tree(const git::WorktreeRequest& request) {
    Result<git::MadeWorktree> held = held_tree(request);
    bool is_new = !held && held.error().code == Code::not_found;
    return is_new ? git::make_tree(request) : std::move(held);
}

Result<git::MadeWorktree> held_tree(const git::WorktreeRequest& request) {
    Result<git::Worktree> known = git::find_worktree(request.folder, request.id);
    if (!known) return known.error();
    Result<git::Lease> lease = git::Lease::take(*known);
    if (!lease) return lease.error();
    git::MadeWorktree made;
    made.cwd = known->path;
    made.worktree = std::move(*known);
    made.lease = std::move(*lease);
    return made;
}

Result<ChildResult> finish_tree(const git::Worktree& tree, git::Lease lease,
                                const std::string& message, std::stop_token stop) {
    Result<std::string> head = git::commit_all({tree, message, stop});
    if (!head) return head.error();
    ChildResult result;
    result.branch = tree.branch;
    if (*head == tree.base) {
        result.has_nothing = true;
        Result<git::Removal> removed = git::remove_worktree(tree, std::move(lease), stop);
        if (!removed) result.notes.push_back(removed.error().message);
        return result;
    }
    Result<git::Changes> changes = git::changes_of(tree, longest_diff, stop);
    if (!changes) return changes.error();
    result.files = std::move(changes->files);
    result.insertions = changes->insertions;
    result.deletions = changes->deletions;
    result.diff = std::move(changes->diff);
    return result;
}

Result<MergeOutcome> preview_merge(const git::Worktree& tree, std::stop_token stop) {
    if (Result<void> there = check_origin(tree); !there) return there.error();
    Result<std::string> rest = rest_of(tree, stop);
    if (!rest) return rest.error();
    Result<git::MergeReport> report =
        git::merge_preview({.worktree = tree, .to = *rest, .stop = stop});
    if (!report) return report.error();
    return outcome_of(tree, std::move(*report), stop);
}

Result<MergeOutcome> merge_tree(const git::Worktree& tree, std::stop_token stop) {
    commit_rest(tree, stop);
    Result<git::MergeReport> report = git::merge_into({.worktree = tree, .stop = stop});
    if (!report) return report.error();
    Result<MergeOutcome> outcome = outcome_of(tree, std::move(*report), stop);
    if (outcome && outcome->is_applied) let_go(tree, stop);
    return outcome;
}

Result<void> keep_branch(const git::Worktree& tree, const std::string& name, std::stop_token stop) {
    commit_rest(tree, stop);
    Result<void> made = git::merge_as_branch(tree, name, stop);
    if (made) let_go(tree, stop);
    return made;
}

Result<std::string> discard_tree(const git::Worktree& tree, std::stop_token stop) {
    Result<git::Removal> removed = git::remove_worktree(tree, {}, stop);
    if (!removed) return removed.error();
    return removed->rescue;
}

std::string commit_message(const std::string& task, const std::string& id) {
    std::string title = one_line(task.substr(0, task.find('\n')), 72);
    if (!title.empty())
        title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
    return title + "\n\n" + std::string(clip_utf8(trim(task), 4000)) + "\n\nThole-Session: " + id +
           "\n";
}

}  // namespace thole
