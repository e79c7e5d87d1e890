#include "git/merge.hpp"

#include "base/text.hpp"
#include "git/aside.hpp"
#include "git/judge.hpp"
#include "git/record.hpp"
#include "git/snapshot.hpp"
#include "git/temporary.hpp"

namespace thole::git {
namespace {

class Merging {
public:
    explicit Merging(const MergeRequest& request) : request_(request) {}

    Result<void> compare() {
        const Worktree& worktree = request_.worktree;
        Result<Place> origin = worktree.origin(request_.stop);
        if (!origin) return origin.error();
        place_ = std::move(*origin);
        Result<std::string> head = request_.to;
        if (head->empty()) head = head_of(worktree, request_.stop);
        if (!head) return head.error();
        report_.from = worktree.merged.empty() ? worktree.base : worktree.merged;
        report_.to = *head;
        Result<std::unique_ptr<Objects>> objects = Objects::open(place_, request_.stop);
        if (!objects) return objects.error();
        Result<Sides> sides = both_sides(**objects);
        if (!sides) return sides.error();
        Result<Judgement> judged = judge(*sides, **objects, request_.most_conflict_bytes);
        if (!judged) return judged.error();
        report_.files = std::move(judged->files);
        steps_ = std::move(judged->steps);
        return {};
    }

    Result<void> apply() {
        if (!report_.can_be_applied()) return {};
        Result<TemporaryFolder> fresh = TemporaryFolder::make();
        if (!fresh) return fresh.error();
        if (Result<void> written = write_sources(fresh->path()); !written) return written;
        Result<Aside> aside = Aside::make(place_);
        if (!aside) return aside.error();
        Result<void> applied = apply_all(
            {place_.top, aside->path(), std::move(steps_), request_.writer, request_.stop});
        if (!applied) return applied;
        report_.is_applied = true;
        return remember();
    }

    MergeReport take() { return std::move(report_); }

private:
    Result<Sides> both_sides(Objects& objects) const {
        Sides sides;
        sides.root = place_.top;
        Result<std::vector<TreeChange>> theirs =
            objects.changes(report_.from, report_.to, Renames::leave);
        if (!theirs) return theirs.error();
        sides.theirs = std::move(*theirs);
        for (const TreeChange& change : sides.theirs) {
            sides.facts[change.path] = facts_at(place_.top + "/" + change.path);
        }
        SnapshotRequest request{place_};
        request.stop = request_.stop;
        if (place_.is_private) request.keep_index_at = place_.index;
        Result<Snapshot> now = take_snapshot(request);
        if (!now) return now.error();
        Result<std::vector<TreeChange>> ours =
            objects.changes(report_.from, now->commit, Renames::leave);
        if (!ours) return ours.error();
        for (TreeChange& change : *ours) sides.ours[change.path] = std::move(change.after);
        return sides;
    }

    // The new content as it has to be on the disk, filters applied: git checks it out elsewhere.
    Result<void> write_sources(const std::string& folder) {
        std::string paths;
        for (FileStep& step : steps_) {
            if (step.kind != FileStep::Kind::write) continue;
            paths.append(step.path).push_back('\0');
            step.source = folder + "/files/" + step.path;
        }
        if (paths.empty()) return {};
        Program git = place_.program(request_.stop).with_index(folder + "/index");
        if (auto read = git.ask({"read-tree", report_.to}); !read) return read.error();
        Words write = {"checkout-index", "-z", "--stdin", "--prefix=" + folder + "/files/"};
        if (auto written = git.ask(write, paths); !written) return written.error();
        for (FileStep& step : steps_) {
            if (step.kind != FileStep::Kind::write || step.mode != 0) continue;
            std::optional<struct stat> made = facts_at(step.source);
            if (!made) return fail(Code::io, "git did not write '" + step.path + "'");
            step.mode = made->st_mode & 07777;
        }
        return {};
    }

    // The next merge of this tree begins with what this one brought.
    Result<void> remember() const {
        Result<Worktree> recorded = read_worktree(request_.worktree.record_file());
        if (!recorded) return {};
        recorded->merged = report_.to;
        return write_record(*recorded);
    }

    const MergeRequest& request_;
    Place place_;
    std::vector<FileStep> steps_;
    MergeReport report_;
};

}  // namespace

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::applies:
            return "applies";
        case Verdict::same:
            return "same";
        case Verdict::both_clean:
            return "both_clean";
        case Verdict::conflict:
            return "conflict";
        case Verdict::obstructed:
            return "obstructed";
    }
    return "";
}

bool MergeReport::can_be_applied() const {
    for (const MergedFile& file : files) {
        if (file.verdict != Verdict::applies && file.verdict != Verdict::same) return false;
    }
    return true;
}

Result<MergeReport> merge_preview(const MergeRequest& request) {
    Merging merging(request);
    if (Result<void> compared = merging.compare(); !compared) return compared.error();
    return merging.take();
}

Result<MergeReport> merge_into(const MergeRequest& request) {
    Merging merging(request);
    if (Result<void> compared = merging.compare(); !compared) return compared.error();
    if (Result<void> applied = merging.apply(); !applied) return applied.error();
    return merging.take();
}

Result<void> merge_as_branch(const Worktree& worktree, const std::string& name,
                             std::stop_token stop) {
    if (worktree.kind == TreeKind::copy) {
        return fail(Code::invalid_argument, "cannot make branch '" + name + "': '" +
                                                worktree.repository + "' is in no git repository");
    }
    Result<std::string> head = head_of(worktree, stop);
    if (!head) return head.error();
    Program git = Program(worktree.common_dir, std::move(stop))
                      .with_variable("GIT_DIR=" + worktree.common_dir);
    Result<Answer> valid = git.run({"check-ref-format", "--branch", name});
    if (!valid) return valid.error();
    if (valid->exit_code != 0 || name.starts_with('@')) {
        return fail(Code::invalid_argument, "'" + name + "' is no name for a branch");
    }
    std::string input = "create refs/heads/" + name + " " + *head + "\n";
    Result<Answer> made = git.run({"update-ref", "--stdin"}, input);
    if (!made) return made.error();
    if (made->exit_code == 0) return {};
    bool is_taken = made->complaint.find("exists") != std::string::npos;
    return fail(is_taken ? Code::exists : Code::io,
                "cannot make branch '" + name + "': " + one_line(made->complaint, 300));
}

}  // namespace thole::git
