#include "session/plan_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "workspace/files.hpp"

namespace thole {

namespace {
constexpr std::chrono::hours oldest_plan{30 * 24};
}  // namespace

Result<void> check_plan(std::string_view content) {
    if (trim(content).empty()) return fail(Code::invalid_argument, "content must not be empty");
    if (content.size() > longest_plan) {
        return fail(Code::invalid_argument, "content has " + std::to_string(content.size()) +
                                                " bytes; a plan has at most 1 MiB");
    }
    if (is_valid_utf8(content) && content.find('\0') == std::string_view::npos) return {};
    return fail(Code::invalid_argument, "content is not text in UTF-8");
}

void sweep_plans(const std::string& directory, TimePoint now,
                 const std::function<bool(const std::string& session_id)>& is_live) {
    namespace fs = std::filesystem;
    std::vector<std::string> old;
    std::error_code failed;
    for (fs::directory_iterator at(directory, failed), end; !failed && at != end;
         at.increment(failed)) {
        struct stat facts {};
        bool is_file = ::lstat(at->path().c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
        auto written = TimePoint(std::chrono::seconds(facts.st_mtim.tv_sec));
        bool is_old = is_file && at->path().extension() == ".md" && now - written > oldest_plan;
        if (is_old && !is_live(at->path().stem().string())) old.push_back(at->path().string());
    }
    for (const std::string& path : old) ::unlink(path.c_str());
}

Result<void> PlanFile::check_id() const {
    if (is_valid_session_id(id_)) return {};
    return fail(Code::invalid_argument, "invalid session ID: \"" + id_ + "\"");
}

Result<void> PlanFile::write(std::string_view content) {
    if (Result<void> good = check_id(); !good) return good;
    if (Result<void> made = make_private_directory(directory_); !made) return made;
    WriteOptions options;
    options.mode = 0600;
    options.keep_mode = false;
    options.exact_mode = true;
    options.replace_symlink = true;
    options.durable = false;  // the journal is
    Result<void> written = write_file_atomically(path(), content, options);
    if (written) known_ = stamp();
    return written;
}

Result<std::string> PlanFile::read() {
    if (Result<void> good = check_id(); !good) return good.error();
    struct stat facts {};
    bool is_link = ::lstat(path().c_str(), &facts) == 0 && S_ISLNK(facts.st_mode);
    if (is_link) return fail(Code::denied, "'" + path() + "' is a symbolic link");
    Stamp before = stamp();
    Result<std::string> text = read_file(path(), longest_plan);
    if (!text) return text;
    Result<void> good = check_plan(*text);
    if (!good) return fail(good.error().code, "'" + path() + "': " + good.error().message);
    known_ = before;
    return text;
}

void PlanFile::remove() {
    if (!check_id()) return;
    ::unlink(path().c_str());
    known_ = stamp();
}

Result<std::string> PlanFile::set_aside() {
    constexpr int most_kept = 1000;
    struct stat facts {};
    bool is_there = check_id() && ::lstat(path().c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
    if (!is_there) return std::string();
    int error = EEXIST;
    for (int i = 1; i <= most_kept && error == EEXIST; ++i) {
        std::string kept = directory_ + "/" + id_ + ".kept-" + std::to_string(i) + ".md";
        bool is_moved =
            ::renameat2(AT_FDCWD, path().c_str(), AT_FDCWD, kept.c_str(), RENAME_NOREPLACE) == 0;
        if (is_moved) return kept;
        error = errno;
    }
    return system_error(error, "move away", path());
}

bool PlanFile::may_have_changed() const {
    return !(stamp() == known_);
}

PlanFile::Stamp PlanFile::stamp() const {
    struct stat facts {};
    if (::lstat(path().c_str(), &facts) != 0) return {};
    return {facts.st_ino, facts.st_size,
            facts.st_mtim.tv_sec * std::int64_t{1'000'000'000} + facts.st_mtim.tv_nsec};
}

}  // namespace thole
