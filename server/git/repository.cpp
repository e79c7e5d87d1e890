#include "git/repository.hpp"

#include <filesystem>
#include <vector>

#include "base/text.hpp"

namespace thole::git {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view branches = "refs/heads/";

bool says(const Answer& answer, std::string_view words) {
    return answer.complaint.find(words) != std::string::npos;
}

bool is_file(const std::string& path) {
    std::error_code absent;
    return fs::is_regular_file(fs::symlink_status(path, absent));
}

// "refs/heads/main", or "HEAD" when it is detached.
void set_branch(Place& place, std::string_view name) {
    if (name.starts_with(branches)) place.branch = name.substr(branches.size());
}

// HEAD without a commit: its branch is still to be born.
Result<void> look_at_unborn_head(const Program& git, Place& place) {
    place.kind = PlaceKind::empty;
    Result<Answer> branch = git.run({"symbolic-ref", "--quiet", "HEAD"});
    if (!branch) return branch.error();
    set_branch(place, trim(branch->text));
    return {};
}

// Only what has a .git file can be the working tree of a submodule as git makes them today.
Result<void> look_above(const Program& git, Place& place) {
    place.is_linked_worktree = place.git_dir != place.common_dir;
    if (place.is_linked_worktree || !is_file(place.top + "/.git")) return {};
    Result<std::string> above = git.line({"rev-parse", "--show-superproject-working-tree"});
    if (!above) return above.error();
    place.is_submodule = !above->empty();
    return {};
}

Error without_repository(const std::string& directory, const Answer& answer) {
    if (says(answer, "dubious ownership")) {
        return fail(Code::denied, "git does not trust the owner of the repository at '" +
                                      directory +
                                      "'; allow it with: git config --global --add "
                                      "safe.directory '" +
                                      directory + "'");
    }
    return fail(Code::corrupt, "cannot use the git repository at '" + directory +
                                   "': " + one_line(to_valid_utf8(answer.complaint), 500));
}

Result<Place> place_in_working_tree(const std::vector<std::string_view>& lines,
                                    std::stop_token stop) {
    Place place;
    place.git_dir = lines[2];
    place.common_dir = lines[3];
    place.object_format = lines[4];
    place.top = lines[5];
    place.inside = lines[6];
    if (place.inside.ends_with('/')) place.inside.pop_back();
    place.index = place.git_dir + "/index";
    place.kind = PlaceKind::normal;
    Program git(place.top, std::move(stop));
    if (lines.size() == 9) {
        place.head = lines[7];
        set_branch(place, lines[8]);
    } else if (Result<void> looked = look_at_unborn_head(git, place); !looked) {
        return looked.error();
    }
    if (Result<void> looked = look_above(git, place); !looked) return looked.error();
    return place;
}

}  // namespace

Program Place::program(std::stop_token stop) const {
    Program git(top, std::move(stop));
    return is_private ? git.in_repository(git_dir, top) : git;
}

Result<Place> find_place(const std::string& directory, std::stop_token stop) {
    // What cannot be answered ends the answers: there is no top without a working tree, and no
    // commit in an empty repository.
    Words words = {
        "rev-parse",     "--path-format=absolute", "--is-bare-repository", "--is-inside-work-tree",
        "--git-dir",     "--git-common-dir",       "--show-object-format", "--show-toplevel",
        "--show-prefix", "HEAD^{commit}",          "--symbolic-full-name", "HEAD"};
    Result<Answer> answer = Program(directory, stop).run(words);
    if (!answer) return answer.error();
    Place place;
    place.top = directory;
    if (says(*answer, "not a git repository (or any")) return place;
    std::vector<std::string_view> lines = split_lines(answer->text);
    if (lines.size() < 2) return without_repository(directory, *answer);
    place.kind = PlaceKind::bare;
    bool has_working_tree = lines[0] == "false" && lines[1] == "true";
    if (!has_working_tree) return place;
    bool is_complete = answer->exit_code == 0 && lines.size() == 9;
    // "HEAD^{commit}" itself is printed before the complaint.
    bool is_unborn = answer->exit_code != 0 && lines.size() <= 8 && lines.size() >= 7;
    if (is_complete || is_unborn) return place_in_working_tree(lines, std::move(stop));
    return fail(Code::invalid_argument, "the path of the git repository at '" + directory +
                                            "' has a line end in it; rename the folder");
}

Result<Place> private_place(const std::string& git_dir, const std::string& top,
                            std::stop_token stop) {
    Place place;
    place.is_private = true;
    place.top = top;
    place.git_dir = place.common_dir = git_dir;
    place.index = git_dir + "/index";
    place.kind = PlaceKind::normal;
    Program git = place.program(std::move(stop));
    Words words = {"rev-parse", "--show-object-format", "HEAD^{commit}", "--symbolic-full-name",
                   "HEAD"};
    Result<Answer> answer = git.run(words);
    if (!answer) return answer.error();
    std::vector<std::string_view> lines = split_lines(answer->text);
    if (lines.empty()) return without_repository(top, *answer);
    place.object_format = lines[0];
    if (answer->exit_code == 0 && lines.size() == 3) {
        place.head = lines[1];
        set_branch(place, lines[2]);
    } else if (Result<void> looked = look_at_unborn_head(git, place); !looked) {
        return looked.error();
    }
    return place;
}

}  // namespace thole::git
