#include "session/key_store.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/scratch.hpp"
#include "workspace/files.hpp"

using namespace thole;

TEST_CASE("a key is kept for its user alone, and forgotten again") {
    test::Scratch place;
    KeyStore store(place.path());
    Result<std::optional<std::string>> none = store.key("work");
    REQUIRE(none);
    CHECK(*none == std::nullopt);
    REQUIRE(store.store("work", "sk-1234"));
    CHECK(**store.key("work") == "sk-1234");
    struct stat facts {};
    REQUIRE(stat(store.file("work").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
    REQUIRE(store.store("work", "sk-5678"));
    CHECK(**store.key("work") == "sk-5678");
    CHECK(*store.remove("work"));
    CHECK_FALSE(*store.remove("work"));
}

TEST_CASE("names that lead elsewhere make no file, and what is no key is not kept") {
    test::Scratch place;
    KeyStore store(place.path());
    for (const char* name : {"", "..", "a/b", "../x", "-x"}) {
        CHECK(store.file(name).empty());
        CHECK(*store.key(name) == std::nullopt);
        CHECK_FALSE(*store.remove(name));
        CHECK(store.store(name, "k").error().code == Code::invalid_argument);
    }
    for (const char* key : {"", "a b", "a\nb", "a\x1b[0m"}) {
        CHECK(store.store("work", key).error().code == Code::invalid_argument);
    }
}

TEST_CASE("a key that others can read is refused") {
    test::Scratch place;
    KeyStore store(place.path());
    REQUIRE(store.store("work", "sk-1234"));
    REQUIRE(chmod(store.file("work").c_str(), 0640) == 0);
    Error error = store.key("work").error();
    CHECK(error.code == Code::denied);
    CHECK(error.message == "others can read '" + store.file("work") + "'; chmod 600 it");
}
