#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <tuple>

#include "workspace/files.hpp"
#include "workspace/roots.hpp"
#include "workspace/search.hpp"
#include "workspace/walk.hpp"
#include "workspace/wildcard.hpp"

namespace thole {

namespace {

struct Found {
    std::int64_t changed_ns;
    std::string path;
};

class Globber final : public FileVisitor {
public:
    Globber(std::string root, std::vector<std::string> patterns)
        : skip_(root == "/" ? 1 : root.size() + 1), patterns_(std::move(patterns)) {}

    bool visit(const WalkedFile& file) override {
        if (!wanted(file.path.substr(skip_))) return true;
        struct stat found {};
        if (::fstatat(file.directory, file.name.data(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
            return true;
        }
        std::int64_t changed = found.st_mtim.tv_sec * 1'000'000'000LL + found.st_mtim.tv_nsec;
        std::lock_guard lock(mutex_);
        found_.push_back({changed, std::string(file.path)});
        return true;
    }
    // What cannot be read has no names to give.
    void unreadable(const std::string&, int) override {}

    GlobAnswer answer(std::size_t limit) {
        std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
            return std::tie(b.changed_ns, a.path) < std::tie(a.changed_ns, b.path);
        });
        GlobAnswer answer;
        answer.truncated = found_.size() > limit;
        found_.resize(std::min(found_.size(), limit));
        for (Found& found : found_) answer.paths.push_back(std::move(found.path));
        return answer;
    }

private:
    bool wanted(std::string_view relative) const {
        return std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
            return wild_match(pattern, relative);
        });
    }

    std::size_t skip_;
    std::vector<std::string> patterns_;
    std::mutex mutex_;
    std::vector<Found> found_;
};

// Leading directories without wildcards: the walk can start below them.
std::string plain_directories(std::string_view pattern) {
    std::size_t end = 0;
    for (std::size_t slash = pattern.find('/'); slash != pattern.npos;
         slash = pattern.find('/', slash + 1)) {
        if (pattern.substr(0, slash).find_first_of("*?[{\\") != pattern.npos) break;
        end = slash;
    }
    return std::string(pattern.substr(0, end));
}

Result<void> check(const GlobQuery& query) {
    if (query.pattern.empty()) return fail(Code::invalid_argument, "the glob pattern is empty");
    if (query.pattern.starts_with('/')) {
        return fail(Code::invalid_argument, "glob pattern '" + query.pattern +
                                                "' is absolute; give the directory as the path "
                                                "and a pattern relative to it");
    }
    if (("/" + query.pattern + "/").find("/../") != std::string::npos) {
        return fail(Code::invalid_argument,
                    "glob pattern '" + query.pattern + "' leaves its directory; give another path");
    }
    struct stat found {};
    if (::stat(query.root.c_str(), &found) != 0) return system_error(errno, "search", query.root);
    if (S_ISDIR(found.st_mode)) return {};
    return fail(Code::invalid_argument, "'" + query.root + "' is not a directory");
}

}  // namespace

Result<GlobAnswer> glob(const GlobQuery& query, std::stop_token stop) {
    if (Result<void> checked = check(query); !checked) return checked.error();
    std::string pattern = query.pattern.starts_with("./") ? query.pattern.substr(2) : query.pattern;
    std::string below = plain_directories(pattern);
    std::string start = query.root;
    if (!below.empty()) start += (start == "/" ? "" : "/") + below;
    // As everywhere in a walk, no symbolic link is followed and .git is left out.
    bool in_git = ("/" + below + "/").find("/.git/") != std::string::npos;
    if (in_git || resolve_path("/", start).value_or("") != start) start = query.root;
    Globber globber(query.root, expand_braces(pattern));
    walk_tree(start, query.include_ignored, globber, stop);
    if (stop.stop_requested()) return cancelled();
    return globber.answer(query.limit);
}

}  // namespace thole
