// Signals of the operating system (SIGINT, SIGTERM, SIGHUP, SIGWINCH) as values on the loop thread.
// While it lives the listed signals do not have their default effect. Owned by main or a front end.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "async/loop.hpp"

namespace thole::async {

class Signals {
public:
    Signals(Loop& loop, const std::vector<int>& numbers);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    // The next signal's number, in order of arrival; nullopt at a stop. One caller at a time.
    Task<std::optional<int>> next();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace thole::async
