#include "async/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "async/descriptor.hpp"

namespace thole::async {

namespace {

// A file of /proc, as far as `limit`; empty when it cannot be read.
std::string read_proc(pid_t pid, const char* name, std::size_t limit) {
    std::string path = "/proc/" + std::to_string(pid) + "/" + name;
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    char chunk[4096];
    while (file.is_open() && text.size() < limit) {
        ssize_t count = ::read(file.fd(), chunk, sizeof chunk);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        text.append(chunk, static_cast<std::size_t>(count));
    }
    return text;
}

std::vector<pid_t> all_pids() {
    std::vector<pid_t> pids;
    std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
    while (const dirent* item = folder ? ::readdir(folder.get()) : nullptr) {
        pid_t pid = 0;
        const char* end = item->d_name + std::strlen(item->d_name);
        auto parsed = std::from_chars(item->d_name, end, pid);
        if (parsed.ec == std::errc() && parsed.ptr == end) pids.push_back(pid);
    }
    return pids;
}

constexpr std::size_t stat_limit = 4096;
constexpr std::size_t environment_limit = 4U << 20U;

}  // namespace

ProcessTree::ProcessTree(pid_t leader, std::string mark) : leader_(leader), mark_(std::move(mark)) {
    Entry entry;
    if (read_entry(leader, entry)) leader_start_ = entry.start;
}

// proc(5): pid (name) state ppid pgrp session ..., the 22nd field is the start time. The name may
// hold anything, so the fields are counted from its last parenthesis.
bool ProcessTree::read_entry(pid_t pid, Entry& entry) {
    std::string text = read_proc(pid, "stat", stat_limit);
    std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) return false;
    char state = 0;
    int read = std::sscanf(text.c_str() + name_end + 1,
                           " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
                           "%*d %llu",
                           &state, &entry.parent, &entry.group, &entry.session, &entry.start);
    entry.pid = pid;
    entry.is_dead = state == 'Z' || state == 'X';
    return read == 5;
}

// What started before the leader cannot descend from it; that leaves few processes to look into.
std::vector<ProcessTree::Entry> ProcessTree::candidates() const {
    std::vector<Entry> entries;
    pid_t self = ::getpid();
    for (pid_t pid : all_pids()) {
        Entry entry;
        if (pid <= 1 || pid == self || !read_entry(pid, entry)) continue;
        if (entry.start >= leader_start_) entries.push_back(entry);
    }
    return entries;
}

// A reaped leader's pid may name another process, whose group is not ours.
bool ProcessTree::owns_group(const std::vector<Entry>& entries) const {
    if (!is_leader_reaped_) return true;
    return std::none_of(entries.begin(), entries.end(),
                        [this](const Entry& entry) { return entry.pid == leader_; });
}

bool ProcessTree::is_direct_member(const Entry& entry) const {
    if (owns_group_ && (entry.group == leader_ || entry.session == leader_)) return true;
    bool is_known = std::any_of(members_.begin(), members_.end(), [&entry](const Entry& member) {
        return member.pid == entry.pid && member.start == entry.start;
    });
    if (is_known) return true;
    return read_proc(entry.pid, "environ", environment_limit).find(mark_) != std::string::npos;
}

bool ProcessTree::look() {
    std::vector<Entry> entries = candidates();
    owns_group_ = owns_group(entries);
    std::vector<pid_t> parents;
    for (auto& entry : entries) {
        entry.is_member = is_direct_member(entry);
        if (entry.is_member) parents.push_back(entry.pid);
    }
    while (!parents.empty()) {
        pid_t parent = parents.back();
        parents.pop_back();
        for (auto& entry : entries) {
            if (entry.is_member || entry.parent != parent) continue;
            entry.is_member = true;
            parents.push_back(entry.pid);
        }
    }
    members_.clear();
    for (auto& entry : entries) {
        if (entry.is_member && !entry.is_dead) members_.push_back(entry);
    }
    return !members_.empty();
}

bool ProcessTree::is_alive() const {
    return std::any_of(members_.begin(), members_.end(), [](const Entry& member) {
        Entry now;
        return read_entry(member.pid, now) && now.start == member.start && !now.is_dead;
    });
}

void ProcessTree::send(int signal) const {
    if (!is_leader_reaped_) ::kill(-leader_, signal);
    for (const auto& member : members_) {
        if (is_leader_reaped_ || member.group != leader_) ::kill(member.pid, signal);
    }
}

}  // namespace thole::async
