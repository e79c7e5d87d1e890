#include "git/rescue.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "git/erase.hpp"
#include "git/snapshot.hpp"
#include "workspace/files.hpp"

namespace thole::git {
namespace {

namespace fs = std::filesystem;

using Ids = std::vector<std::string>;

constexpr std::size_t largest_file = std::size_t{1} << 30;

void add_lines(Ids& ids, std::string_view text) {
    for (std::string_view line : split_lines(text)) {
        if (!line.empty()) ids.emplace_back(line);
    }
}

// One repository in the tree: the tree itself, or a submodule.
struct Rescued {
    Place place;
    std::string id;      // of the tree
    std::string branch;  // of the tree; "" in a submodule
    std::string base;    // commit; "" when unknown
    std::vector<std::string> included;
    std::stop_token stop;
};

class Rescuing {
public:
    explicit Rescuing(const Rescued& one)
        : one_(one),
          git_(one.place.program(one.stop)),
          // Seen from the repository, whose HEAD is not that of the tree.
          repository_(Program(one.place.common_dir, one.stop)
                          .with_variable("GIT_DIR=" + one.place.common_dir)) {}

    // With what is in the tree now.
    Result<std::string> keep_all() const {
        SnapshotRequest request{one_.place};
        request.largest_untracked = std::uint64_t{1} << 50;
        request.ignored_too = one_.included;
        request.stop = one_.stop;
        Result<Snapshot> seen = take_snapshot(request);
        if (!seen) return seen.error();
        // What a snapshot cannot hold must not go.
        if (!seen->nested.empty()) {
            return fail(Code::denied, "'" + one_.place.top + "/" + seen->nested[0] +
                                          "' is a git repository of its own; move it away first");
        }
        Ids ids = known_commits(git_, {"HEAD"});
        ids.insert(ids.end(), {seen->commit, one_.place.head});
        return keep_those_of(ids, seen->tree);
    }

    Result<std::string> keep_commits() const {
        Ids ids = known_commits(repository_, {});
        if (ids.empty()) return std::string();
        return keep_those_of(ids, ids[0] + "^{tree}");
    }

private:
    // `tree` is that of the commit which joins them, if there are several.
    Result<std::string> keep_those_of(const Ids& all, const std::string& tree) const {
        Result<Ids> ids = unreachable(all);
        if (!ids) return ids.error();
        if (ids->empty()) return std::string();
        Result<std::string> commit = commit_of(tree, *ids);
        if (!commit) return commit;
        return keep(*commit);
    }

    // Where the branch is, and all that it and `refs` were ever at, as far as it is remembered.
    Ids known_commits(const Program& git, Words refs) const {
        Ids ids;
        if (!one_.branch.empty()) {
            Words tip = {"rev-parse", "--quiet", "--verify",
                         "refs/heads/" + one_.branch + "^{commit}"};
            Result<std::string> id = git.line(tip);
            if (id) {
                ids.push_back(*id);
                refs.push_back("refs/heads/" + one_.branch);
            }
        }
        Words words = {"log", "-g", "--no-show-signature", "--format=%H"};
        words.insert(words.end(), refs.begin(), refs.end());
        words.emplace_back("--");
        if (Result<std::string> text = git.ask(words)) add_lines(ids, *text);
        return ids;
    }

    // Those of them that are neither part of the base nor of any ref of the user's or another
    // tree's, without those that are ancestors of others.
    Result<Ids> unreachable(const Ids& all) const {
        std::string input;
        for (const std::string& id : all) {
            if (!id.empty()) input += id + "\n";
        }
        if (!one_.base.empty()) input += "^" + one_.base + "\n";
        Words words = {"rev-list", "--single-worktree", "--stdin", "--not"};
        if (!one_.branch.empty()) words.push_back("--exclude=refs/heads/" + one_.branch);
        words.insert(words.end(), {"--exclude=refs/thole/*", "--all"});
        Result<std::string> text = repository_.ask(words, input);
        if (!text) return text.error();
        Ids lonely, heads;
        add_lines(lonely, *text);
        for (const std::string& id : all) {
            bool is_lonely = std::find(lonely.begin(), lonely.end(), id) != lonely.end();
            if (is_lonely) heads.push_back(id);
        }
        if (heads.size() < 2) return heads;
        Words independent = {"merge-base", "--independent"};
        independent.insert(independent.end(), heads.begin(), heads.end());
        Result<std::string> rest = repository_.ask(independent);
        if (!rest) return rest.error();
        Ids ids;
        add_lines(ids, *rest);
        return ids;
    }

    Result<std::string> commit_of(const std::string& tree, const Ids& ids) const {
        if (ids.size() == 1) return ids[0];
        Words words = {"commit-tree", tree, "-m", "What was in worktree " + one_.id};
        for (const std::string& id : ids) words.insert(words.end(), {"-p", id});
        return repository_.line(words);
    }

