#include "git/judge.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "git/beneath.hpp"
#include "git/text_diff.hpp"

namespace thole::git {
namespace {

namespace fs = std::filesystem;

std::string in_quotes(const std::string& path) {
    return "'" + path + "'";
}

class Judging {
public:
    Judging(const Sides& sides, Objects& objects, std::size_t most_conflict_bytes)
        : sides_(sides), objects_(objects), most_conflict_bytes_(most_conflict_bytes) {
        for (const TreeChange& change : sides.theirs) {
            if (!change.after.exists()) removed_.insert(change.path);
        }
    }

    Result<Judgement> run() {
        for (const TreeChange& change : sides_.theirs) {
            Result<MergedFile> file = look_at(change);
            if (!file) return file.error();
            if (file->verdict == Verdict::applies) made_.steps.push_back(step_of(change));
            made_.files.push_back(std::move(*file));
        }
        return std::move(made_);
    }

private:
    Result<MergedFile> look_at(const TreeChange& change) const {
        MergedFile file{change.path, status_of(change)};
        auto users = sides_.ours.find(change.path);
        bool has_user_changed = users != sides_.ours.end();
        if (has_user_changed && users->second == change.after) {
            file.verdict = Verdict::same;
            return file;
        }
        if (has_user_changed) return overlap(std::move(file), change, users->second);
        file.why = obstacle_of(change);
        if (!file.why.empty()) file.verdict = Verdict::obstructed;
        return file;
    }

    // Both have changed it, and not to the same.
    Result<MergedFile> overlap(MergedFile file, const TreeChange& change,
                               const TreeEntry& users) const {
        file.verdict = Verdict::conflict;
        const TreeEntry &base = change.before, &theirs = change.after;
        if (!users.exists() || !theirs.exists()) {
            file.why = users.exists() ? "it was deleted, and you have changed it"
                                      : "you have deleted it, and it was changed";
            return file;
        }
        if (!users.is_file() || !theirs.is_file() || (base.exists() && !base.is_file())) {
            file.why = "you have changed it too, and it is no plain file on both sides";
            return file;
        }
        Result<FileTexts> ours_text = read_texts(objects_, {change.path, {}, base, users});
        if (!ours_text) return ours_text.error();
        Result<FileTexts> their_text = read_texts(objects_, {change.path, {}, base, theirs});
        if (!their_text) return their_text.error();
        if (ours_text->is_binary || their_text->is_binary) {
            file.why = "you have changed it too, and it is no text";
            return file;
        }
        Result<MergedText> merged =
            merge_texts({ours_text->before, ours_text->after, their_text->after, change.path});
        if (!merged) return merged.error();
        if (merged->is_clean) {
            file.verdict = Verdict::both_clean;
            file.why = "you have changed it too; both changes would merge cleanly";
            return file;
        }
        file.why = "you have changed the same lines";
        file.conflict = conflicts_in(merged->text, most_conflict_bytes_);
        return file;
    }

    // "" when the change can be made as it is.
    std::string obstacle_of(const TreeChange& change) const {
        if (!is_plain(change.path)) return "git would not take such a path";
        if (change.before.is_submodule() || change.after.is_submodule()) {
            return "it is a submodule; take its commit over by hand";
        }
        if (std::string way = obstacle_on_way(change); !way.empty()) return way;
        const std::optional<struct stat>& there = sides_.facts.at(change.path);
        if (change.before.exists() == there.has_value()) return {};
        if (!there) return "it is not among your files (a sparse checkout?)";
        if (!S_ISDIR(there->st_mode)) return "a file of yours that git ignores is in its place";
        return obstacle_in_folder(change.path);
    }

    // Links and files where folders should be, folders that may not be written.
    std::string obstacle_on_way(const TreeChange& change) const {
        std::string nearest = sides_.root;
        for (std::size_t slash = change.path.find('/'); slash != std::string::npos;
             slash = change.path.find('/', slash + 1)) {
            std::string part = change.path.substr(0, slash);
            std::optional<struct stat> there = facts_at(sides_.root + "/" + part);
            bool gives_way = !there || removed_.count(part) != 0;
            if (gives_way) break;
            if (S_ISLNK(there->st_mode))
                return in_quotes(part) + " is a link; nothing is written through it";
            if (!S_ISDIR(there->st_mode)) return in_quotes(part) + " is a file of yours";
            nearest = sides_.root + "/" + part;
        }
        bool is_writable = ::faccessat(AT_FDCWD, nearest.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
        return is_writable ? std::string() : in_quotes(nearest) + " may not be written";
    }

    // A file is to be where a folder is: all in there must be what goes.
    std::string obstacle_in_folder(const std::string& folder) const {
        std::error_code failed;
        for (const fs::directory_entry& entry :
             fs::recursive_directory_iterator(sides_.root + "/" + folder, failed)) {
            std::error_code gone;
            if (entry.is_directory(gone) && !entry.is_symlink(gone)) continue;
            std::string path = entry.path().string().substr(sides_.root.size() + 1);
            bool goes = removed_.count(path) != 0 && sides_.ours.count(path) == 0;
            if (!goes) return "a folder of yours with " + in_quotes(path) + " is in its place";
        }
        return failed ? "a folder of yours that cannot be read is in its place" : std::string();
    }

    FileStep step_of(const TreeChange& change) const {
        FileStep step;
        step.path = change.path;
        step.expected = sides_.facts.at(change.path);
        if (step.expected && S_ISDIR(step.expected->st_mode)) step.expected.reset();
        const TreeEntry &before = change.before, &after = change.after;
        if (!after.exists()) {
            step.kind = FileStep::Kind::remove;
            return step;
        }
        bool is_mode_only = before.id == after.id && before.is_file() && after.is_file();
        step.kind = is_mode_only ? FileStep::Kind::set_mode : FileStep::Kind::write;
        if (before.is_file() && after.is_file() && step.expected) {
            step.mode = mode_of(step.expected->st_mode & 07777, after);
        }
        return step;
    }

    // Who may read it stays; whether it can be run is what git knows of modes.
    static mode_t mode_of(mode_t now, const TreeEntry& after) {
        bool can_run = (after.mode & 0100) != 0, could_run = (now & 0100) != 0;
        if (can_run == could_run) return now;
        return can_run ? now | ((now & 0444) >> 2) : now & ~mode_t{0111};
    }

    const Sides& sides_;
    Objects& objects_;
    std::size_t most_conflict_bytes_;
    std::set<std::string> removed_;
    Judgement made_;
};

}  // namespace

FileStatus status_of(const TreeChange& change) {
    const TreeEntry &before = change.before, &after = change.after;
    if (!before.exists()) return FileStatus::added;
    if (!after.exists()) return FileStatus::deleted;
    if (!change.old_path.empty()) return FileStatus::renamed;
    bool is_other_type = (before.mode & 0170000) != (after.mode & 0170000);
    if (is_other_type) return FileStatus::type_changed;
    return before.id == after.id ? FileStatus::mode_changed : FileStatus::modified;
}

Result<Judgement> judge(const Sides& sides, Objects& objects, std::size_t most_conflict_bytes) {
    return Judging(sides, objects, most_conflict_bytes).run();
}

}  // namespace thole::git
