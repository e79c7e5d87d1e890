// SHA-256, for the names of blobs, for pinning plans and settings, and for signing requests.
#pragma once
#include <string>
#include <string_view>

namespace thole {

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

// HMAC-SHA-256 (RFC 2104): 32 bytes, and the same as hexadecimal digits.
std::string hmac_sha256(std::string_view key, std::string_view bytes);
std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);

}  // namespace thole
