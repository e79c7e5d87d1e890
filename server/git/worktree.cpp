#include "git/worktree.hpp"

#include <unistd.h>

#include <filesystem>
#include <vector>

#include "async/process.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"

namespace thole::git {
namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

// Our environment without what would lead git to another repository.
Words environment_with(const std::string& index) {
    Words kept;
    for (char** one = environ; *one; ++one) {
        std::string variable = *one;
        bool is_of_git = variable.rfind("GIT_", 0) == 0;
        if (!is_of_git) kept.push_back(std::move(variable));
    }
    kept.emplace_back("GIT_TERMINAL_PROMPT=0");
    if (!index.empty()) kept.push_back("GIT_INDEX_FILE=" + index);
    return kept;
}

// One repository, asked by the git program.
class Git {
public:
    Git(async::Loop& loop, std::string directory) : loop_(loop), directory_(std::move(directory)) {}

    void use_index(std::string file) { index_ = std::move(file); }
    void stand_in(std::string directory) { directory_ = std::move(directory); }

    // What git printed, trimmed. Errors: not_found (no git), io.
    async::Task<Result<std::string>> ask(Words words) {
        async::ProcessOptions options;
        // No hook of the repository runs for what is not the user's doing.
        options.argv = {"git",
                        "-c",
                        "core.hooksPath=/dev/null",
                        "-c",
                        "user.name=thole",
                        "-c",
                        "user.email=thole@localhost"};
        options.argv.insert(options.argv.end(), words.begin(), words.end());
        options.cwd = directory_;
        options.env = environment_with(index_);
        std::string out, complaint;
        async::OutputSink sink = [&](async::Stream stream, std::string_view text) {
            (stream == async::Stream::out ? out : complaint) += text;
        };
        Result<std::unique_ptr<async::Process>> process =
            async::Process::spawn(loop_, std::move(options), std::move(sink));
        if (!process) co_return process.error();
        async::Exit exit = co_await (*process)->wait();
        if (exit == async::Exit{}) co_return std::string(trim(out));
        co_return fail(Code::io, "git " + words[0] + ": " + one_line(complaint, 500));
    }

private:
    async::Loop& loop_;
    std::string directory_, index_;
};

// A copy of the user's index, so that git need not read every file again.
struct TemporaryIndex {
    explicit TemporaryIndex(std::string at) : path(std::move(at)) {}
    ~TemporaryIndex() {
        std::error_code ignored;
        fs::remove(path, ignored);
        fs::remove(path + ".lock", ignored);
    }
    TemporaryIndex(const TemporaryIndex&) = delete;
    TemporaryIndex& operator=(const TemporaryIndex&) = delete;

    std::string path;
};

// The commit that holds what the user sees; HEAD itself when there is nothing else.
async::Task<Result<std::string>> snapshot(Git& git, std::string index, std::string name) {
    Words parse_head = {"rev-parse", "--verify", "--quiet", "HEAD"};
    Result<std::string> head = co_await git.ask(std::move(parse_head));
    Words index_path = {"rev-parse", "--path-format=absolute", "--git-path", "index"};
    Result<std::string> users = co_await git.ask(std::move(index_path));
    if (!users) co_return users.error();
    std::error_code absent;
    fs::copy_file(*users, index, absent);
    git.use_index(std::move(index));
    Words add = {"add", "--all"};
    Result<std::string> added = co_await git.ask(std::move(add));
    if (!added) co_return added.error();
    Words write = {"write-tree"};
    Result<std::string> tree = co_await git.ask(std::move(write));
    if (!tree) co_return tree.error();
    Words commit = {"commit-tree", *tree, "-m", "What was there when thole/" + name + " began"};
    if (head) {
        Words parse_tree = {"rev-parse", *head + "^{tree}"};
        Result<std::string> known = co_await git.ask(std::move(parse_tree));
        if (known && *known == *tree) co_return *head;
        commit.insert(commit.end(), {"-p", *head});
    }
    co_return co_await git.ask(std::move(commit));
}

Result<std::string> make_folder(const std::string& folder, const std::string& top) {
    std::string place = fs::path(top).filename().string() + "-" + sha256_hex(top).substr(0, 8);
    fs::path made = fs::path(folder) / place;
    std::error_code failed;
    fs::create_directories(made, failed);
    if (!failed) fs::permissions(made, fs::perms::owner_all, failed);
    if (!failed) fs::permissions(folder, fs::perms::owner_all, failed);
    if (!failed) return made.string();
    return fail(Code::io, "cannot make " + made.string() + " for worktrees: " + failed.message());
}

Error cannot(const std::string& name, const Error& why) {
    return fail(why.code, "cannot make worktree '" + name + "': " + why.message);
}

}  // namespace

async::Task<Result<Worktree>> add_worktree(async::Loop& loop, WorktreeRequest request) {
    Git git(loop, request.cwd);
    Words find_top = {"rev-parse", "--show-toplevel"};
    Result<std::string> top = co_await git.ask(std::move(find_top));
    if (!top && top.error().code == Code::io) {
        co_return fail(Code::not_found, "cannot make worktree '" + request.name +
                                            "': " + request.cwd + " is in no git repository");
    }
    if (!top) co_return cannot(request.name, top.error());
    Result<std::string> folder = make_folder(request.folder, *top);
    if (!folder) co_return folder.error();
    Worktree made{*folder + "/" + request.name, {}, "thole/" + request.name, *top};
    std::error_code unknown;
    if (fs::exists(made.top, unknown)) {
        co_return fail(Code::exists, "cannot make worktree '" + request.name + "': " + made.top +
                                         " is there already");
    }
    git.stand_in(*top);
    TemporaryIndex index(*folder + "/." + request.name + ".index");
    Result<std::string> commit = co_await snapshot(git, index.path, request.name);
    if (!commit) co_return cannot(request.name, commit.error());
    git.use_index({});
    Words add = {"worktree", "add", "--quiet", "-b", made.branch, made.top, *commit};
    Result<std::string> added = co_await git.ask(std::move(add));
    if (!added) co_return cannot(request.name, added.error());
    fs::path inside = fs::relative(request.cwd, *top, unknown);
    made.cwd = (fs::path(made.top) / inside).lexically_normal().string();
    if (made.cwd.back() == '/') made.cwd.pop_back();
    if (!fs::is_directory(made.cwd, unknown)) made.cwd = made.top;
    co_return made;
}

async::Task<Result<void>> drop_worktree(async::Loop& loop, Worktree worktree) {
    Git git(loop, worktree.repository);
    Words remove = {"worktree", "remove", worktree.top};
    Result<std::string> removed = co_await git.ask(std::move(remove));
    if (!removed) co_return removed.error();
    Words forget = {"branch", "--quiet", "-D", worktree.branch};
    Result<std::string> forgotten = co_await git.ask(std::move(forget));
    if (!forgotten) co_return forgotten.error();
    co_return Result<void>();
}

}  // namespace thole::git
