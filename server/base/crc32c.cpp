#include "base/crc32c.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace thole {

namespace {

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

// tables[k][b]: what byte b does to the crc when k more bytes follow it.
constexpr Tables make_tables() {
    Tables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
        tables[0][byte] = crc;
    }
    for (std::size_t k = 1; k < 8; ++k) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            std::uint32_t before = tables[k - 1][byte];
            tables[k][byte] = before >> 8 ^ tables[0][before & 255];
        }
    }
    return tables;
}

constexpr Tables tables = make_tables();

std::uint32_t step(std::uint32_t crc, char byte) {
    return crc >> 8 ^ tables[0][(crc ^ static_cast<unsigned char>(byte)) & 255];
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::string_view bytes,
                                                             std::uint32_t seed) {
    std::uint64_t crc = ~seed;
    while (bytes.size() >= 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data(), 8);
        crc = _mm_crc32_u64(crc, word);
        bytes.remove_prefix(8);
    }
    auto rest = static_cast<std::uint32_t>(crc);
    for (char byte : bytes) rest = _mm_crc32_u8(rest, static_cast<unsigned char>(byte));
    return ~rest;
}
#endif

}  // namespace

std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t seed) {
    std::uint32_t crc = ~seed;
    while (bytes.size() >= 8) {
        std::uint32_t next = 0;
        for (std::size_t i = 0; i < 8; ++i) {
            auto byte = static_cast<unsigned char>(bytes[i]);
            std::uint32_t mixed = i < 4 ? byte ^ (crc >> 8 * i & 255) : byte;
            next ^= tables[7 - i][mixed];
        }
        crc = next;
        bytes.remove_prefix(8);
    }
    for (char byte : bytes) crc = step(crc, byte);
    return ~crc;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return crc32c_sse42(bytes, seed);
#endif
    return crc32c_portable(bytes, seed);
}

std::string crc32c_hex(std::uint32_t crc) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out;
    for (int shift = 28; shift >= 0; shift -= 4) out += hex[crc >> shift & 15];
    return out;
}

}  // namespace thole
