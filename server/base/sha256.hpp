// SHA-256, for the names of blobs and for pinning plans and settings.
#pragma once
#include <string>
#include <string_view>

namespace thole {

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace thole
