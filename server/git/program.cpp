#include "git/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "async/descriptor.hpp"
#include "base/text.hpp"

namespace thole::git {
namespace {

using async::Descriptor;

// These name no repository; without them git would read another configuration than the user's.
constexpr std::array kept_variables = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM",
                                       "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH",
                                       "GIT_CEILING_DIRECTORIES"};

bool is_kept(std::string_view variable) {
    if (!variable.starts_with("GIT_")) return !variable.starts_with("LC_ALL=");
    std::string_view name = variable.substr(0, variable.find('='));
    return std::find(kept_variables.begin(), kept_variables.end(), name) != kept_variables.end();
}

Words clean_environment() {
    Words kept;
    for (char** one = environ; *one; ++one) {
        if (is_kept(*one)) kept.emplace_back(*one);
    }
    // Messages are looked into; nothing is asked, locked in passing, or fetched.
    for (const char* ours : {"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0",
                             "GIT_NO_LAZY_FETCH=1", "GIT_PAGER=cat", "GIT_EDITOR=false"}) {
        kept.emplace_back(ours);
    }
    return kept;
}

const Words& settings_of_every_run() {
    static const Words settings = {"core.hooksPath=/dev/null",
                                   "core.fsmonitor=false",
                                   "core.splitIndex=false",
                                   "core.quotePath=false",
                                   "gc.auto=0",
                                   "maintenance.auto=false",
                                   "submodule.recurse=false",
                                   "commit.gpgSign=false",
                                   "color.ui=false",
                                   "user.name=thole",
                                   "user.email=thole@localhost",
                                   "i18n.commitEncoding=UTF-8"};
    return settings;
}

std::vector<char*> pointers(Words& words) {
    std::vector<char*> all;
    for (std::string& word : words) all.push_back(word.data());
    all.push_back(nullptr);
    return all;
}

struct Pipe {
    Descriptor reading, writing;

    static Pipe make() {
        int ends[2] = {-1, -1};
        bool is_made = ::pipe2(ends, O_CLOEXEC) == 0;
        return {Descriptor(is_made ? ends[0] : -1), Descriptor(is_made ? ends[1] : -1)};
    }
};

// What posix_spawn is told: our ends of the pipes, the directory, a process group of its own, and
// none of the signal settings of ours.
class SpawnSettings {
public:
    SpawnSettings() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        sigset_t none, pipe;
        ::sigemptyset(&none);
        ::sigemptyset(&pipe);
        ::sigaddset(&pipe, SIGPIPE);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &pipe);
        ::posix_spawnattr_setpgroup(&attributes, 0);
        ::posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

// A git that runs: what it is given and what it says.
class Run {
public:
    Result<void> start(const std::string& directory, Words argv, Words environment) {
        in_ = Pipe::make();
        out_ = Pipe::make();
        error_ = Pipe::make();
        if (!error_.writing.is_open()) return fail(Code::io, "cannot make a pipe for git");
        SpawnSettings settings;
        ::posix_spawn_file_actions_adddup2(&settings.actions, in_.reading.fd(), 0);
        ::posix_spawn_file_actions_adddup2(&settings.actions, out_.writing.fd(), 1);
        ::posix_spawn_file_actions_adddup2(&settings.actions, error_.writing.fd(), 2);
        ::posix_spawn_file_actions_addchdir_np(&settings.actions, directory.c_str());
        int failed = ::posix_spawnp(&pid_, "git", &settings.actions, &settings.attributes,
                                    pointers(argv).data(), pointers(environment).data());
        in_.reading.reset();
        out_.writing.reset();
        error_.writing.reset();
        if (failed == 0) return {};
        if (failed == ENOENT && ::access(directory.c_str(), F_OK) == 0) {
            return fail(Code::not_found, "git is not installed; install it");
        }
        return fail(failed == ENOENT ? Code::not_found : Code::io,
                    "cannot run git in '" + directory + "': " + std::strerror(failed));
    }

    // Until it has said all.
    void talk(std::string_view input, Answer& answer) {
        std::array<pollfd, 3> ends = {pollfd{in_.writing.fd(), POLLOUT, 0},
                                      pollfd{out_.reading.fd(), POLLIN, 0},
                                      pollfd{error_.reading.fd(), POLLIN, 0}};
        ::fcntl(in_.writing.fd(), F_SETFL, O_NONBLOCK);
        while (ends[1].fd >= 0 || ends[2].fd >= 0) {
            if (ends[0].fd >= 0 && input.empty()) close_input(ends[0]);
            if (::poll(ends.data(), ends.size(), -1) < 0) continue;
            if (ends[0].revents != 0 && !give(input)) close_input(ends[0]);
            if (ends[1].revents != 0) take(ends[1], answer.text);
            if (ends[2].revents != 0) take(ends[2], answer.complaint);
        }
    }

