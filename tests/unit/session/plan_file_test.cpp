#include "session/plan_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/scratch.hpp"

using namespace thole;
namespace fs = std::filesystem;

namespace {

constexpr const char* id = "20261120-1200-abcd";

mode_t mode_of(const std::string& path) {
    struct stat facts {};
    REQUIRE(::lstat(path.c_str(), &facts) == 0);
    return facts.st_mode;
}

// A folder for plans below another one, and the file of one session in it.
struct Place {
    test::Scratch scratch;
    std::string folder = scratch / "state/session_plans";
    PlanFile file{folder, id};
    std::string name = std::string("state/session_plans/") + id + ".md";
    std::string path = scratch / name;

    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
    }
    std::string read_error() {
        Result<std::string> text = file.read();
        return text ? "no error" : text.error().message;
    }
    std::string write_error(const std::string& content = "x") {
        Result<void> written = file.write(content);
        return written ? "no error" : written.error().message;
    }
};

}  // namespace

TEST_CASE("a plan is written, read and replaced as it is") {
    Place place;
    CHECK(place.file.path() == place.path);
    for (const std::string content : {"# Plan\n", "- [ ] ü\r\nno end", "\n\n x"}) {
        REQUIRE(place.file.write(content));
        CHECK(place.scratch.read(place.name) == content);
        CHECK(place.file.read().value() == content);
    }
    CHECK(place.files() == 1);
}

TEST_CASE("the file is 0600 in a folder of 0700, whatever the umask") {
    for (mode_t mask : {0000, 0022, 0077, 0777}) {
        Place place;
        fs::create_directory(place.scratch / "state");
        mode_t before = ::umask(mask);
        Result<void> written = place.file.write("x");
        ::umask(before);
        REQUIRE_MESSAGE(written, (written ? "" : written.error().message));
        CHECK(mode_of(place.path) == (S_IFREG | 0600));
        CHECK(mode_of(place.folder) == (S_IFDIR | 0700));
    }
}

TEST_CASE("what was open to others before is not any more") {
    Place place;
    place.scratch.write(place.name, "old");
    ::chmod(place.folder.c_str(), 0777);
    ::chmod(place.path.c_str(), 0666);
    REQUIRE(place.file.write("new"));
    CHECK(mode_of(place.path) == (S_IFREG | 0600));
    CHECK(mode_of(place.folder) == (S_IFDIR | 0700));
}

TEST_CASE("a symbolic link in the place of the file is replaced and not followed") {
    Place place;
    place.scratch.write("secret", "untouched");
    fs::create_directories(place.folder);
    fs::create_symlink(place.scratch / "secret", place.path);
    CHECK(place.file.read().error().code == Code::denied);
    CHECK(place.read_error() == "'" + place.path + "' is a symbolic link");
    REQUIRE(place.file.write("# Plan\n"));
    CHECK(mode_of(place.path) == (S_IFREG | 0600));
    CHECK(place.scratch.read(place.name) == "# Plan\n");
    CHECK(place.scratch.read("secret") == "untouched");
    CHECK(mode_of(place.scratch / "secret") != (S_IFREG | 0600));
}

TEST_CASE("a dangling link is replaced, and a link is removed without what it points to") {
    Place place;
    fs::create_directories(place.folder);
    fs::create_symlink(place.scratch / "nothing", place.path);
    REQUIRE(place.file.write("x"));
    CHECK_FALSE(fs::exists(place.scratch / "nothing"));
    place.scratch.write("secret", "untouched");
    fs::remove(place.path);
    fs::create_symlink(place.scratch / "secret", place.path);
    place.file.remove();
    CHECK_FALSE(fs::is_symlink(place.path));
    CHECK(place.scratch.read("secret") == "untouched");
}

TEST_CASE("a link in the place of the folder is refused") {
    Place place;
    fs::create_directories(place.scratch / "elsewhere");
    fs::create_directory(place.scratch / "state");
    fs::create_directory_symlink(place.scratch / "elsewhere", place.folder);
    CHECK(place.file.write("x").error().code == Code::exists);
    CHECK(place.write_error().find("'" + place.folder + "'") != std::string::npos);
    CHECK(fs::is_empty(place.scratch / "elsewhere"));
}

