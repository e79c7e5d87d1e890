#include "session/key_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "workspace/files.hpp"

namespace thole {

namespace {

constexpr std::size_t key_limit = 16 * 1024;

bool is_in_a_key(char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
}

}  // namespace

Result<std::string> read_key(const std::string& file) {
    struct stat facts {};
    if (stat(file.c_str(), &facts) != 0) return system_error(errno, "read", file);
    if ((facts.st_mode & 077) != 0) {
        return fail(Code::denied, "others can read '" + file + "'; chmod 600 it");
    }
    Result<std::string> text = read_file(file, key_limit);
    if (!text) return text.error();
    std::string key(trim(*text));
    if (key.empty()) return fail(Code::invalid_argument, "'" + file + "' is empty");
    return key;
}

std::string KeyStore::file(const std::string& provider) const {
    return is_valid_session_id(provider) ? directory_ + "/" + provider : std::string();
}

Result<std::optional<std::string>> KeyStore::key(const std::string& provider) const {
    std::string path = file(provider);
    if (path.empty()) return std::optional<std::string>();
    Result<std::string> key = read_key(path);
    if (key) return std::optional<std::string>(std::move(*key));
    if (key.error().code == Code::not_found) return std::optional<std::string>();
    return key.error();
}

Result<void> KeyStore::store(const std::string& provider, const std::string& key) const {
    std::string path = file(provider);
    if (path.empty()) {
        return fail(Code::invalid_argument,
                    "a provider called '" + provider + "' can have no key of its own on the disk");
    }
    if (key.empty()) return fail(Code::invalid_argument, "the key is empty");
    if (!std::all_of(key.begin(), key.end(), is_in_a_key)) {
        return fail(Code::invalid_argument, "that is no key: there are blanks in it");
    }
    Result<void> made = make_private_directory(directory_);
    if (!made) return made;
    WriteOptions options;
    options.mode = 0600;
    options.keep_mode = false;
    options.exact_mode = true;
    options.replace_symlink = true;
    return write_file_atomically(path, key + "\n", options);
}

Result<bool> KeyStore::remove(const std::string& provider) const {
    std::string path = file(provider);
    if (path.empty()) return false;
    if (unlink(path.c_str()) == 0) return true;
    if (errno == ENOENT) return false;
    return system_error(errno, "remove", path);
}

}  // namespace thole
