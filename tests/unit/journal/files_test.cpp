#include "journal/files.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "support/scratch.hpp"

using namespace thole;

TEST_CASE("a file is replaced in one step and is private") {
    test::Scratch scratch;
    for (const std::string content : {"first", "second"}) {
        REQUIRE(replace_file(scratch / "f", content, Durable::yes));
        CHECK(scratch.read("f") == content);
    }
    struct stat status {};
    ::stat((scratch / "f").c_str(), &status);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK_FALSE(std::filesystem::exists(scratch / "f.tmp"));
}

TEST_CASE("replacing a link leaves alone what it pointed to") {
    test::Scratch scratch;
    scratch.write("victim", "precious");
    std::filesystem::create_symlink(scratch / "victim", scratch / "f");
    std::filesystem::create_symlink(scratch / "victim", scratch / "f.tmp");
    REQUIRE(replace_file(scratch / "f", "new", Durable::no));
    CHECK(scratch.read("victim") == "precious");
    CHECK(scratch.read("f") == "new");
    CHECK_FALSE(std::filesystem::is_symlink(scratch / "f"));
}

TEST_CASE("a replacement that fails leaves the old file and no other") {
    test::Scratch scratch;
    std::filesystem::create_directory(scratch / "f");
    scratch.write("f/inside", "x");
    const auto replaced = replace_file(scratch / "f", "new", Durable::yes);
    CHECK_FALSE(replaced);
    CHECK(replaced.error().message.starts_with("cannot replace " + (scratch / "f") + ": "));
    CHECK(scratch.read("f/inside") == "x");
    CHECK_FALSE(std::filesystem::exists(scratch / "f.tmp"));
    CHECK(replace_file(scratch / "none/f", "new", Durable::yes).error().code == Code::not_found);
}

TEST_CASE("a new file must be new") {
    test::Scratch scratch;
    scratch.write("f", "x");
    CHECK(open_own_file(scratch / "f", O_WRONLY | O_CREAT).error().code == Code::exists);
    CHECK(read_whole(scratch / "f").value() == "x");
    CHECK(
        read_whole(scratch / "none").error() ==
        fail(Code::not_found, "cannot open " + (scratch / "none") + ": No such file or directory"));
}

TEST_CASE("only regular files are opened, and nothing is waited for") {
    test::Scratch scratch;
    std::filesystem::create_directory(scratch / "d");
    ::mkfifo((scratch / "p").c_str(), 0600);
    scratch.write("f", "x");
    std::filesystem::create_symlink(scratch / "f", scratch / "l");
    for (const auto* name : {"d", "p", "l"}) {
        CHECK(read_whole(scratch / name).error().code == Code::denied);
        CHECK(open_own_file(scratch / name, O_RDWR | O_APPEND).error().code == Code::denied);
    }
}
