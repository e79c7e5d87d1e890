#include "git/beneath.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "workspace/files.hpp"

namespace thole::git {
namespace {

using async::Descriptor;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && !equals_ignore_case(name, ".git");
}

}  // namespace

std::string_view name_of(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

bool is_plain(std::string_view path) {
    for (;;) {
        std::size_t slash = path.find('/');
        if (!is_plain_name(path.substr(0, slash))) return false;
        if (slash == path.npos) return true;
        path.remove_prefix(slash + 1);
    }
}

Result<Descriptor> open_folder(const std::string& path) {
    Descriptor folder(::open(path.c_str(), folder_flags));
    if (!folder.is_open()) return system_error(errno, "open", path);
    return folder;
}

std::string parent_of(std::string_view path) {
    std::size_t slash = path.rfind('/');
    return slash == path.npos ? std::string() : std::string(path.substr(0, slash));
}

Result<Descriptor> open_below(int root, const std::string& path, Missing missing) {
    Descriptor at(::openat(root, ".", folder_flags));
    for (std::size_t begin = 0; at.is_open() && begin < path.size();) {
        std::size_t end = std::min(path.find('/', begin), path.size());
        std::string name = path.substr(begin, end - begin);
        if (missing == Missing::make) (void)::mkdirat(at.fd(), name.c_str(), 0777);
        Descriptor next(::openat(at.fd(), name.c_str(), folder_flags | O_NOFOLLOW));
        if (!next.is_open()) {
            Code code = errno == ENOENT ? Code::not_found : Code::denied;
            bool is_no_folder = errno == ENOTDIR || errno == ELOOP;
            std::string why = is_no_folder ? "it is no folder" : std::strerror(errno);
            return fail(code, "cannot open '" + path.substr(0, end) + "': " + why);
        }
        at = std::move(next);
        begin = end + 1;
    }
    if (!at.is_open()) return system_error(errno, "open", path);
    return at;
}

Result<Descriptor> open_parent(int root, const std::string& path, Missing missing) {
    if (is_plain(path)) return open_below(root, parent_of(path), missing);
    return fail(Code::invalid_argument, "'" + path + "' is no path below a folder");
}

}  // namespace thole::git
