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

// Commit and branch of HEAD.
Result<void> look_at_head(const Program& git, Place& place) {
    Words words = {"rev-parse", "--quiet", "--verify", "HEAD^{commit}"};
    Result<Answer> commit = git.run(words);
    if (!commit) return commit.error();
    place.kind = commit->exit_code == 0 ? PlaceKind::normal : PlaceKind::empty;
    if (commit->exit_code == 0) place.head = trim(commit->text);
    Result<Answer> branch = git.run({"symbolic-ref", "--quiet", "HEAD"});
    if (!branch) return branch.error();
    std::string_view name = trim(branch->text);
    if (branch->exit_code == 0 && name.starts_with(branches)) {
        place.branch = name.substr(branches.size());
    }
    return {};
}

// Only what has a .git file can be the working tree of a submodule as git makes them today.
Result<void> look_above(const Program& git, Place& place) {
    place.is_linked_worktree = place.git_dir != place.common_dir;
    if (!is_file(place.top + "/.git")) return {};
    Result<std::string> above = git.line({"rev-parse", "--show-superproject-working-tree"});
    if (!above) return above.error();
    place.is_submodule = !above->empty();
    return {};
}

Error without_repository(const std::string& directory, const Answer& answer) {
    if (says(answer, "dubious ownership")) {
        return fail(Code::denied, "git does not trust the owner of the repository at '" + directory +
                                      "'; allow it with: git config --global --add "
                                      "safe.directory '" +
                                      directory + "'");
    }
    return fail(Code::corrupt, "cannot use the git repository at '" + directory +
                                   "': " + one_line(to_valid_utf8(answer.complaint), 500));
}

Result<Place> place_in_working_tree(const std::string& directory, std::stop_token stop) {
    Words words = {"rev-parse",         "--path-format=absolute", "--git-dir", "--git-common-dir",
                   "--show-object-format", "--show-toplevel",     "--show-prefix"};
    Result<std::string> text = Program(directory, stop).ask(words);
    if (!text) return text.error();
    std::vector<std::string_view> lines = split_lines(*text);
    if (lines.size() < 4 || lines.size() > 5) {
        return fail(Code::invalid_argument, "the path of the git repository at '" + directory +
                                                "' has a line end in it; rename the folder");
    }
    Place place;
    place.git_dir = lines[0];
    place.index = place.git_dir + "/index";
    place.common_dir = lines[1];
    place.object_format = lines[2];
    place.top = lines[3];
    if (lines.size() == 5) place.inside = lines[4];
    if (place.inside.ends_with('/')) place.inside.pop_back();
    Program git(place.top, stop);
    if (Result<void> looked = look_at_head(git, place); !looked) return looked.error();
    if (Result<void> looked = look_above(git, place); !looked) return looked.error();
    return place;
}

}  // namespace

Program Place::program(std::stop_token stop) const {
    Program git(top, std::move(stop));
    return is_private ? git.in_repository(git_dir, top) : git;
}

Result<Place> find_place(const std::string& directory, std::stop_token stop) {
    Words words = {"rev-parse", "--is-bare-repository", "--is-inside-work-tree"};
    Result<Answer> answer = Program(directory, stop).run(words);
    if (!answer) return answer.error();
    Place place;
    place.top = directory;
    if (says(*answer, "not a git repository (or any")) return place;
    if (answer->exit_code != 0) return without_repository(directory, *answer);
    if (answer->text == "false\ntrue\n") return place_in_working_tree(directory, std::move(stop));
    place.kind = PlaceKind::bare;
    return place;
}

Result<Place> private_place(const std::string& git_dir, const std::string& top,
                            std::stop_token stop) {
    Place place;
    place.is_private = true;
    place.top = top;
    place.git_dir = place.common_dir = git_dir;
    place.index = git_dir + "/index";
    Result<std::string> format =
        place.program(stop).line({"rev-parse", "--show-object-format"});
    if (!format) return format.error();
    place.object_format = *format;
    Result<void> looked = look_at_head(place.program(std::move(stop)), place);
    if (!looked) return looked.error();
    return place;
}

}  // namespace thole::git
