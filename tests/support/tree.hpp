// What a folder holds, in words that can be compared: each path with its kind, mode, owner, time of
// the last change, and what is in it.
#pragma once
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace thole::test {

inline std::string described(const std::filesystem::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return path.string() + " gone";
    std::string text = path.string() + " mode " + std::to_string(status.st_mode) + " owner " +
                       std::to_string(status.st_uid) + " links " + std::to_string(status.st_nlink) +
                       " changed " + std::to_string(status.st_mtim.tv_sec) + "." +
                       std::to_string(status.st_mtim.tv_nsec) + ": ";
    if (S_ISLNK(status.st_mode)) return text + std::filesystem::read_symlink(path).string();
    if (!S_ISREG(status.st_mode)) return text;
    std::ifstream file(path, std::ios::binary);
    return text.append(std::istreambuf_iterator<char>(file), {});
}

inline std::vector<std::string> tree_of(const std::string& folder) {
    std::vector<std::string> tree{described(folder)};
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        tree.push_back(described(entry.path()));
    }
    std::sort(tree.begin(), tree.end());
    return tree;
}

}  // namespace thole::test
