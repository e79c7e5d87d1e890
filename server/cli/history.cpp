#include "cli/history.hpp"

#include <fcntl.h>

#include <filesystem>

#include "base/text.hpp"
#include "journal/files.hpp"

namespace thole::cli {
namespace {

constexpr std::size_t most_entries = 1000;

std::string escaped(std::string_view entry) {
    return replace_all(replace_all(entry, "\\", "\\\\"), "\n", "\\n");
}

std::string unescaped(std::string_view line) {
    std::string entry;
    for (std::size_t i = 0; i < line.size(); ++i) {
        bool is_mark = line[i] == '\\' && i + 1 < line.size();
        if (is_mark) ++i;
        entry += is_mark && line[i] == 'n' ? '\n' : line[i];
    }
    return entry;
}

}  // namespace

std::vector<std::string> History::entries() const {
    Result<std::string> content = read_whole(file_);
    if (!content) return {};
    std::vector<std::string_view> lines = split_lines(*content);
    std::size_t first = lines.size() > most_entries ? lines.size() - most_entries : 0;
    std::vector<std::string> entries;
    for (std::size_t i = first; i < lines.size(); ++i) entries.push_back(unescaped(lines[i]));
    return entries;
}

Result<void> History::add(std::string_view entry) const {
    std::string folder = std::filesystem::path(file_).parent_path().string();
    if (Result<void> made = make_private_directories(folder); !made) return made.error();
    Result<Descriptor> file = open_own_file(file_, O_WRONLY | O_APPEND);
    if (!file && file.error().code == Code::not_found) {
        file = open_own_file(file_, O_WRONLY | O_APPEND | O_CREAT);
    }
    if (!file) return file.error();
    return write_all(file->fd(), escaped(entry) + "\n", file_);
}

}  // namespace thole::cli