TEST_CASE("a folder in the place of the file is an error that names it, and stays") {
    Place place;
    place.scratch.write(place.name + "/inside", "untouched");
    CHECK(place.write_error() == "cannot write '" + place.path + "': it is a directory");
    CHECK(place.read_error() == "cannot read '" + place.path + "': it is a directory");
    place.file.remove();
    CHECK(place.scratch.read(place.name + "/inside") == "untouched");
    CHECK(place.files() == 1);
}

TEST_CASE("a pipe in the place of the file blocks nothing") {
    Place place;
    fs::create_directories(place.folder);
    REQUIRE(::mkfifo(place.path.c_str(), 0600) == 0);
    CHECK(place.write_error() == "cannot write '" + place.path + "': it is no regular file");
    CHECK(place.read_error() == "cannot read '" + place.path + "': it is no regular file");
    CHECK(place.file.may_have_changed());
    place.file.remove();
    CHECK(place.write_error() == "no error");
}

TEST_CASE("a file in the place of the folder is an error that names it") {
    Place place;
    place.scratch.write("state/session_plans", "a file");
    CHECK(place.write_error().find("'" + place.folder + "'") != std::string::npos);
    CHECK(place.scratch.read("state/session_plans") == "a file");
    CHECK(place.file.read().error().code == Code::not_found);
}

TEST_CASE("a file that is not there is not found, and removing it is fine") {
    Place place;
    CHECK(place.file.read().error().code == Code::not_found);
    CHECK(place.read_error().find(place.path) != std::string::npos);
    place.file.remove();
    REQUIRE(place.file.write("x"));
    place.file.remove();
    CHECK_FALSE(fs::exists(place.path));
    CHECK(place.file.read().error().code == Code::not_found);
}

TEST_CASE("a folder that nothing can be written to is an error, and nothing is left in it") {
    Place place;
    fs::create_directories(place.folder);
    // Root may write wherever it likes, but not as somebody else.
    const bool is_root = ::geteuid() == 0;
    const uid_t nobody = 65534;
    if (is_root) {
        for (const std::string& one :
             {place.scratch.path(), place.scratch / "state", place.folder}) {
            REQUIRE(::chown(one.c_str(), nobody, nobody) == 0);
        }
    }
    ::chmod((place.scratch / "state").c_str(), 0500);
    fs::remove(place.folder);
    if (is_root) REQUIRE(::seteuid(nobody) == 0);
    Result<void> written = place.file.write("x");
    if (is_root) REQUIRE(::seteuid(0) == 0);
    ::chmod((place.scratch / "state").c_str(), 0700);
    REQUIRE_FALSE(written);
    CHECK(written.error().code == Code::denied);
    CHECK(written.error().message ==
          "cannot make directory '" + place.folder + "': Permission denied");
    CHECK_FALSE(fs::exists(place.folder));
}

TEST_CASE("a plan is text in UTF-8 and at most 1 MiB") {
    CHECK(check_plan("# Plan\n"));
    CHECK(check_plan(std::string(longest_plan, 'x')));
    const auto why = [](const std::string& content) {
        Result<void> good = check_plan(content);
        if (good) return std::string("no error");
        CHECK(good.error().code == Code::invalid_argument);
        return good.error().message;
    };
    for (const char* nothing : {"", " ", "\n", " \t\r\n\n"}) {
        CHECK(why(nothing) == "content must not be empty");
    }
    CHECK(why(std::string(longest_plan + 1, 'x')) ==
          "content has 1048577 bytes; a plan has at most 1 MiB");
    CHECK(why(std::string(10 * 1024 * 1024, 'x')) ==
          "content has 10485760 bytes; a plan has at most 1 MiB");
    for (const std::string& bytes :
         {std::string("a\xff"), std::string("\xc3"), std::string("\xed\xa0\x80"),
          std::string("a\0b", 3), std::string("\0", 1)}) {
        CHECK(why(bytes) == "content is not text in UTF-8");
    }
}

