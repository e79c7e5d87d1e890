#include "async/process_start.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "async/supervise.hpp"

namespace thole::async {

namespace {

Error cannot_run(const ProcessOptions& options, Code code, const std::string& why) {
    return fail(code, "cannot run '" + options.argv[0] + "': " + why);
}

Error fault(const ProcessOptions& options, int error) {
    if (error == ENOENT || error == ENOTDIR) {
        return cannot_run(options, Code::not_found, "no such program");
    }
    if (error == EACCES || error == EPERM) {
        return cannot_run(options, Code::denied, "it is not executable, or may not be entered");
    }
    return cannot_run(options, Code::io, std::strerror(error));
}

bool is_folder(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// 0, or the errno that running it would give.
int fault_of(const std::string& file, const std::string& cwd) {
    std::string path = file.starts_with('/') || cwd.empty() ? file : cwd + "/" + file;
    if (::access(path.c_str(), X_OK) != 0) return errno;
    return is_folder(path) ? EACCES : 0;
}

std::string search_path(const std::vector<std::string>& environment) {
    for (const std::string& entry : environment) {
        if (entry.starts_with("PATH=")) return entry.substr(5);
    }
    const char* ours = environment.empty() ? std::getenv("PATH") : nullptr;
    return ours ? ours : "/bin:/usr/bin";
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    list.reserve(texts.size() + 1);
    for (auto& text : texts) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

// What posix_spawn is to do in the child: descriptors, folder, signals.
class SpawnPlan {
public:
    SpawnPlan(const ProcessOptions& options, const ChildEnds& ends) {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        place(ends.in, STDIN_FILENO);
        place(ends.out, STDOUT_FILENO);
        place(ends.err, STDERR_FILENO);
        place(ends.control, supervise_control_fd);
        if (!options.cwd.empty()) {
            posix_spawn_file_actions_addchdir_np(&actions, options.cwd.c_str());
        }
        sigset_t every;
        sigfillset(&every);
        posix_spawnattr_setsigdefault(&attributes, &every);
        posix_spawnattr_setsigmask(&attributes, &every);
        posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    }
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

private:
    void place(const Descriptor& end, int fd) {
        if (end.is_open()) {
            posix_spawn_file_actions_adddup2(&actions, end.fd(), fd);
        } else {
            posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDONLY, 0);
        }
    }
};

}  // namespace

Result<std::string> find_program(const ProcessOptions& options) {
    const std::string& name = options.argv[0];
    if (!options.cwd.empty() && !is_folder(options.cwd)) {
        return cannot_run(options, Code::not_found, "there is no folder '" + options.cwd + "'");
    }
    if (name.find('/') != std::string::npos) {
        int error = fault_of(name, options.cwd);
        if (error != 0) return fault(options, error);
        return name;
    }
    int last_error = ENOENT;
    std::string folders = search_path(options.env) + ":";
    for (std::size_t from = 0, end = 0; (end = folders.find(':', from)) != std::string::npos;
         from = end + 1) {
        std::string file = (end == from ? "." : folders.substr(from, end - from)) + "/" + name;
        int error = fault_of(file, options.cwd);
        if (error == 0) return file;
        if (error == EACCES) last_error = error;
    }
    return fault(options, last_error);
}

// close_range sees to descriptors that were left open to us by whoever started us; a kernel before
// 5.11 does not have it, and then only our own are kept from the child. Orphans of a supervisor
// that is killed come to us.
Result<pid_t> start_supervisor(const std::string& program, ProcessOptions& options,
                               const ChildEnds& ends) {
    const char* role = options.read_only ? supervise_reading_word : supervise_word;
    std::vector<std::string> words{"thole", role, program};
    words.insert(words.end(), options.argv.begin(), options.argv.end());
    std::vector<char*> arguments = pointers(words);
    std::vector<char*> environment = pointers(options.env);
    SpawnPlan plan(options, ends);
    ::close_range(supervise_control_fd, UINT_MAX, CLOSE_RANGE_CLOEXEC);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t pid = 0;
    int error = ::posix_spawn(&pid, "/proc/self/exe", &plan.actions, &plan.attributes,
                              arguments.data(), options.env.empty() ? environ : environment.data());
    if (error == ENOENT) {
        return cannot_run(options, Code::io, "its supervisor does not start; is /proc mounted?");
    }
    if (error != 0) return fault(options, error);
    return pid;
}

}  // namespace thole::async
