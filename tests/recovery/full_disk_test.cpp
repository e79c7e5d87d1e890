#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "recovery/rig.hpp"

using namespace thole;

namespace {

// A file system of one megabyte in a mount namespace that only this process sees. `is_mounted` is
// false where the system does not let us.
struct SmallDisk {
    test::Scratch scratch;
    std::string path = scratch / "disk";
    bool is_mounted = false;

    SmallDisk() {
        std::filesystem::create_directory(path);
        is_mounted = ::unshare(CLONE_NEWNS) == 0 &&
                     ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                     ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=1m") == 0;
    }
    ~SmallDisk() {
        if (is_mounted) ::umount2(path.c_str(), MNT_DETACH);
    }
};

void fill(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string block(4096, 'x');
    while (::write(fd, block.data(), block.size()) > 0) continue;
    ::close(fd);
}

void check_goes_on(const SessionFiles& files, std::uint64_t acknowledged) {
    const auto before = test::read_all(files);
    CHECK(before.read.damage.is_whole());
    CHECK(before.read.last_id >= acknowledged);
    std::uint64_t next = 0;
    const auto damage =
        test::reopen(files, [&](Journal& journal) { next = journal.append(Checkpoint{1}); });
    INFO((damage ? "" : damage.error().message));
    REQUIRE(damage);
    CHECK(damage->is_whole());
    CHECK(next == before.read.last_id + 1);
    CHECK(test::read_all(files).read.last_id == next);
}

}  // namespace

TEST_CASE("a full disk is told, loses nothing acknowledged and leaves a clean log") {
    SmallDisk disk;
    if (!disk.is_mounted) {
        MESSAGE("this system mounts no tmpfs for us; only the file size limit is tested");
        return;
    }
    for (int round = 0; round < 5; ++round) {
        const SessionFiles files{disk.path, "s" + std::to_string(round)};
        test::Writer writer(files, true);
        REQUIRE(writer.await_lines(static_cast<std::size_t>(5 + 7 * round)));
        fill(disk.path + "/ballast");
        const std::string error = writer.last_words();
        CHECK(error.find("No space left on device") != std::string::npos);
        CHECK(error.find(disk.path) != std::string::npos);
        CHECK(writer.appended > 0);
        std::filesystem::remove(disk.path + "/ballast");
        check_goes_on(files, writer.appended);
        std::filesystem::remove_all(files.log());
        std::filesystem::remove_all(files.blobs());
    }
}

TEST_CASE("a limit on the file's size cuts no line in two") {
    for (const std::size_t limit : {3'000, 20'011, 50'000, 50'001, 50'002}) {
        test::Scratch scratch;
        const SessionFiles files{scratch.path(), "s1"};
        test::Writer writer(files, true, limit);
        const std::string error = writer.last_words();
        CHECK(error.find("File too large") != std::string::npos);
        CHECK(writer.appended > 0);
        CHECK(std::filesystem::file_size(files.log()) <= limit);
        check_goes_on(files, writer.appended);
    }
}