    void end() const { ::kill(-pid_, SIGTERM); }

    // -1: a signal ended it.
    int wait() const {
        int status = 0;
        pid_t gone;
        do gone = ::waitpid(pid_, &status, 0);
        while (gone < 0 && errno == EINTR);
        return gone == pid_ && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    void close_input(pollfd& end) {
        in_.writing.reset();
        end.fd = -1;
    }
    bool give(std::string_view& input) const {
        ssize_t sent = ::write(in_.writing.fd(), input.data(), input.size());
        if (sent < 0) return errno == EAGAIN || errno == EINTR;
        input.remove_prefix(static_cast<std::size_t>(sent));
        return true;
    }
    static void take(pollfd& end, std::string& text) {
        char buffer[65536];
        ssize_t got = ::read(end.fd, buffer, sizeof buffer);
        if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) end.fd = -1;
    }

    Pipe in_, out_, error_;
    pid_t pid_ = -1;
};

// What git says of an error, without its own prefixes and hints.
std::string reason_of(const Answer& answer) {
    std::string reason;
    for (std::string_view line : split_lines(answer.complaint)) {
        if (line.starts_with("hint:")) continue;
        for (std::string_view prefix : {"fatal: ", "error: "}) {
            if (line.starts_with(prefix)) line.remove_prefix(prefix.size());
        }
        if (!reason.empty()) reason += "; ";
        reason += line;
    }
    if (reason.empty()) reason = "exit code " + std::to_string(answer.exit_code);
    return one_line(to_valid_utf8(reason), 500);
}

}  // namespace

const std::vector<std::string>& variables_of_repositories() {
    static const std::vector<std::string> names = {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INDEX_VERSION",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_GRAFT_FILE",
        "GIT_SHALLOW_FILE",
        "GIT_REPLACE_REF_BASE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_QUARANTINE_PATH",
        "GIT_ATTR_SOURCE",
        "GIT_REFLOG_ACTION",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_INTERNAL_GETTEXT_TEST_FALLBACKS",
        "GIT_DEFAULT_HASH",
        "GIT_CONFIG",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_COUNT",
        "GIT_LITERAL_PATHSPECS",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
    };
    return names;
}

Program::Program(std::string directory, std::stop_token stop)
    : directory_(std::move(directory)), stop_(std::move(stop)) {}

Program Program::with_index(const std::string& file) const {
    return with_variable("GIT_INDEX_FILE=" + file);
}

Program Program::in_repository(const std::string& git_dir, const std::string& work_tree) const {
    return with_variable("GIT_DIR=" + git_dir).with_variable("GIT_WORK_TREE=" + work_tree);
}

Program Program::with_setting(std::string setting) const {
    Program changed = *this;
    changed.settings_.push_back(std::move(setting));
    return changed;
}

Program Program::with_variable(std::string variable) const {
    Program changed = *this;
    changed.variables_.push_back(std::move(variable));
    return changed;
}

Result<Answer> Program::run(const Words& words, std::string_view input) const {
    if (stop_.stop_requested()) return cancelled();
    Words argv = {"git"}, environment = clean_environment();
    for (const Words* settings : {&settings_of_every_run(), &settings_}) {
        for (const std::string& setting : *settings) argv.insert(argv.end(), {"-c", setting});
    }
    argv.insert(argv.end(), words.begin(), words.end());
    environment.insert(environment.end(), variables_.begin(), variables_.end());
    Run run;
    Result<void> started = run.start(directory_, std::move(argv), std::move(environment));
    if (!started) return started.error();
    Answer answer;
    {
        std::stop_callback on_stop(stop_, [&run] { run.end(); });
        run.talk(input, answer);
    }
    answer.exit_code = run.wait();
    if (stop_.stop_requested()) return cancelled();
    if (answer.exit_code >= 0) return answer;
    return fail(Code::io, "git " + words[0] + " was ended by a signal");
}

Result<std::string> Program::ask(const Words& words, std::string_view input) const {
    Result<Answer> answer = run(words, input);
    if (!answer) return answer.error();
    if (answer->exit_code == 0) return std::move(answer->text);
    bool is_distrusted = answer->complaint.find("dubious ownership") != std::string::npos;
    return fail(is_distrusted ? Code::denied : Code::io,
                "git " + words[0] + ": " + reason_of(*answer));
}

Result<std::string> Program::line(const Words& words) const {
    Result<std::string> text = ask(words);
    if (text && text->ends_with('\n')) text->pop_back();
    return text;
}

std::vector<std::string_view> split_at_nul(std::string_view text) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        std::size_t end = std::min(text.find('\0'), text.size());
        parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

}  // namespace thole::git
