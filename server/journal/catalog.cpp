#include "journal/catalog.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "journal/blobs.hpp"
#include "journal/files.hpp"
#include "journal/log_file.hpp"
#include "journal/snapshot.hpp"

namespace thole {

namespace {

constexpr std::string_view log_end = ".events.jsonl";
constexpr std::string_view snapshot_end = ".json";
constexpr std::size_t shown_candidates = 8;

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

std::int64_t changed_at(int directory, const char* name) {
    struct stat status {};
    if (::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return 0;
    return status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
}

std::string_view without_end(std::string_view name, std::string_view end) {
    return name.ends_with(end) ? name.substr(0, name.size() - end.size()) : "";
}

struct Entry {
    std::string id;
    std::int64_t changed = 0;
};

// Every session that has a log.
std::vector<Entry> entries(const std::string& path) {
    const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
    if (!directory) return {};
    std::vector<Entry> found;
    while (const dirent* file = ::readdir(directory.get())) {
        const std::string id(without_end(file->d_name, log_end));
        if (!is_valid_session_id(id)) continue;
        const int fd = ::dirfd(directory.get());
        const std::int64_t snapshot = changed_at(fd, (id + std::string(snapshot_end)).c_str());
        found.push_back({id, std::max(snapshot, changed_at(fd, file->d_name))});
    }
    return found;
}

bool has_log(const std::string& directory, const std::string& id) {
    return ::access(SessionFiles{directory, id}.log().c_str(), F_OK) == 0;
}

Result<std::string> last_session(const std::string& directory, const std::string& last_file) {
    const auto text = read_whole(last_file);
    const std::string id(text ? trim(*text) : "");
    if (is_valid_session_id(id) && has_log(directory, id)) return id;
    for (const std::string& other : session_ids(directory)) {
        auto seen = inspect_session({directory, other});
        if (seen && seen->state.parent_session_id.empty()) return other;
    }
    return fail(Code::not_found, "there is no session in " + directory + " yet");
}

Error ambiguous(std::string_view prefix, const std::vector<std::string>& matches) {
    std::string message = "'" + std::string(prefix) + "' names several sessions: ";
    for (std::size_t i = 0; i < std::min(matches.size(), shown_candidates); ++i) {
        message += (i > 0 ? ", " : "") + matches[i];
    }
    if (matches.size() > shown_candidates) message += ", …";
    return fail(Code::invalid_argument, message + "; give more of the id");
}

// Fields of /proc/<pid>/stat from the third on; the second, a name, may hold anything.
std::string_view after_name(std::string_view stat) {
    const std::size_t name_end = stat.rfind(')');
    return name_end == std::string_view::npos ? "" : stat.substr(name_end + 1);
}

Result<void> remove_file(const std::string& path) {
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return file_error("delete", path, errno);
}

}  // namespace

Result<std::string> make_session_directory(const std::string& workspace) {
    std::string directory = workspace + "/.thole/sessions";
    if (auto made = make_private_directories(directory); !made) return made.error();
    return directory;
}

Result<Seen> inspect_session(const SessionFiles& files) {
    // Asked first: a writer that ends while we read has written its end by then.
    const bool is_alive = has_writer(files.log());
    auto folded = fold_files(files);
    if (!folded) return folded.error();
    Seen seen{std::move(folded->state), std::move(folded->damage), is_alive};
    if (seen.state.status == "running" && !is_alive) {
        seen.state.status = "failed";
        seen.state.last_error = "interrupted";
    }
    return seen;
}

bool is_running(const SessionFiles& files) {
    return has_writer(files.log());
}

Result<std::string> find_session(const std::string& directory, std::string_view prefix,
                                 const std::string& last_session_file) {
    if (prefix == "latest") return last_session(directory, last_session_file);
    const std::string id(prefix);
    if (!is_valid_session_id(id)) {
        return fail(Code::invalid_argument,
                    "not a session id: '" + one_line(prefix, 80) +
                        "'; ids look like 20260131-1200-abcd, or say latest");
    }
    if (has_log(directory, id)) return id;
    std::vector<std::string> matches = session_ids(directory);
    std::erase_if(matches, [&](const std::string& other) { return !other.starts_with(id); });
    if (matches.size() > 1) return ambiguous(prefix, matches);
    if (matches.size() == 1) return matches.front();
    return fail(Code::not_found, "no session '" + id + "' in " + directory +
                                     "; `thole sessions` lists those that are there");
}

std::vector<std::string> session_ids(const std::string& directory) {
    std::vector<Entry> found = entries(directory);
    std::sort(found.begin(), found.end(), [](const Entry& a, const Entry& b) {
        return std::tie(a.changed, a.id) > std::tie(b.changed, b.id);
    });
    std::vector<std::string> ids;
    ids.reserve(found.size());
    for (Entry& entry : found) ids.push_back(std::move(entry.id));
    return ids;
}

Result<void> delete_session(const SessionFiles& files) {
    if (!is_valid_session_id(files.id)) {
        return fail(Code::invalid_argument, "not a session id: " + one_line(files.id, 80));
    }
    auto log = LogFile::open(files.log());
    if (!log && log.error().code == Code::busy) {
        return fail(Code::busy,
                    "cannot delete session " + files.id + ": it is running; cancel it first");
    }
    if (!log) return log.error();
    if (auto removed = remove_file(files.snapshot()); !removed) return removed;
    std::error_code error;
    std::filesystem::remove_all(files.blobs(), error);
    if (error) return file_error("delete", files.blobs(), error.value());
    // Last, so that a deletion that stops half-way can be repeated.
    return remove_file(files.log());
}

Result<std::string> read_blob(const SessionFiles& files, std::string_view sha256) {
    return load_blob(files.blobs(), sha256);
}

bool process_is_alive(std::int64_t pid, std::int64_t process_start) {
    return pid > 0 && process_start > 0 && process_start_time(pid) == process_start;
}

std::int64_t process_start_time(std::int64_t pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/stat";
    async::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string stat(4096, '\0');
    const ssize_t got = file.is_open() ? ::read(file.fd(), stat.data(), stat.size()) : -1;
    if (got <= 0) return 0;
    stat.resize(static_cast<std::size_t>(got));
    std::string_view rest = after_name(stat);
    // Field 22; ' ' stands before the third.
    for (int field = 3; field <= 22 && !rest.empty(); ++field) {
        rest.remove_prefix(1);
        if (field < 22) rest.remove_prefix(std::min(rest.find(' '), rest.size()));
    }
    std::int64_t start = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), start);
    return start;
}

}  // namespace thole
