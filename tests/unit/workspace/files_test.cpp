#include "workspace/files.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <vector>

#include "unit/workspace/scratch.hpp"

using namespace thole;

namespace {

unsigned mode_of(const std::string& path) {
    struct stat found {};
    return stat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    for (auto& entry : std::filesystem::directory_iterator(directory)) {
        names.push_back(entry.path().filename());
    }
    return names;
}

struct Umask {
    mode_t before;
    explicit Umask(mode_t mask) : before(umask(mask)) {}
    ~Umask() { umask(before); }
};

}  // namespace

TEST_CASE("a file is read whole, within its limit") {
    Scratch scratch;
    std::string path = scratch.write("f", std::string("a\0b\n", 4));
    CHECK(read_file(path, 4).value() == std::string("a\0b\n", 4));
    CHECK(read_file(path, 3).error() ==
          Error{Code::too_large, "cannot read '" + path + "': it has 4 bytes, the limit is 3"});
    CHECK(read_file(scratch.write("empty", ""), 0).value() == "");
    std::string big(300'000, 'x');
    CHECK(read_file(scratch.write("big", big), 1 << 20).value() == big);
    CHECK(read_file("/proc/self/status", 1 << 20).value().starts_with("Name:"));
}

TEST_CASE("what is no readable file says what it is") {
    Scratch scratch;
    CHECK(read_file(scratch.path("none"), 9).error() ==
          Error{Code::not_found,
                "cannot read '" + scratch.path("none") + "': No such file or directory"});
    CHECK(read_file(scratch.path(), 9).error() ==
          Error{Code::invalid_argument, "cannot read '" + scratch.path() + "': it is a directory"});
    REQUIRE(mkfifo(scratch.path("fifo").c_str(), 0600) == 0);
    CHECK(read_file(scratch.path("fifo"), 9).error().code == Code::invalid_argument);
    CHECK(read_file("/dev/zero", 9).error().code == Code::invalid_argument);
}

TEST_CASE("a file is replaced whole and keeps its mode") {
    Scratch scratch;
    Umask mask(022);
    std::string path = scratch.write("f", "old");
    std::filesystem::permissions(path, std::filesystem::perms(0751));
    REQUIRE(write_file_atomically(path, "new").has_value());
    CHECK(scratch.read("f") == "new");
    CHECK(mode_of(path) == 0751);
    REQUIRE(write_file_atomically(scratch.path("g"), "").has_value());
    CHECK(mode_of(scratch.path("g")) == 0644);
    WriteOptions secret;
    secret.mode = 0600;
    secret.exact_mode = true;
    REQUIRE(write_file_atomically(path, "x", secret).has_value());
    CHECK(mode_of(path) == 0600);
    CHECK(names_in(scratch.path()).size() == 2);
}

TEST_CASE("an exact mode holds against the umask, a plain one yields to it") {
    Scratch scratch;
    Umask mask(077);
    WriteOptions options;
    options.mode = 0644;
    REQUIRE(write_file_atomically(scratch.path("plain"), "x", options).has_value());
    CHECK(mode_of(scratch.path("plain")) == 0600);
    options.exact_mode = true;
    REQUIRE(write_file_atomically(scratch.path("exact"), "x", options).has_value());
    CHECK(mode_of(scratch.path("exact")) == 0644);
}

TEST_CASE("missing parents are made only on request") {
    Scratch scratch;
    std::string path = scratch.path("a/b/c");
    CHECK(write_file_atomically(path, "x").error().code == Code::not_found);
    WriteOptions options;
    options.make_directories = true;
    REQUIRE(write_file_atomically(path, "x", options).has_value());
    CHECK(scratch.read("a/b/c") == "x");
    CHECK(write_file_atomically(path + "/d", "x", options).error().code == Code::exists);
}

TEST_CASE("a link at the end is refused, or replaced on request, but never followed") {
    Scratch scratch;
    scratch.write("target", "kept");
    scratch.link("target", "link");
    CHECK(write_file_atomically(scratch.path("link"), "x").error() ==
          Error{Code::denied, "cannot write '" + scratch.path("link") +
                                  "': it is a symbolic link; write to the file that it points to"});
    WriteOptions options;
    options.replace_symlink = true;
    REQUIRE(write_file_atomically(scratch.path("link"), "new", options).has_value());
    CHECK_FALSE(std::filesystem::is_symlink(scratch.path("link")));
    CHECK(scratch.read("link") == "new");
    CHECK(scratch.read("target") == "kept");
}

TEST_CASE("a failed write leaves nothing behind") {
    Scratch scratch;
    scratch.directory("d");
    CHECK(write_file_atomically(scratch.path("d"), "x").error().code == Code::invalid_argument);
    CHECK(write_file_atomically(scratch.path("d/") + std::string(300, 'n'), "x").error().code ==
          Code::invalid_argument);
    CHECK(names_in(scratch.path("d")).empty());
    std::string longest(255, 'n');
    CHECK(write_file_atomically(scratch.path("d/") + longest, "x").has_value());
    if (std::filesystem::exists("/dev/full")) {
        CHECK(write_file_atomically("/dev/full", "x").error().code == Code::invalid_argument);
    }
}

TEST_CASE("a private directory is private whatever the umask and whatever it was") {
    Scratch scratch;
    {
        Umask mask(0);
        REQUIRE(make_private_directory(scratch.path("a/b")).has_value());
        CHECK(mode_of(scratch.path("a/b")) == 0700);
    }
    std::filesystem::permissions(scratch.path("a/b"), std::filesystem::perms(0777));
    REQUIRE(make_private_directory(scratch.path("a/b")).has_value());
    CHECK(mode_of(scratch.path("a/b")) == 0700);
    scratch.write("file", "");
    CHECK(make_private_directory(scratch.path("file")).error().code == Code::exists);
    scratch.link("a", "link");
    CHECK(make_private_directory(scratch.path("link")).error().code == Code::exists);
}

TEST_CASE("binary bytes are told from text") {
    CHECK_FALSE(looks_binary(""));
    CHECK_FALSE(looks_binary("plain\ttext\r\n"));
    CHECK_FALSE(looks_binary("naïve \xe2\x82\xac"));
    CHECK_FALSE(looks_binary("\x1b[31mred\x1b[0m"));
    CHECK_FALSE(looks_binary("caf\xe9 in latin-1"));
    CHECK(looks_binary(std::string("a\0b", 3)));
    CHECK(
        looks_binary("\xff\xfe"
                     "a"));
    CHECK(looks_binary("\x01\x02\x03\x04"));
    CHECK_FALSE(looks_binary(std::string(9000, 'a') + std::string(1, '\0')));
}

TEST_CASE("images are known by their first bytes") {
    CHECK(image_mime_type("\x89PNG\r\n\x1a\n...") == "image/png");
    CHECK(image_mime_type("\xff\xd8\xff\xe0") == "image/jpeg");
    CHECK(image_mime_type("GIF89a") == "image/gif");
    CHECK(image_mime_type(std::string("RIFF\0\0\0\0WEBPVP8", 15)) == "image/webp");
    CHECK(image_mime_type(std::string("RIFF\0\0\0\0WAVE", 12)) == std::nullopt);
    CHECK(image_mime_type("<svg>") == std::nullopt);
    CHECK(image_mime_type("") == std::nullopt);
}
