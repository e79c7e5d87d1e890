#include "git/checkout.hpp"

#include <sys/stat.h>

#include <thread>

#include "base/text.hpp"

namespace thole::git {
namespace {

struct Gitlink {
    std::string path, commit;
};

// "160000 <commit> 0\tpath"
Result<std::vector<Gitlink>> gitlinks_in(const Program& git) {
    Result<std::string> text = git.ask({"ls-files", "--stage", "-z"});
    if (!text) return text.error();
    std::vector<Gitlink> links;
    for (std::string_view line : split_at_nul(*text)) {
        std::size_t tab = line.find('\t');
        if (!line.starts_with("160000 ") || tab == line.npos) continue;
        std::string_view commit = line.substr(7, line.find(' ', 7) - 7);
        links.push_back({std::string(line.substr(tab + 1)), std::string(commit)});
    }
    return links;
}

Result<void> check_out_one(const Place& inner, const std::string& path, const Gitlink& link,
                           std::stop_token stop) {
    Words words = {"worktree", "add", "--quiet", "--detach", "--no-checkout", path, link.commit};
    Result<std::string> added = inner.program(stop).ask(words);
    if (!added) return added.error();
    return check_out(Program(path, std::move(stop)));
}

bool is_there(const std::string& path) {
    struct stat found {};
    return ::lstat(path.c_str(), &found) == 0;
}

}  // namespace

Result<void> check_out(const Program& git) {
    std::string workers = std::to_string(std::min(std::thread::hardware_concurrency(), 8u));
    Result<std::string> done = git.with_variable("GIT_LFS_SKIP_SMUDGE=1")
                                   .with_setting("checkout.workers=" + workers)
                                   .ask({"reset", "--hard", "--quiet", "--no-recurse-submodules"});
    if (!done) return done.error();
    return {};
}

Result<Submodules> check_out_submodules(const Place& from, const std::string& to,
                                        std::stop_token stop) {
    Submodules all;
    if (!is_there(to + "/.gitmodules")) return all;
    Result<std::vector<Gitlink>> links = gitlinks_in(Program(to, stop));
    if (!links) return links.error();
    for (const Gitlink& link : *links) {
        std::string place = from.top + "/" + link.path, path = to + "/" + link.path;
        Result<Place> inner = find_place(place, stop);
        bool is_here = inner && inner->has_working_tree() && inner->top == place;
        // What the user has not checked out is not checked out.
        if (!is_here) continue;
        Result<void> made = check_out_one(*inner, path, link, stop);
        if (!made && made.error().code == Code::cancelled) return made.error();
        if (!made) {
            all.notes.push_back("submodule '" + link.path +
                                "' is left out: " + made.error().message);
            continue;
        }
        all.paths.push_back(link.path);
        Result<Submodules> deeper = check_out_submodules(*inner, path, stop);
        if (!deeper) return deeper;
        for (std::string& one : deeper->paths) all.paths.push_back(link.path + "/" + one);
        for (std::string& note : deeper->notes) all.notes.push_back(link.path + ": " + note);
    }
    return all;
}

}  // namespace thole::git