TEST_CASE("a file that holds no plan is refused by name and with the reason") {
    Place place;
    const auto why = [&](const std::string& content) {
        place.scratch.write(place.name, content);
        std::string error = place.read_error();
        CHECK(error.find("'" + place.path + "'") != std::string::npos);
        return error.substr(error.find(": ") + 2);
    };
    CHECK(why("") == "content must not be empty");
    CHECK(why("a\xff") == "content is not text in UTF-8");
    CHECK(why(std::string("a\0b", 3)) == "content is not text in UTF-8");
    CHECK(why(std::string(10 * 1024 * 1024, 'x')) == "it has 10485760 bytes, the limit is 1048576");
    CHECK(place.file.read().error().code == Code::too_large);
}

TEST_CASE("an id that is none is refused before anything is touched") {
    test::Scratch scratch;
    scratch.write("victim.md", "untouched");
    for (const std::string hostile :
         {"x/y", "../victim", "..", "", ".hidden", "a..b", "a b", "a\nb", "-x", "/etc/passwd"}) {
        CAPTURE(hostile);
        PlanFile file(scratch / "plans", hostile);
        const Error refused =
            fail(Code::invalid_argument, "invalid session ID: \"" + hostile + "\"");
        Result<void> written = file.write("x");
        REQUIRE_FALSE(written);
        CHECK(written.error() == refused);
        Result<std::string> read = file.read();
        REQUIRE_FALSE(read);
        CHECK(read.error() == refused);
        file.remove();
        CHECK_FALSE(fs::exists(scratch / "plans"));
    }
    CHECK(scratch.read("victim.md") == "untouched");
    PlanFile too_long(scratch / "plans", std::string(129, 'x'));
    CHECK_FALSE(too_long.write("x"));
    PlanFile longest(scratch / "plans", std::string(128, 'x'));
    CHECK(longest.write("x"));
}

TEST_CASE("only a change by somebody else shows") {
    Place place;
    CHECK(place.file.may_have_changed());
    REQUIRE(place.file.write("one"));
    CHECK_FALSE(place.file.may_have_changed());
    place.scratch.write(place.name, "three");
    CHECK(place.file.may_have_changed());
    REQUIRE(place.file.read());
    CHECK_FALSE(place.file.may_have_changed());
    fs::remove(place.path);
    CHECK(place.file.may_have_changed());
    CHECK_FALSE(place.file.read());
    CHECK(place.file.may_have_changed());
    place.file.remove();
    CHECK_FALSE(place.file.may_have_changed());
}

TEST_CASE("a file that was replaced by one of the same size and time has changed") {
    Place place;
    REQUIRE(place.file.write("one"));
    auto time = fs::last_write_time(place.path);
    place.scratch.write("state/other", "two");
    fs::last_write_time(place.scratch / "state/other", time);
    fs::rename(place.scratch / "state/other", place.path);
    CHECK(place.file.may_have_changed());
}

TEST_CASE("a file that holds no plan may change again until it does") {
    Place place;
    REQUIRE(place.file.write("one"));
    place.scratch.write(place.name, "\xff");
    CHECK_FALSE(place.file.read());
    CHECK(place.file.may_have_changed());
}

namespace {

// A file system of 64 KiB that only this process sees, where the system lets us have one.
struct SmallDisk {
    test::Scratch scratch;
    bool is_mounted = false;
    SmallDisk() {
        is_mounted = ::unshare(CLONE_NEWNS) == 0 &&
                     ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                     ::mount("tmpfs", scratch.path().c_str(), "tmpfs", 0, "size=64k") == 0;
    }
    ~SmallDisk() {
        if (is_mounted) ::umount2(scratch.path().c_str(), MNT_DETACH);
    }
};

}  // namespace

TEST_CASE("a full disk is told, the plan of before stays and nothing else is left") {
    SmallDisk disk;
    if (!disk.is_mounted) {
        MESSAGE("this system mounts no tmpfs for us");
        return;
    }
    PlanFile file(disk.scratch / "plans", id);
    REQUIRE(file.write("# Plan\n"));
    Result<void> written = file.write(std::string(200'000, 'x'));
    REQUIRE_FALSE(written);
    CHECK(written.error().code == Code::io);
    CHECK(written.error().message == "cannot write '" + file.path() + "': No space left on device");
    CHECK(file.read().value() == "# Plan\n");
    auto left = fs::directory_iterator(disk.scratch / "plans");
    CHECK(std::distance(left, fs::directory_iterator()) == 1);
    REQUIRE(file.write("# Shorter\n"));
}
