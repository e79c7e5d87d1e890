#include "cli/history.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/scratch.hpp"

using namespace thole;
using namespace thole::cli;

namespace fs = std::filesystem;

TEST_CASE("what was typed comes back, lines and backslashes and all, from a file for one user") {
    test::Scratch scratch;
    std::string file = scratch / "state/history";
    History history(file);
    CHECK(history.entries().empty());
    CHECK(history.add("row"));
    CHECK(history.add("a\nb\\n\\"));
    CHECK(history.entries() == std::vector<std::string>{"row", "a\nb\\n\\"});
    CHECK((fs::status(file).permissions() & fs::perms::all) ==
          (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("only the last thousand are read") {
    test::Scratch scratch;
    std::string file = scratch / "history";
    {
        std::ofstream out(file);
        for (int i = 1; i <= 1500; ++i) out << i << "\n";
    }
    std::vector<std::string> entries = History(file).entries();
    CHECK(entries.size() == 1000);
    CHECK(entries.front() == "501");
    CHECK(entries.back() == "1500");
}

TEST_CASE("a link in the place of the history is neither read nor written") {
    test::Scratch scratch;
    fs::path victim = scratch / "victim", link = scratch / "history";
    std::ofstream(victim) << "precious\n";
    fs::create_symlink(victim, link);
    History history(link.string());
    CHECK(history.entries().empty());
    CHECK_FALSE(history.add("row"));
    CHECK(fs::file_size(victim) == 9);
}
