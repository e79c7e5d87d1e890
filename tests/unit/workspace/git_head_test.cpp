#include "workspace/git_head.hpp"

#include <doctest/doctest.h>

#include "unit/workspace/scratch.hpp"

using namespace thole;

TEST_CASE("the branch is read from the repository above") {
    Scratch scratch;
    scratch.write("r/.git/HEAD", "ref: refs/heads/feature/x\n");
    scratch.directory("r/a/b");
    CHECK(current_branch(scratch.path("r/a/b")) == "feature/x");
    CHECK(repository_root(scratch.path("r/a/b")) == scratch.path("r"));
    CHECK(common_git_directory(scratch.path("r")) == scratch.path("r/.git"));
}

TEST_CASE("a detached head shows the beginning of its commit") {
    Scratch scratch;
    scratch.write(".git/HEAD", "0123456789abcdef0123456789abcdef01234567\n");
    CHECK(current_branch(scratch.path()) == "(detached 0123456)");
}

TEST_CASE("a worktree is followed to its repository") {
    Scratch scratch;
    scratch.write("r/.git/worktrees/w/HEAD", "ref: refs/heads/side\n");
    scratch.write("r/.git/worktrees/w/commondir", "../..\n");
    scratch.write("w/.git", "gitdir: ../r/.git/worktrees/w\n");
    CHECK(current_branch(scratch.path("w")) == "side");
    CHECK(common_git_directory(scratch.path("w")) == scratch.path("r/.git"));
}

TEST_CASE("without a repository, or with a broken one, there is no branch") {
    Scratch scratch;
    CHECK(current_branch(scratch.path()) == "");
    CHECK(repository_root(scratch.path()) == "");
    scratch.write(".git/HEAD", "garbage");
    CHECK(current_branch(scratch.path()) == "");
    scratch.write("x/.git", "gitdir: nowhere");
    CHECK(current_branch(scratch.path("x")) == "");
}
