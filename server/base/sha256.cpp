#include "base/sha256.hpp"

#include <nettle/hmac.h>
#include <nettle/sha2.h>

#include <cstdint>

namespace thole {

namespace {

const std::uint8_t* octets(std::string_view bytes) {
    return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

std::string as_hex(std::string_view bytes) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out;
    for (char byte : bytes) {
        auto value = static_cast<std::uint8_t>(byte);
        out += hex[value >> 4];
        out += hex[value & 15];
    }
    return out;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
    sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, bytes.size(), octets(bytes));
    std::string digest(SHA256_DIGEST_SIZE, '\0');
    sha256_digest(&context, digest.size(), reinterpret_cast<std::uint8_t*>(digest.data()));
    return as_hex(digest);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    hmac_sha256_ctx context;
    hmac_sha256_set_key(&context, key.size(), octets(key));
    hmac_sha256_update(&context, bytes.size(), octets(bytes));
    std::string digest(SHA256_DIGEST_SIZE, '\0');
    hmac_sha256_digest(&context, digest.size(), reinterpret_cast<std::uint8_t*>(digest.data()));
    return digest;
}

std::string hmac_sha256_hex(std::string_view key, std::string_view bytes) {
    return as_hex(hmac_sha256(key, bytes));
}

}  // namespace thole
