#include "journal/blobs.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "base/sha256.hpp"
#include "journal/files.hpp"

namespace thole {

namespace {

bool is_sha256(std::string_view text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

bool has_size(const std::string& path, std::size_t size) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           static_cast<std::size_t>(status.st_size) == size;
}

}  // namespace

Result<StoredBlob> write_blob(const std::string& directory, std::string_view content) {
    StoredBlob stored{sha256_hex(content), false};
    const std::string path = directory + "/" + stored.sha256;
    if (has_size(path, content.size())) return stored;
    stored.is_new = true;
    auto written = replace_file(path, content, Durable::no);
    if (!written && written.error().code == Code::not_found) {
        if (auto made = make_private_directories(directory); !made) return made.error();
        written = replace_file(path, content, Durable::no);
    }
    if (!written) return written.error();
    return stored;
}

Result<std::string> load_blob(const std::string& directory, std::string_view sha256) {
    if (!is_sha256(sha256)) {
        return fail(Code::invalid_argument, "not a sha256: " + std::string(sha256.substr(0, 80)));
    }
    const std::string path = directory + "/" + std::string(sha256);
    auto content = read_whole(path);
    if (!content || sha256_hex(*content) == sha256) return content;
    return fail(Code::corrupt, path + " does not hold what its name says");
}

}  // namespace thole
