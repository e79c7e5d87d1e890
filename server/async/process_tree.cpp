#include "async/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "async/descriptor.hpp"

namespace thole::async {

namespace {

struct Entry {
    pid_t parent = 0;
    pid_t pid = 0;
};

struct ByParent {
    bool operator()(const Entry& one, pid_t parent) const { return one.parent < parent; }
    bool operator()(pid_t parent, const Entry& one) const { return parent < one.parent; }
    bool operator()(const Entry& one, const Entry& other) const {
        return one.parent < other.parent;
    }
};

// proc(5): pid (name) state ppid ... The name may hold anything, and is at most 64 bytes long.
bool read_entry(const char* pid, Entry& entry) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    Descriptor file(::open(path, O_RDONLY | O_CLOEXEC));
    char text[256];
    ssize_t count = file.is_open() ? ::read(file.fd(), text, sizeof text - 1) : 0;
    if (count <= 0) return false;
    text[count] = '\0';
    const char* name_end = std::strrchr(text, ')');
    return name_end != nullptr && std::sscanf(name_end + 1, " %*c %d", &entry.parent) == 1;
}

// All processes, sorted by parent.
std::vector<Entry> process_table() {
    std::vector<Entry> table;
    std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
    while (const dirent* item = folder ? ::readdir(folder.get()) : nullptr) {
        Entry entry;
        std::string_view name(item->d_name);
        auto parsed = std::from_chars(name.begin(), name.end(), entry.pid);
        bool is_process = parsed.ec == std::errc() && parsed.ptr == name.end();
        if (is_process && read_entry(item->d_name, entry)) table.push_back(entry);
    }
    std::sort(table.begin(), table.end(), ByParent());
    return table;
}

// Appends what is below the members of `family`.
void add_descendants(const std::vector<Entry>& table, std::vector<pid_t>& family) {
    for (std::size_t i = 0; i < family.size(); ++i) {
        auto [child, end] = std::equal_range(table.begin(), table.end(), family[i], ByParent());
        for (; child != end; ++child) family.push_back(child->pid);
    }
}

}  // namespace

std::vector<pid_t> descendants(pid_t ancestor) {
    std::vector<pid_t> family{ancestor};
    add_descendants(process_table(), family);
    family.erase(family.begin());
    return family;
}

bool is_below(pid_t pid, pid_t ancestor) {
    Entry entry{pid, pid};
    for (int level = 0; level < 10'000 && entry.parent > 1; ++level) {
        if (!read_entry(std::to_string(entry.parent).c_str(), entry)) return false;
        if (entry.parent == ancestor) return true;
    }
    return false;
}

bool is_there(pid_t pid) {
    Entry entry;
    return read_entry(std::to_string(pid).c_str(), entry);
}

bool kill_orphans(const std::vector<int>& known) {
    std::vector<Entry> table = process_table();
    std::vector<pid_t> family;
    for (const Entry& entry : table) {
        bool is_known = std::find(known.begin(), known.end(), entry.pid) != known.end();
        if (entry.parent == ::getpid() && !is_known) family.push_back(entry.pid);
    }
    std::size_t orphans = family.size();
    add_descendants(table, family);
    for (pid_t pid : family) ::kill(pid, SIGKILL);
    for (std::size_t i = 0; i < orphans; ++i) ::waitpid(family[i], nullptr, WNOHANG);
    return orphans > 0;
}

}  // namespace thole::async
