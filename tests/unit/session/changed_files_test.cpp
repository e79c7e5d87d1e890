#include "session/changed_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace thole;

namespace {

const Secrets secrets({{"API_KEY", "k3y-of-the-boat"}, {"OTHER", "an0ther-secret"}});

ChangedFile file(const char* baseline, const char* latest) {
    return {"/w/a", baseline, latest, 3, true};
}

}  // namespace

TEST_CASE("secrets come back where the file still has their lines") {
    const FileToReview found =
        with_secrets(file("key [redacted API_KEY]\r\none\n", "key [redacted API_KEY]\r\ntwo\n"),
                     "user\nkey k3y-of-the-boat\r\ntwo\n", secrets);
    CHECK(
        found ==
        FileToReview{file("key k3y-of-the-boat\r\none\n", "key k3y-of-the-boat\r\ntwo\n"), false});
}

TEST_CASE("a secret that is nowhere any more is told of, and so is one that may be either of two") {
    const ChangedFile gone = file("key [redacted API_KEY]\n", "none\n");
    CHECK(with_secrets(gone, "none\n", secrets) == FileToReview{gone, true});
    const Secrets same({{"K", "k3y-of-the-boat"}, {"K", "an0ther-secret"}});
    const ChangedFile either = file("x [redacted K]\n", "y\n");
    CHECK(with_secrets(either, "x k3y-of-the-boat\nx an0ther-secret\n", same) ==
          FileToReview{either, true});
}

TEST_CASE("a placeholder that the file itself has stays what it is") {
    const ChangedFile about = file("see [redacted API_KEY]\n", "see [redacted API_KEY]\nmore\n");
    CHECK(with_secrets(about, "see [redacted API_KEY]\nmore\n", secrets) ==
          FileToReview{about, false});
}
