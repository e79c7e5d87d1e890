// What happens in any order: edits, commits, crashes, merges, discarding, pruning. After each step
// what is the user's is as it was, and at the end everything is reachable and git finds no fault.
// THOLE_HISTORIES: how many (100); THOLE_SEED: of the first; THOLE_KEEP=FOLDER: work there, and
// leave it. A failure names its seed.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "histories/history.hpp"
#include "support/scratch.hpp"

using namespace thole;

namespace fs = std::filesystem;

namespace {

unsigned number_from(const char* variable, unsigned fallback) {
    const char* text = std::getenv(variable);
    return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : fallback;
}

struct Runs {
    unsigned first = 0, count = 0;
    std::string templates, folder;
    std::atomic<unsigned> next = 0;
    std::mutex mutex;
    std::vector<std::string> failures;

    void work() {
        for (unsigned i = next++; i < count; i = next++) {
            unsigned seed = first + i;
            std::string place = folder + "/" + std::to_string(seed);
            test::History history(seed, templates, place);
            try {
                history.run();
            } catch (const test::Broken& broken) {
                complain(seed, broken.what, history);
            } catch (const std::exception& thrown) {
                complain(seed, thrown.what(), history);
            }
            if (!::getenv("THOLE_KEEP")) fs::remove_all(place);
        }
    }

    // At once: a run of many takes minutes.
    void complain(unsigned seed, const std::string& what, const test::History& history) {
        std::lock_guard lock(mutex);
        failures.push_back("THOLE_SEED=" + std::to_string(seed) + " THOLE_HISTORIES=1: " + what +
                           "\n  " + history.steps());
        std::fprintf(stderr, "%s\n", failures.back().c_str());
    }
};

}  // namespace

TEST_CASE("in no history is anything lost that existed, or touched that is the user's") {
    ::setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    test::Scratch scratch;
    Runs runs;
    runs.first = number_from("THOLE_SEED", 1);
    runs.count = number_from("THOLE_HISTORIES", 100);
    const char* kept = std::getenv("THOLE_KEEP");
    std::string place = kept ? kept : scratch.path();
    runs.templates = place + "/templates";
    runs.folder = place + "/histories";
    test::make_templates(runs.templates);
    std::thread other([&] { runs.work(); });
    runs.work();
    other.join();
    CHECK(runs.failures.empty());
}
