// What becomes of a system call that the filter of a read-only program did not let through
// (confine_filter.hpp): refused with an error, or left to the kernel where Landlock decides anyhow.
// Used by the Warden only. Looks at files, changes nothing.
#pragma once
#include <sys/types.h>

#include <string>

struct seccomp_notif;

namespace thole::async {

struct Answer {
    int error = 0;     // errno for the program; 0: the kernel goes on with the call
    std::string told;  // "unlink /w/a.txt"; empty: nothing of the outside was to be changed
};

class Judge {
public:
    // `supervisor`: the process below which signals may be sent.
    Judge(pid_t supervisor, int landlock_abi);

    Answer judge(const seccomp_notif& attempt) const;

private:
    Answer open(const seccomp_notif& attempt, int first, int flags) const;
    Answer open_path(int flags, const std::string& reachable) const;
    Answer connect(const seccomp_notif& attempt, const char* name) const;
    Answer signal(const seccomp_notif& attempt) const;
    Answer signal_group(pid_t leader) const;
    Answer signal_process(pid_t pid, int signal) const;

    pid_t supervisor_;
    int landlock_abi_;
    dev_t pipes_ = 0, memory_ = 0;  // where pipes and memory files live
};

}  // namespace thole::async
