#include "base/crc32c.hpp"

#include <doctest/doctest.h>

using namespace thole;

TEST_CASE("crc32c gives the vectors of RFC 3720") {
    std::string rising(32, '\0'), falling(32, '\0');
    for (int i = 0; i < 32; ++i) rising[i] = static_cast<char>(i);
    for (int i = 0; i < 32; ++i) falling[i] = static_cast<char>(31 - i);
    for (auto* crc : {&crc32c, &crc32c_portable}) {
        CHECK(crc("", 0) == 0);
        CHECK(crc("123456789", 0) == 0xe3069283);
        CHECK(crc(std::string(32, '\0'), 0) == 0x8a9136aa);
        CHECK(crc(std::string(32, '\xff'), 0) == 0x62a8ab43);
        CHECK(crc(rising, 0) == 0x46dd794e);
        CHECK(crc(falling, 0) == 0x113fdb5c);
    }
}

TEST_CASE("both ways of counting agree at every length and go on from a seed") {
    std::string text;
    for (int i = 0; i < 300; ++i) {
        text += static_cast<char>(i * 37);
        CHECK(crc32c(text) == crc32c_portable(text));
        std::string_view head = std::string_view(text).substr(0, text.size() / 3);
        std::string_view tail = std::string_view(text).substr(text.size() / 3);
        CHECK(crc32c(tail, crc32c(head)) == crc32c(text));
        CHECK(crc32c_portable(tail, crc32c_portable(head)) == crc32c(text));
    }
}

TEST_CASE("the hexadecimal form has eight digits") {
    CHECK(crc32c_hex(0) == "00000000");
    CHECK(crc32c_hex(0xe3069283) == "e3069283");
}
