// Prints how many milliseconds it takes in a process that has just begun:
//   worktree_time snapshot REPOSITORY
//   worktree_time make REPOSITORY FOLDER PREFIX COUNT   (COUNT trees, four at a time as on the
//   pool)
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "git/snapshot.hpp"
#include "git/worktree.hpp"

using namespace thole;

namespace {

[[noreturn]] void give_up(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    std::exit(1);
}

void snapshot(const std::string& repository) {
    Result<git::Place> place = git::find_place(repository);
    if (!place) give_up(place.error());
    Result<git::Snapshot> taken = git::take_snapshot({*place});
    if (!taken) give_up(taken.error());
}

void make(const git::WorktreeRequest& wanted, int count) {
    std::atomic<int> next = 0;
    auto work = [&] {
        for (int i = next++; i < count; i = next++) {
            git::WorktreeRequest request = wanted;
            request.id += std::to_string(i);
            Result<git::MadeWorktree> made = git::make_worktree(request);
            if (!made) give_up(made.error());
        }
    };
    std::vector<std::thread> threads;
    for (int i = 1; i < std::min(count, 4); ++i) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    auto begin = std::chrono::steady_clock::now();
    if (words.size() == 2 && words[0] == "snapshot") {
        snapshot(words[1]);
    } else if (words.size() == 5 && words[0] == "make") {
        git::WorktreeRequest wanted;
        wanted.directory = words[1];
        wanted.folder = words[2];
        wanted.id = words[3];
        make(wanted, std::atoi(words[4].c_str()));
    } else {
        std::fprintf(stderr, "see the head of worktree_time.cpp\n");
        return 2;
    }
    std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
    std::printf("%.2f\n", taken.count());
    return 0;
}
