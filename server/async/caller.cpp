#include "async/caller.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "async/descriptor.hpp"

namespace thole::async {

namespace {

constexpr std::size_t page = 4096;

std::string link_target(const std::string& link) {
    std::array<char, PATH_MAX> target;
    ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
    return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

// By pages, because the one after the text may not be there.
std::optional<std::string> Caller::text_at(std::uint64_t address) const {
    Descriptor memory(::open((proc_ + "/mem").c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    std::array<char, page> piece;
    while (address != 0 && text.size() < PATH_MAX) {
        std::size_t wanted = page - address % page;
        ssize_t count = ::pread(memory.fd(), piece.data(), wanted, static_cast<off_t>(address));
        if (count <= 0) return std::nullopt;
        auto size = static_cast<std::size_t>(count);
        std::size_t length = ::strnlen(piece.data(), size);
        text.append(piece.data(), length);
        if (length < size) return text;
        address += size;
    }
    return std::nullopt;
}

std::optional<std::string> Caller::bytes_at(std::uint64_t address, std::size_t size) const {
    Descriptor memory(::open((proc_ + "/mem").c_str(), O_RDONLY | O_CLOEXEC));
    std::string bytes(size, '\0');
    ssize_t count = ::pread(memory.fd(), bytes.data(), size, static_cast<off_t>(address));
    if (count != static_cast<ssize_t>(size)) return std::nullopt;
    return bytes;
}

std::string Caller::folder_of(int folder) const {
    return folder == AT_FDCWD ? proc_ + "/cwd" : proc_ + "/fd/" + std::to_string(folder);
}

std::string Caller::open_file(int fd) const {
    return link_target(proc_ + "/fd/" + std::to_string(fd));
}

// What is "self" for the caller is not for us.
std::string Caller::reachable(int folder, const std::string& path) const {
    if (!path.starts_with('/')) return folder_of(folder) + "/" + path;
    using Own = std::pair<std::string_view, std::string_view>;
    for (auto [name, place] :
         {Own{"/proc/self/", "/"}, Own{"/proc/thread-self/", "/"}, Own{"/dev/fd/", "/fd/"},
          Own{"/dev/stdin", "/fd/0"}, Own{"/dev/stdout", "/fd/1"}, Own{"/dev/stderr", "/fd/2"}}) {
        if (!path.starts_with(name)) continue;
        return proc_ + std::string(place) + path.substr(name.size());
    }
    return path;
}

std::string Caller::shown(int folder, const std::string& path) const {
    std::filesystem::path whole(path);
    if (!path.starts_with('/')) whole = link_target(folder_of(folder)) + "/" + path;
    std::string normal = whole.lexically_normal().string();
    if (normal.size() > 1 && normal.ends_with('/')) normal.pop_back();
    return normal;
}

std::vector<std::string> Caller::words() const {
    constexpr std::size_t most_words = 64;
    std::ifstream file(proc_ + "/cmdline", std::ios::binary);
    std::vector<std::string> words;
    for (std::string word; words.size() < most_words && std::getline(file, word, '\0');) {
        words.push_back(word);
    }
    return words;
}

pid_t Caller::process_of(int pidfd) const {
    std::ifstream file(proc_ + "/fdinfo/" + std::to_string(pidfd));
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("Pid:")) return std::max(0, std::atoi(line.c_str() + 4));
    }
    return 0;
}

}  // namespace thole::async