    Result<std::string> keep(const std::string& commit) const {
        std::string name = "refs/thole/rescue/" + one_.id;
        for (int number = 2;; ++number) {
            std::string input = "create " + name + " " + commit + "\n";
            Result<Answer> made = repository_.run({"update-ref", "--stdin"}, input);
            if (!made) return made.error();
            if (made->exit_code == 0) return name;
            Result<Answer> known = repository_.run({"rev-parse", "--quiet", "--verify", name});
            if (!known) return known.error();
            if (trim(known->text) == commit) return name;
            if (known->exit_code != 0) {
                return fail(Code::io,
                            "cannot make " + name + ": " + one_line(made->complaint, 300));
            }
            name = "refs/thole/rescue/" + one_.id + "-" + std::to_string(number);
        }
    }

    const Rescued& one_;
    Program git_, repository_;
};

std::vector<std::string> changed_inclusions(const Worktree& worktree) {
    std::vector<std::string> paths;
    for (const IncludedFile& file : worktree.included) {
        Result<std::string> bytes = read_file(worktree.path + "/" + file.path, largest_file);
        if (bytes && sha256_hex(*bytes) != file.sha256) paths.push_back(file.path);
    }
    return paths;
}

// The commit of a submodule in the base.
std::string base_of(const Place& tree, const std::string& base, const std::string& path) {
    Result<std::string> text = tree.program().line({"ls-tree", "-z", base, "--", path});
    constexpr std::string_view start = "160000 commit ";
    if (!text || !text->starts_with(start)) return {};
    return text->substr(start.size(), text->find('\t') - start.size());
}

Result<void> write_small(const std::string& path, const std::string& text) {
    WriteOptions options;
    options.durable = false;
    return write_file_atomically(path, text, options);
}

// What `git worktree add` writes.
Result<std::string> make_admin_entry(const Worktree& worktree) {
    std::string entry = worktree.common_dir + "/worktrees/" + worktree.id;
    struct stat found {};
    if (::lstat(entry.c_str(), &found) == 0) entry += "-mended";
    if (Result<void> made = make_directories(entry); !made) return made.error();
    Program git = Program(worktree.common_dir).with_variable("GIT_DIR=" + worktree.common_dir);
    Words ask = {"rev-parse", "--quiet", "--verify", "refs/heads/" + worktree.branch};
    Result<Answer> branch = git.run(ask);
    if (!branch) return branch.error();
    bool has_branch = branch->exit_code == 0;
    std::string head = has_branch ? "ref: refs/heads/" + worktree.branch : worktree.base;
    for (auto [name, text] :
         {std::pair<const char*, std::string>{"gitdir", worktree.path + "/.git"},
          {"commondir", "../.."},
          {"HEAD", head}}) {
        Result<void> written = write_small(entry + "/" + name, text + "\n");
        if (!written) return written.error();
    }
    return entry;
}

}  // namespace

Result<void> mend(const Worktree& worktree, std::stop_token stop) {
    if (worktree.place(stop)) return {};
    std::string entry = worktree.kind == TreeKind::copy
                            ? worktree.common_dir
                            : admin_entry_of(worktree.common_dir, worktree.path);
    bool is_new = entry.empty();
    if (is_new) {
        Result<std::string> made = make_admin_entry(worktree);
        if (!made) return made.error();
        entry = *made;
    }
    Result<void> pointed = write_small(worktree.path + "/.git", "gitdir: " + entry + "\n");
    if (!pointed) return pointed;
    Result<Place> place = worktree.place(stop);
    if (!place) return place.error();
    if (!is_new) return {};
    Result<std::string> done = place->program(std::move(stop)).ask({"read-tree", "HEAD"});
    if (!done) return done.error();
    return {};
}

Result<std::string> rescue(const Worktree& worktree, std::stop_token stop) {
    Result<Place> place = worktree.place(stop);
    if (!place) return place.error();
    std::string kept;
    for (const std::string& path : worktree.submodules) {
        std::string top = worktree.path + "/" + path;
        Result<Place> inner = find_place(top, stop);
        bool is_there = inner && inner->has_working_tree() && inner->top == top;
        if (!is_there) continue;
        Rescued one{*inner, worktree.id, {}, base_of(*place, worktree.base, path), {}, stop};
        Result<std::string> ref = Rescuing(one).keep_all();
        if (!ref) return ref;
        if (!ref->empty()) kept = *ref;
    }
    Rescued one{*place, worktree.id, worktree.branch, worktree.base, changed_inclusions(worktree),
                stop};
    Result<std::string> ref = Rescuing(one).keep_all();
    if (!ref || !ref->empty()) return ref;
    return kept;
}

Result<std::string> rescue_commits(const Worktree& worktree, std::stop_token stop) {
    Place place;
    place.top = place.common_dir = place.git_dir = worktree.common_dir;
    place.is_private = true;
    Rescued one{place, worktree.id, worktree.branch, worktree.base, {}, std::move(stop)};
    return Rescuing(one).keep_commits();
}

}  // namespace thole::git
