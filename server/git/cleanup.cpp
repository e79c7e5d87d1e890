#include "git/cleanup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "git/erase.hpp"
#include "git/record.hpp"
#include "git/rescue.hpp"
#include "git/result.hpp"
#include "git/size.hpp"
#include "git/status.hpp"
#include "workspace/files.hpp"
#include "workspace/roots.hpp"

namespace thole::git {
namespace {

namespace fs = std::filesystem;

bool is_folder(const std::string& path) {
    struct stat found {};
    return ::lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

std::uint64_t bytes_in(const std::string& folder, const std::stop_token& stop) {
    std::uint64_t bytes = 0;
    std::error_code failed;
    constexpr auto options = fs::directory_options::skip_permission_denied;
    for (auto at = fs::recursive_directory_iterator(folder, options, failed);
         at != fs::recursive_directory_iterator(); at.increment(failed)) {
        struct stat found {};
        if (failed || stop.stop_requested()) break;
        if (::lstat(at->path().c_str(), &found) != 0) continue;
        bytes += static_cast<std::uint64_t>(found.st_blocks) * 512;
    }
    return bytes;
}

void condemn(WorktreeState& state, Condition condition, std::string fault) {
    state.condition = condition;
    state.fault = std::move(fault);
}

// What can be known without its repository.
WorktreeState state_at(const std::string& path) {
    WorktreeState state;
    Result<Worktree> recorded = read_worktree(path + ".json");
    if (recorded) state.worktree = std::move(*recorded);
    state.worktree.path = path;
    state.worktree.id = fs::path(path).filename();
    state.is_in_use = is_leased(state.worktree);
    if (!recorded && recorded.error().code == Code::not_found) {
        condemn(state, Condition::unrecorded, "there is no record of what it is");
    } else if (!recorded) {
        condemn(state, Condition::unrecorded, recorded.error().message);
    }
    return state;
}

Result<void> look_into(WorktreeState& state, const std::stop_token& stop) {
    const Worktree& worktree = state.worktree;
    if (!is_folder(worktree.common_dir)) {
        condemn(state, Condition::repository_gone,
                "its repository '" + worktree.common_dir +
                    "' is gone or was moved; move it back, or "
                    "run 'git worktree repair " +
                    worktree.path + "' there");
        return {};
    }
    Result<std::string> head = head_of(worktree, stop);
    if (head) state.head = *head;
    if (!head && head.error().code != Code::not_found) return head.error();
    if (!is_folder(worktree.path)) {
        condemn(state, Condition::tree_gone, "its folder was removed");
        return {};
    }
    Result<Place> place = worktree.place(stop);
    if (!place && place.error().code == Code::cancelled) return place.error();
    if (!place || place->common_dir != worktree.common_dir) {
        std::string why = place ? "it belongs to another repository" : place.error().message;
        condemn(state, Condition::damaged, std::move(why));
        return {};
    }
    Result<Status> status = read_status(place->program(stop));
    if (status) {
        state.is_clean = status->is_clean() && (state.head.empty() || place->head == state.head);
    } else if (status.error().code == Code::cancelled) {
        return status.error();
    } else {
        condemn(state, Condition::damaged, status.error().message);
    }
    return {};
}

void mark_needed(std::vector<WorktreeState>& states) {
    for (const WorktreeState& child : states) {
        if (!child.is_in_use) continue;
        for (WorktreeState& parent : states) {
            bool is_parent = !child.worktree.repository.empty() &&
                             is_below(child.worktree.repository, parent.worktree.path);
            if (is_parent) parent.is_needed = true;
        }
    }
}

// The work of a copy is in its own repository, which is put aside.
Result<std::string> keep_private_repository(const Worktree& worktree) {
    std::string folder = worktree.folder() + "/.rescued";
    if (Result<void> made = make_private_directory(folder); !made) return made.error();
    std::string place = folder + "/" + worktree.id + ".git";
    if (::rename(worktree.common_dir.c_str(), place.c_str()) == 0) return place;
    return system_error(errno, "keep", worktree.common_dir);
}

Result<bool> is_needed(const Worktree& worktree) {
    for (const std::string& path : paths_below(worktree.folder())) {
        Result<Worktree> other = read_worktree(path + ".json");
        bool is_child =
            other && other->path != worktree.path && is_below(other->repository, worktree.path);
        if (is_child && is_leased(*other)) return true;
    }
    return false;
}

Result<std::string> rescue_all(const Worktree& worktree, const std::stop_token& stop) {
    if (!is_folder(worktree.path)) return rescue_commits(worktree, stop);
    if (Result<void> mended = mend(worktree, stop); !mended) return mended.error();
    return rescue(worktree, stop);
}

Error kept(const Worktree& worktree, const Error& why) {
    return fail(why.code, "worktree '" + worktree.id + "' is kept: " + why.message);
}

class Pruning {
public:
    explicit Pruning(const PruneRequest& request) : request_(request) {}

    Result<PruneReport> run() {
        bool is_limited = request_.most_bytes > 0;
        Result<std::vector<WorktreeState>> states =
            list_worktrees({request_.folder, {}, is_limited, request_.stop});
        if (!states) return states.error();
        std::vector<WorktreeState> rest;
        for (WorktreeState& state : *states) {
            if (request_.stop.stop_requested()) return cancelled();
            if (!tidy(state)) rest.push_back(std::move(state));
        }
        for (const WorktreeState& state : rest) report_.bytes += state.bytes;
        if (is_limited) shrink(rest);
        empty_trash(request_.folder, request_.stop);
        return std::move(report_);
    }

private:
    // True: it is gone.
    bool tidy(const WorktreeState& state) {
        if (state.is_in_use || state.is_needed) return false;
        switch (state.condition) {
            case Condition::sound:
            case Condition::damaged:
                return state.has_nothing() && remove(state);
            case Condition::tree_gone:
                return forget(state);
            case Condition::unrecorded:
                return sweep(state);
            case Condition::repository_gone:
                note(state, state.fault);
                return false;
        }
        return false;
    }

    bool remove(const WorktreeState& state) {
        Result<Removal> removal = remove_worktree(state.worktree, {}, request_.stop);
        if (removal) {
            report_.removed.push_back({state.worktree.id, state.worktree.path, removal->rescue});
        } else {
            report_.notes.push_back(removal.error().message);
        }
        return removal.has_value();
    }

    // Without its folder only commits are left; they stay on the branch.
    bool forget(const WorktreeState& state) {
        if (!state.has_commits() || state.is_merged()) return remove(state);
        Result<void> forgotten = remove_admin_entry(state.worktree.common_dir, state.worktree.path);
        if (!forgotten) note(state, forgotten.error().message);
        note(state, state.fault + "; its commits are on branch '" + state.worktree.branch + "'");
        return false;
    }

    // What an interrupted making leaves: a lock, and of a copy an empty repository.
    bool sweep(const WorktreeState& state) {
        const std::string& path = state.worktree.path;
        std::error_code absent;
        bool has_files = false;
        for (const fs::directory_entry& entry : fs::directory_iterator(path, absent)) {
            has_files |= entry.path().filename() != ".git";
        }
        bool has_record = fs::exists(path + ".json", absent);
        if (has_files || has_record) {
            note(state, state.fault);
            return false;
        }
        Worktree remains = state.worktree;
        remains.kind = TreeKind::copy;
        remains.common_dir = path + ".git";
        Result<void> erased = erase_worktree(remains);
        if (!erased) note(state, erased.error().message);
        return erased.has_value();
    }

    void shrink(std::vector<WorktreeState>& rest) {
        std::stable_sort(rest.begin(), rest.end(), [](const auto& a, const auto& b) {
            return a.worktree.created < b.worktree.created;
        });
        for (const WorktreeState& state : rest) {
            if (report_.bytes <= request_.most_bytes) return;
            bool may_go = state.condition == Condition::sound && state.is_clean &&
                          !state.is_in_use && !state.is_needed;
            if (may_go && remove(state)) report_.bytes -= state.bytes;
        }
        if (report_.bytes <= request_.most_bytes) return;
        report_.notes.push_back("the worktrees take " + shown_size(report_.bytes) +
                                ", more than the limit of " + shown_size(request_.most_bytes) +
                                ": the rest is in use or has changes; merge or discard them");
    }

    void note(const WorktreeState& state, const std::string& why) {
        report_.notes.push_back("worktree '" + state.worktree.id + "' is kept: " + why);
    }

    const PruneRequest& request_;
    PruneReport report_;
};

}  // namespace

std::string_view name_of(Condition condition) {
    switch (condition) {
        case Condition::sound:
            return "sound";
        case Condition::damaged:
            return "damaged";
        case Condition::tree_gone:
            return "tree gone";
        case Condition::repository_gone:
            return "repository gone";
        case Condition::unrecorded:
            return "unrecorded";
    }
    return "";
}

Result<std::vector<WorktreeState>> list_worktrees(const ListRequest& request) {
    std::vector<WorktreeState> states;
    for (const std::string& path : paths_below(request.folder)) {
        if (request.stop.stop_requested()) return cancelled();
        WorktreeState state = state_at(path);
        bool is_other =
            !request.common_dir.empty() && state.worktree.common_dir != request.common_dir;
        if (is_other && !state.is_in_use) continue;
        if (state.condition == Condition::sound) {
            if (Result<void> looked = look_into(state, request.stop); !looked)
                return looked.error();
        }
        if (request.with_sizes) state.bytes = bytes_in(path, request.stop);
        states.push_back(std::move(state));
    }
    mark_needed(states);
    std::erase_if(states, [&](const WorktreeState& state) {
        return !request.common_dir.empty() && state.worktree.common_dir != request.common_dir;
    });
    return states;
}

Result<Removal> remove_worktree(const Worktree& worktree, Lease lease, std::stop_token stop) {
    if (!lease.is_held()) {
        Result<Lease> taken = Lease::take(worktree);
        if (!taken) return taken.error();
        lease = std::move(*taken);
    }
    Result<bool> needed = is_needed(worktree);
    if (!needed) return needed.error();
    if (*needed) {
        return kept(worktree, fail(Code::busy, "a sub-agent that began from it is at work"));
    }
    if (!is_folder(worktree.common_dir)) {
        return kept(worktree, fail(Code::not_found, "its repository '" + worktree.common_dir +
                                                        "' is gone, so nothing could be rescued"));
    }
    Result<std::string> ref = rescue_all(worktree, stop);
    if (!ref) return kept(worktree, ref.error());
    Removal removal{*ref};
    bool is_put_aside = worktree.kind == TreeKind::copy && !removal.rescue.empty();
    if (is_put_aside) {
        Result<std::string> place = keep_private_repository(worktree);
        if (!place) return kept(worktree, place.error());
        removal.rescue = *place;
    }
    if (Result<void> erased = erase_worktree(worktree); !erased)
        return kept(worktree, erased.error());
    return removal;
}

Result<PruneReport> prune(const PruneRequest& request) {
    return Pruning(request).run();
}

void empty_trash(const std::string& folder, std::stop_token stop) {
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder + "/.trash", failed)) {
        if (stop.stop_requested()) return;
        std::error_code gone;
        fs::remove_all(entry.path(), gone);
    }
}

}  // namespace thole::git
