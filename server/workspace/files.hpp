// Whole files on the disk: reading with a limit, atomic replacing, private directories, and what
// kind of content bytes are. Blocking; call it from a worker. Paths are taken as they are:
// resolving and confining them is Roots' part.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace thole {

// The bytes of a regular file. Errors: not_found, denied, invalid_argument (a directory, a device),
// too_large (names the size and the limit), io.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

struct WriteOptions {
    mode_t mode = 0666;             // of a new file; the umask applies
    bool keep_mode = true;          // an existing file keeps its permission bits
    bool make_directories = false;  // create missing parents
    bool replace_symlink = false;   // replace a link at the end, instead of refusing it
    bool exact_mode = false;        // set `mode` whatever the umask
    bool durable = true;            // fsync file and directory
    bool operator==(const WriteOptions&) const = default;
};
// Replaces the whole file or nothing: temporary file beside it, fsync, rename, fsync of the
// directory. Errors: denied (also: the last component is a symbolic link), not_found (no such
// directory), invalid_argument (a directory), io (disk full). Nothing is left behind on failure.
Result<void> write_file_atomically(const std::string& path, std::string_view content,
                                   const WriteOptions& options = {});

// Makes the directory and its missing parents; the last one is 0700 whatever the umask, an existing
// one is checked to be a directory of this user. Errors: denied, exists (not a directory), io.
Result<void> make_private_directory(const std::string& path);
Result<void> make_directories(const std::string& path);

// Whether the bytes are not text: a NUL or too many control characters in the first 8 KiB. Text
// in UTF-16 with a byte order mark counts as binary.
bool looks_binary(std::string_view bytes);

// "image/png", "image/jpeg", "image/gif" or "image/webp" by the first bytes.
std::optional<std::string> image_mime_type(std::string_view bytes);

// "cannot <did> '<path>': <text of errno>" with the Code that fits the errno.
Error system_error(int error_number, std::string_view did, std::string_view path);

}  // namespace thole
