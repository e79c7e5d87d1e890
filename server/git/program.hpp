// The git program: run with our own settings, without the user's GIT_* variables, hooks, pagers and
// prompts, and waited for. Blocking; any thread but the loop's. A value: cheap to copy, owns
// nothing.
#pragma once
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace thole::git {

using Words = std::vector<std::string>;

// The variables that lead git to another repository or index than the one around the current
// directory: to be removed from the environment of whatever works in a worktree of ours.
const std::vector<std::string>& variables_of_repositories();

struct Answer {
    int exit_code = 0;
    std::string text;       // standard output, as it came
    std::string complaint;  // standard error
};

class Program {
public:
    explicit Program(std::string directory, std::stop_token stop = {});

    // The same with another index file, another repository, one more "key=value" of configuration,
    // or one more "NAME=value" in its environment.
    Program with_index(const std::string& file) const;
    Program in_repository(const std::string& git_dir, const std::string& work_tree) const;
    Program with_setting(std::string setting) const;
    Program with_variable(std::string variable) const;

    const std::string& directory() const { return directory_; }

    // Whatever the exit code. Errors: not_found (no git program, or no such directory), cancelled
    // (a stop ends it), io.
    Result<Answer> run(const Words& words, std::string_view input = {}) const;

    // Standard output of a run that must succeed. Errors: those of run(), denied (git does not
    // trust the owner), io with what git said.
    Result<std::string> ask(const Words& words, std::string_view input = {}) const;
    // The same without the last line end.
    Result<std::string> line(const Words& words) const;

private:
    std::string directory_;
    std::stop_token stop_;
    Words settings_, variables_;
};

// The parts of an output of `git … -z`.
std::vector<std::string_view> split_at_nul(std::string_view text);

}  // namespace thole::git
