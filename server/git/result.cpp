#include "git/result.hpp"

#include <cerrno>

#include "base/text.hpp"
#include "git/judge.hpp"
#include "git/objects.hpp"
#include "git/snapshot.hpp"
#include "git/text_diff.hpp"
#include "workspace/diff.hpp"

namespace thole::git {
namespace {

using Ids = std::vector<std::string>;

// One working tree (or that of a submodule) and the commit that it becomes.
class Committing {
public:
    Committing(const CommitRequest& request, Place place)
        : request_(request), place_(std::move(place)), git_(place_.program(request.stop)) {}

    // On `branch`, or where HEAD is when that is "". `base` is what it began with, should the
    // branch be gone.
    Result<std::string> commit(const std::string& branch, const std::string& base) {
        SnapshotRequest snapshot{place_};
        snapshot.is_tree_enough = true;
        snapshot.stop = request_.stop;
        snapshot.largest_untracked = std::uint64_t{1} << 40;
        Result<Snapshot> seen = take_snapshot(snapshot);
        if (!seen) return seen.error();
        Result<Ids> parents = parents_on(branch);
        if (!parents) return parents.error();
        if (parents->empty() && !base.empty()) parents->push_back(base);
        bool is_all_there = parents->size() == 1 && seen->tree == seen->head_tree;
        Result<std::string> made =
            is_all_there ? parents->front() : commit_of(seen->tree, *parents);
        if (!made) return made;
        bool is_there = is_all_there && (branch.empty() || branch == place_.branch);
        if (is_there && seen->is_clean) return made;
        if (Result<void> moved = move_to(*made, branch); !moved) return moved.error();
        return made;
    }

private:
    Result<std::string> resolve(const std::string& name) const {
        Words words = {"rev-parse", "--quiet", "--verify", name + "^{commit}"};
        Result<Answer> answer = git_.run(words);
        if (!answer) return answer.error();
        return answer->exit_code == 0 ? std::string(trim(answer->text)) : std::string();
    }

    // HEAD, and what is on the branch if HEAD does not contain that.
    Result<Ids> parents_on(const std::string& branch) {
        Ids parents;
        if (!place_.head.empty()) parents.push_back(place_.head);
        if (branch.empty() || branch == place_.branch) return parents;
        Result<std::string> tip = resolve("refs/heads/" + branch);
        if (!tip) return tip.error();
        if (tip->empty() || *tip == place_.head) return parents;
        Words words = {"merge-base", "--is-ancestor", *tip, "HEAD"};
        Result<Answer> answer = git_.run(words);
        if (!answer) return answer.error();
        if (answer->exit_code != 0) parents.push_back(*tip);
        return parents;
    }

    Result<std::string> commit_of(const std::string& tree, const Ids& parents) const {
        Words words = {"commit-tree", tree, "-m", request_.message};
        for (const std::string& parent : parents) words.insert(words.end(), {"-p", parent});
        return git_.line(words);
    }

    Result<void> move_to(const std::string& commit, const std::string& branch) const {
        std::string name = branch.empty() ? "HEAD" : "refs/heads/" + branch;
        std::vector<Words> steps = {{"update-ref", "-m", "commit: by thole", name, commit}};
        bool is_elsewhere = !branch.empty() && branch != place_.branch;
        if (is_elsewhere) steps.push_back({"symbolic-ref", "HEAD", name});
        // The index of what was committed; no file is touched.
        steps.push_back({"reset", "--quiet", "--mixed", "--no-refresh"});
        for (const Words& step : steps) {
            if (Result<std::string> done = git_.ask(step); !done) return done.error();
        }
        return {};
    }

    const CommitRequest& request_;
    Place place_;
    Program git_;
};

}  // namespace

std::string_view name_of(FileStatus status) {
    switch (status) {
        case FileStatus::added:
            return "added";
        case FileStatus::modified:
            return "modified";
        case FileStatus::deleted:
            return "deleted";
        case FileStatus::renamed:
            return "renamed";
        case FileStatus::mode_changed:
            return "mode";
        case FileStatus::type_changed:
            return "type";
    }
    return "";
}

Result<std::string> commit_all(const CommitRequest& request) {
    const Worktree& worktree = request.worktree;
    Result<Place> place = worktree.place(request.stop);
    if (!place) return place.error();
    // The deepest first: what holds a submodule records its commit.
    for (auto path = worktree.submodules.rbegin(); path != worktree.submodules.rend(); ++path) {
        std::string top = worktree.path + "/" + *path;
        Result<Place> inner = find_place(top, request.stop);
        bool is_there = inner && inner->has_working_tree() && inner->top == top;
        if (!is_there) continue;
        Result<std::string> made = Committing(request, *inner).commit(inner->branch, {});
        if (!made)
            return fail(made.error().code, "submodule '" + *path + "': " + made.error().message);
    }
    return Committing(request, *place).commit(worktree.branch, worktree.base);
}

Result<Changes> read_changes(const DiffRequest& request) {
    Result<std::unique_ptr<Objects>> objects = Objects::open(request.place, request.stop);
    if (!objects) return objects.error();
    Result<std::vector<TreeChange>> found =
        (*objects)->changes(request.from, request.to, Renames::find);
    if (!found) return found.error();
    Changes changes;
    for (const TreeChange& one : *found) {
        if (request.stop.stop_requested()) return cancelled();
        Result<FileTexts> texts = read_texts(**objects, one);
        if (!texts) return texts.error();
        FileChange file{one.path, one.old_path, status_of(one)};
        DiffStat lines = diff_stat(texts->before, texts->after);
        file.insertions = lines.added;
        file.deletions = lines.removed;
        file.is_binary = texts->is_binary;
        changes.insertions += file.insertions;
        changes.deletions += file.deletions;
        changes.files.push_back(std::move(file));
        if (request.most_bytes == 0 || changes.is_diff_cut) continue;
        std::string part = diff_of(one, *texts);
        changes.is_diff_cut = changes.diff.size() + part.size() > request.most_bytes;
        if (!changes.is_diff_cut) changes.diff += part;
    }
    return changes;
}

Result<std::string> head_of(const Worktree& worktree, std::stop_token stop) {
    Program git = Program(worktree.common_dir, std::move(stop))
                      .with_variable("GIT_DIR=" + worktree.common_dir);
    Words words = {"rev-parse", "--quiet", "--verify",
                   "refs/heads/" + worktree.branch + "^{commit}"};
    Result<Answer> answer = git.run(words);
    if (!answer) return answer.error();
    if (answer->exit_code == 0) return std::string(trim(answer->text));
    return fail(Code::not_found, "branch '" + worktree.branch + "' is gone");
}

Result<Changes> changes_of(const Worktree& worktree, std::size_t most_bytes, std::stop_token stop,
                           const std::string& to) {
    Result<std::string> head = to;
    if (to.empty()) head = head_of(worktree, stop);
    if (!head) return head.error();
    Result<Place> origin = worktree.origin(stop);
    if (!origin) return origin.error();
    return read_changes({*origin, worktree.base, *head, most_bytes, stop});
}

}  // namespace thole::git
