#include "base/ids.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace thole {

namespace {

bool is_id_character(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

}  // namespace

std::string new_session_id(TimePoint now, std::string_view random4) {
    std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm local{};
    localtime_r(&seconds, &local);
    char stamp[32];
    std::size_t length = std::strftime(stamp, sizeof stamp, "%Y%m%d-%H%M-", &local);
    return std::string(stamp, length).append(random4);
}

std::string new_session_id(TimePoint now) {
    return new_session_id(now, random_token(4));
}

bool is_valid_session_id(std::string_view id) {
    if (id.empty() || id.size() > 128 || id.find("..") != id.npos) return false;
    for (char c : id) {
        if (!is_id_character(c)) return false;
    }
    return id[0] != '.' && id[0] != '_' && id[0] != '-';
}

std::string random_token(std::size_t chars) {
    constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    std::string token(chars, '\0');
    std::size_t filled = 0;
    while (filled < chars) {
        ssize_t got = getrandom(token.data() + filled, chars - filled, 0);
        // It can only be interrupted: the call exists on every kernel that thole runs on.
        if (got < 0 && errno != EINTR) std::abort();
        if (got > 0) filled += static_cast<std::size_t>(got);
    }
    for (char& c : token) c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    return token;
}

}  // namespace thole
