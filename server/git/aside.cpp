#include "git/aside.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "workspace/files.hpp"

namespace thole::git {
namespace {

namespace fs = std::filesystem;
using async::Descriptor;

constexpr const char* within_git = "thole-";
constexpr const char* within_top = ".thole-";
constexpr std::size_t longest_names = 16U << 20U;

bool lock(const Descriptor& folder) {
    return folder.is_open() && ::flock(folder.fd(), LOCK_EX | LOCK_NB) == 0;
}

Descriptor opened(const std::string& folder) {
    return Descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

Leftover left_in(const std::string& folder) {
    Leftover left{folder, {}};
    Result<std::string> names = read_file(folder + "/" + names_file, longest_names);
    if (!names) return left;
    std::vector<std::string_view> lines = split_lines(*names);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::error_code failed;
        bool is_kept = fs::exists(fs::symlink_status(folder + "/" + old_name(i), failed));
        if (is_kept) left.files.emplace_back(lines[i]);
    }
    return left;
}

void add_leftovers(const std::string& folder, const char* prefix, std::vector<Leftover>& all) {
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
        if (!entry.path().filename().string().starts_with(prefix)) continue;
        Descriptor its = opened(entry.path());
        if (!lock(its)) continue;  // a merge that runs
        Leftover left = left_in(entry.path());
        if (!left.files.empty()) all.push_back(std::move(left));
    }
}

}  // namespace

Result<Aside> Aside::make(const Place& place) {
    struct stat root {
    }, own{};
    bool is_near = ::stat(place.top.c_str(), &root) == 0 &&
                   ::stat(place.git_dir.c_str(), &own) == 0 && root.st_dev == own.st_dev;
    std::string path = is_near ? place.git_dir + "/" + within_git : place.top + "/" + within_top;
    path += random_token(12);
    if (::mkdir(path.c_str(), 0700) != 0) return system_error(errno, "make folder", path);
    Descriptor folder = opened(path);
    if (!folder.is_open()) return system_error(errno, "open folder", path);
    (void)lock(folder);  // some network file systems have no locks; there nobody tells of leftovers
    return Aside(std::move(path), std::move(folder));
}

Aside::~Aside() {
    if (lock_.is_open()) ::rmdir(path_.c_str());
}

std::string old_name(std::size_t i) {
    return std::to_string(i) + ".old";
}

std::vector<Leftover> leftovers(const std::string& directory, std::stop_token stop) {
    std::vector<Leftover> all;
    Result<Place> place = find_place(directory, std::move(stop));
    if (!place || !place->has_working_tree()) return all;
    add_leftovers(place->git_dir, within_git, all);
    add_leftovers(place->top, within_top, all);
    return all;
}

}  // namespace thole::git
