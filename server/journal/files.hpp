// The little that the journal needs of the file system: opening only what is safe to open,
// replacing a file in one step, directories for one user. Blocking; any thread. Every file is 0600
// and every directory 0700 whatever the umask is; nothing follows a symbolic link in the last
// component.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "async/descriptor.hpp"
#include "base/result.hpp"

namespace thole {

using async::Descriptor;

// "cannot <what> <path>: <reason of errno>", with the code that fits: not_found, denied, exists,
// io.
Error file_error(std::string_view what, const std::string& path, int error_number);

// Opens a regular file of this user. `flags` as for open(2); with O_CREAT it must not exist yet.
// Errors: not_found, exists, denied (a link, a directory, a pipe, somebody else's), io.
Result<Descriptor> open_own_file(const std::string& path, int flags);

Result<void> write_all(int fd, std::string_view bytes, const std::string& path);
Result<std::string> read_whole(const std::string& path);  // as open_own_file; io

// Writes a temporary file beside `path`, syncs it and renames it over `path`, then syncs the
// directory. The temporary name is `path` + ".tmp": one writer at a time.
enum class Durable { yes, no };
Result<void> replace_file(const std::string& path, std::string_view bytes, Durable durable);

Result<void> sync_path(const std::string& path);  // a file or a directory

// Makes `directory` and the one above it, 0700; a parent named .thole gets its .gitignore. Errors:
// denied, io: which directory and what to do.
Result<void> make_private_directories(const std::string& directory);

}  // namespace thole
