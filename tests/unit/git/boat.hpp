// A repository "boat" with a few files, and a folder "state/worktrees" for trees beside it.
#pragma once
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/sha256.hpp"
#include "git/snapshot.hpp"
#include "git/worktree.hpp"
#include "support/scratch.hpp"

namespace thole::test {

namespace fs = std::filesystem;

class Boat {
public:
    explicit Boat(bool has_files = false)
        : top(scratch / "boat"), folder(scratch / "state/worktrees") {
        ::setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
        fs::create_directories(top);
        git("init --quiet --initial-branch=main");
        git("config user.name T");
        git("config user.email t@localhost");
        git("config gc.auto 0");
        if (!has_files) return;
        write("oar.txt", "one\n");
        write("deep/sail.txt", "white\nwide\n");
        write(".gitignore", "cargo/\n.env\n");
        commit("Start");
    }

    // With oar.txt, deep/sail.txt and an ignored folder "cargo" and file ".env".
    static Boat with_files() { return Boat(true); }

    void write(const std::string& name, const std::string& text) const {
        scratch.write("boat/" + name, text);
    }
    std::string read(const std::string& name) const { return scratch.read("boat/" + name); }
    bool has(const std::string& name) const {
        std::error_code absent;
        return fs::exists(fs::symlink_status(top + "/" + name, absent));
    }
    void remove(const std::string& name) const { fs::remove_all(top + "/" + name); }
    void link(const std::string& target, const std::string& name) const {
        fs::create_symlink(target, top + "/" + name);
    }

    // Runs git in `directory`, which must go well; what it printed without the last line end.
    std::string git_in(const std::string& directory, const std::string& words) const {
        std::string file = scratch / "answer";
        std::string line = "cd '" + directory + "' && ( git " + words + " ) > '" + file + "'";
        INFO(line);
        REQUIRE(std::system(line.c_str()) == 0);
        std::string text = scratch.read("answer");
        if (text.ends_with('\n')) text.pop_back();
        return text;
    }
    std::string git(const std::string& words) const { return git_in(top, words); }
    void commit(const std::string& message) const {
        git("add --all");
        git("commit --quiet --allow-empty -m '" + message + "'");
    }
    // The tree of everything that `git add --all` would take, by another index.
    std::string tree_of_all() const {
        std::string index = scratch / "reference.index";
        fs::remove(index);
        std::error_code absent;
        fs::copy_file(top + "/.git/index", index, absent);
        // With its time, by which git knows what was written right after it.
        if (!absent) fs::last_write_time(index, fs::last_write_time(top + "/.git/index"));
        std::string with = "GIT_INDEX_FILE='" + index + "' ";
        std::string line = "cd '" + top + "' && " + with + "git add --all 2>/dev/null";
        REQUIRE(std::system(line.c_str()) == 0);
        return git_in(top,
                      "rev-parse --verify --quiet HEAD >/dev/null; " + with + "git write-tree");
    }

    Result<git::Place> place() const { return git::find_place(top); }
    Result<git::Snapshot> snapshot() const {
        Result<git::Place> found = place();
        REQUIRE(found);
        return git::take_snapshot({*found});
    }
    git::WorktreeRequest request(const std::string& id) const {
        git::WorktreeRequest wanted;
        wanted.directory = top;
        wanted.folder = folder;
        wanted.id = id;
        return wanted;
    }
    git::MadeWorktree make(const std::string& id) const {
        Result<git::MadeWorktree> made = git::make_worktree(request(id));
        INFO((made ? std::string() : made.error().message));
        REQUIRE(made);
        return std::move(*made);
    }

    // Everything of the user's that must stay as it is.
    std::string footprint() const {
        std::string text = "index " + sha256_hex(scratch.read("boat/.git/index")) + "\nconfig " +
                           scratch.read("boat/.git/config") + "\nHEAD " +
                           scratch.read("boat/.git/HEAD") + "\n";
        text += git(
            "for-each-ref --format='%(refname) %(objectname)' refs/heads refs/tags refs/stash "
            "refs/remotes | grep -v ' refs/heads/thole/' | grep -v '^refs/heads/thole/' || true");
        return text + "\nstatus " +
               git("--no-optional-locks status --porcelain=v2 --untracked-files=all");
    }
    // No lock of ours, nothing of ours beside the user's files.
    bool has_leavings() const {
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(top)) {
            std::string name = entry.path().filename();
            bool is_ours = name.ends_with(".lock") || name.starts_with("thole-") ||
                           name.starts_with(".thole-");
            if (is_ours) return true;
        }
        return false;
    }

    Scratch scratch;
    std::string top, folder;
};

}  // namespace thole::test
