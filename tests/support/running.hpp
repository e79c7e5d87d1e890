// Whether a process still runs: one that is dead but not yet waited for does not count.
#pragma once
#include <fstream>
#include <string>

namespace thole::test {

inline bool is_running(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    const std::size_t name_end = line.rfind(')');
    return name_end != std::string::npos && line[name_end + 2] != 'Z';
}

}  // namespace thole::test
