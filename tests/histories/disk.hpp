// What lies in a folder, and small changes to it, without asking git.
#pragma once
#include <map>
#include <random>
#include <string>
#include <vector>

namespace thole::test {

using Random = std::mt19937;

inline int below(Random& random, int limit) {
    return static_cast<int>(random() % static_cast<unsigned>(limit));
}
inline bool once_in(Random& random, int times) {
    return below(random, times) == 0;
}

// Each file with its mode and bytes, each link with its target; .git is not looked into.
using Contents = std::map<std::string, std::string>;
Contents contents_of(const std::string& folder);

// Bytes of a file, "" when there is none.
std::string bytes_of(const std::string& file);
void write_bytes(const std::string& file, const std::string& bytes);

// The name that git gives to a file with these bytes.
std::string blob_id(const std::string& bytes);

// Changes, adds, removes, renames files, makes links and folders, changes modes. Whatever is
// written is new to the world: it has `mark` and a number in it.
void change_something(Random& random, const std::string& folder, const std::string& mark);

}  // namespace thole::test
