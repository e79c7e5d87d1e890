// Payloads over 32 KiB, each once, in a file named by its sha256. Internal to journal/. Blocking.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace thole {

struct StoredBlob {
    std::string sha256;
    bool is_new = false;  // must be synced before the line that names it
};
Result<StoredBlob> write_blob(const std::string& directory, std::string_view content);

// Errors: invalid_argument (no sha256), not_found, denied, io, corrupt (other content).
Result<std::string> load_blob(const std::string& directory, std::string_view sha256);

}  // namespace thole
