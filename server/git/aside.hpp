// The folder in which a merge keeps what it is about to replace. It goes when it is empty; a merge
// whose process ended in the middle leaves it, with the former content of the files that it had
// come to: nothing is lost, and merging again does the rest. Internal to git/, but for leftovers().
// Blocking; any thread.
#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "async/descriptor.hpp"
#include "base/result.hpp"
#include "git/repository.hpp"

namespace thole::git {

class Aside {
public:
    // On the file system of the user's files: in the .git folder if that is on it, where nobody
    // watches. Locked as long as it is used.
    static Result<Aside> make(const Place& place);
    ~Aside();
    Aside(Aside&&) noexcept = default;
    Aside& operator=(Aside&&) = delete;

    const std::string& path() const { return path_; }

private:
    Aside(std::string path, async::Descriptor lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}
    std::string path_;
    async::Descriptor lock_;
};

// The i-th of the files that a merge changes is in it as "i.old"; their names, one a line, in this.
inline constexpr const char* names_file = "files";
std::string old_name(std::size_t i);

struct Leftover {
    std::string folder;
    std::vector<std::string> files;  // whose former content is there, below the top
};
// Those of the repository that holds `directory`; none where there is no repository.
std::vector<Leftover> leftovers(const std::string& directory, std::stop_token stop = {});

}  // namespace thole::git
