// Everything that a child process started, found in /proc: its process group and session, the chain
// of parents, and a mark in the environment, which also finds what left group and parent behind.
// Owned by its Process. Loop thread; each look reads /proc once, so it is for ending things only.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

namespace thole::async {

class ProcessTree {
public:
    // `mark` is a text that only this child's descendants have in their environment.
    ProcessTree(pid_t leader, std::string mark);

    // Finds the members that are alive now, and remembers them. False: there are none.
    bool look();

    // Whether a member of the last look is still alive; much cheaper than a look.
    bool is_alive() const;

    // Sends it to the members of the last look, and to the group while the leader is not reaped.
    void send(int signal) const;

    void leader_was_reaped() { is_leader_reaped_ = true; }

private:
    using StartTime = unsigned long long;  // clock ticks since boot; with the pid it is an identity
    struct Entry {
        pid_t pid = 0;
        pid_t parent = 0;
        pid_t group = 0;
        pid_t session = 0;
        StartTime start = 0;
        bool is_dead = false;  // a zombie
        bool is_member = false;
    };
    static bool read_entry(pid_t pid, Entry& entry);
    std::vector<Entry> candidates() const;
    bool is_direct_member(const Entry& entry) const;
    bool owns_group(const std::vector<Entry>& entries) const;

    pid_t leader_;
    std::string mark_;
    StartTime leader_start_ = 0;
    bool is_leader_reaped_ = false;
    bool owns_group_ = true;
    std::vector<Entry> members_;
};

}  // namespace thole::async
