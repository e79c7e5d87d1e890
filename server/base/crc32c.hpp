// CRC-32C (Castagnoli), the checksum of log lines. Uses SSE4.2 where the processor has it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace thole {

// `seed` is the crc of what came before: crc32c(b, crc32c(a)) == crc32c(a + b).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);
// The same without special instructions, for the test that compares them.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t seed = 0);

// 8 lower-case hexadecimal digits, as in a log line.
std::string crc32c_hex(std::uint32_t crc);

}  // namespace thole
