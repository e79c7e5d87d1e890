#include "base/log.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace thole;

namespace {

struct Folder {
    std::string path;
    Folder() {
        char name[] = "/tmp/thole-log-XXXXXX";
        path = mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
};

std::string content(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a log writes what its level lets through, to a private file") {
    Folder folder;
    std::string file = folder.path + "/log";
    Log log(LogLevel::info, file);
    log.warn("careful {}");
    log.info("so it is");
    log.debug("not this");
    std::string text = content(file);
    CHECK(text.find("warning careful {}\n") != text.npos);
    CHECK(text.find("info so it is\n") != text.npos);
    CHECK(text.find("not this") == text.npos);
    struct stat found {};
    REQUIRE(stat(file.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("a log without a level or with a bad file is silent and harmless") {
    Log silent;
    silent.warn("x");
    Log nowhere(LogLevel::debug, "/nonexistent/folder/log");
    nowhere.warn("x");
    Log off(LogLevel::off, "/nonexistent/log");
    off.debug("x");
    CHECK_FALSE(std::filesystem::exists("/nonexistent"));
}
