#include "git/record.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/fields.hpp"
#include "base/json.hpp"
#include "base/sha256.hpp"
#include "workspace/files.hpp"

namespace thole::git {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_record = 64 << 20;

Json json_of(const Worktree& worktree) {
    Json included = Json::array();
    for (const IncludedFile& file : worktree.included) {
        included.push_back({{"path", file.path}, {"sha256", file.sha256}});
    }
    return {{"schema_version", 1},
            {"id", worktree.id},
            {"kind", worktree.kind == TreeKind::copy ? "copy" : "worktree"},
            {"path", worktree.path},
            {"repository", worktree.repository},
            {"common_dir", worktree.common_dir},
            {"branch", worktree.branch},
            {"base", worktree.base},
            {"merged", worktree.merged},
            {"created", worktree.created},
            {"submodules", worktree.submodules},
            {"included", std::move(included)}};
}

Result<Worktree> worktree_of(const Json& json, const std::string& file) {
    Fields fields(json, file);
    Worktree worktree;
    worktree.id = fields.text("id");
    bool is_copy = fields.one_of("kind", {"worktree", "copy"}) == "copy";
    worktree.kind = is_copy ? TreeKind::copy : TreeKind::worktree;
    worktree.path = fields.text("path");
    worktree.repository = fields.text("repository");
    worktree.common_dir = fields.text("common_dir");
    worktree.branch = fields.text("branch");
    worktree.base = fields.text("base");
    worktree.merged = fields.text_or("merged", "");
    worktree.created = fields.text("created");
    worktree.submodules = fields.optional_texts("submodules");
    const Json& included = fields.optional_array("included");
    for (std::size_t i = 0; i < included.size(); ++i) {
        Fields one(included[i], fields.path_of("included[" + std::to_string(i) + "]"));
        worktree.included.push_back({one.text("path"), one.text("sha256")});
        fields.merge(one);
    }
    if (Result<void> read = fields.finish(); !read)
        return fail(Code::corrupt, read.error().message);
    // What is removed is named by the record: it must be the one beside it.
    if (worktree.record_file() != file) {
        return fail(Code::corrupt, "'" + file + "' is the record of '" + worktree.path + "'");
    }
    return worktree;
}

bool is_same_file(int fd, const std::string& path) {
    struct stat held {
    }, found{};
    return ::fstat(fd, &held) == 0 && ::lstat(path.c_str(), &found) == 0 &&
           held.st_ino == found.st_ino && held.st_dev == found.st_dev;
}

}  // namespace

Result<std::string> make_group(const std::string& folder, const std::string& identity) {
    fs::path named = identity;
    if (named.filename() == ".git") named = named.parent_path();
    std::string name = named.filename().string() + "-" + sha256_hex(identity).substr(0, 8);
    std::string group = folder + "/" + name;
    if (Result<void> made = make_private_directory(folder); !made) return made.error();
    if (Result<void> made = make_private_directory(group); !made) return made.error();
    return group;
}

Result<void> write_record(const Worktree& worktree) {
    WriteOptions options;
    options.mode = 0600;
    options.exact_mode = true;
    options.durable = false;
    return write_file_atomically(worktree.record_file(), dump_json(json_of(worktree)) + "\n",
                                 options);
}

Result<Worktree> read_worktree(const std::string& record_file) {
    Result<std::string> text = read_file(record_file, largest_record);
    if (!text) return text.error();
    Result<Json> json = parse_json(*text);
    if (json) return worktree_of(*json, record_file);
    return fail(Code::corrupt, "'" + record_file + "': " + json.error().message);
}

std::vector<std::string> paths_below(const std::string& folder) {
    std::vector<std::string> paths;
    std::error_code failed;
    for (const fs::directory_entry& group : fs::directory_iterator(folder, failed)) {
        std::error_code unreadable;
        bool is_group = group.is_directory(unreadable) && !group.is_symlink(unreadable) &&
                        !group.path().filename().string().starts_with('.');
        if (!is_group) continue;
        for (const fs::directory_entry& entry : fs::directory_iterator(group.path(), unreadable)) {
            fs::path path = entry.path();
            for (const char* ending : {".json", ".lock", ".git"}) {
                if (path.extension() == ending) path.replace_extension();
            }
            bool is_hidden = path.filename().string().starts_with('.');
            if (!is_hidden) paths.push_back(path.string());
        }
    }
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    return paths;
}

Result<Worktree> find_worktree(const std::string& folder, const std::string& id) {
    for (const std::string& path : paths_below(folder)) {
        if (fs::path(path).filename() == id) return read_worktree(path + ".json");
    }
    return fail(Code::not_found, "there is no worktree '" + id + "'");
}

Result<Lease> lease_at(const std::string& file, int flags) {
    for (;;) {
        int fd = ::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
        async::Descriptor lock(fd);
        if (!lock.is_open()) return system_error(errno, "lock", file);
        if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK) return system_error(errno, "lock", file);
            return fail(Code::busy, "'" + file + "' is held by a process that lives");
        }
        // Whoever held it may have removed it.
        if (is_same_file(fd, file)) return Lease(std::move(lock));
        if ((flags & O_CREAT) == 0) return system_error(ENOENT, "lock", file);
    }
}

Result<Lease> Lease::take(const Worktree& worktree) {
    Result<Lease> lease = lease_at(worktree.lock_file(), O_CREAT);
    if (lease || lease.error().code != Code::busy) return lease;
    return fail(Code::busy, "worktree '" + worktree.id + "' is in use by a process that lives");
}

bool is_leased(const Worktree& worktree) {
    Result<Lease> lease = lease_at(worktree.lock_file(), 0);
    return !lease && lease.error().code == Code::busy;
}

std::string Worktree::folder() const {
    return fs::path(path).parent_path().parent_path().string();
}

Result<Place> Worktree::place(std::stop_token stop) const {
    Result<Place> found = find_place(path, std::move(stop));
    if (!found) return found;
    // A tree without its .git may lie in a repository of somebody else.
    bool is_ours = found->has_working_tree() && found->top == path;
    if (is_ours) return found;
    return fail(Code::corrupt, "'" + path + "' is no git worktree any more");
}

Result<Place> Worktree::origin(std::stop_token stop) const {
    if (kind == TreeKind::copy) {
        Result<Place> place = private_place(common_dir, repository, std::move(stop));
        if (place) place->index = common_dir + "/index-of-origin";
        return place;
    }
    Result<Place> found = find_place(repository, std::move(stop));
    if (!found) return found;
    if (found->has_working_tree() && found->common_dir == common_dir) return found;
    return fail(Code::corrupt,
                "'" + repository + "' is no working tree of '" + common_dir + "' any more");
}

}  // namespace thole::git
