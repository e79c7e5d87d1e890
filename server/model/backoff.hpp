// How long to wait before a request is tried again. Pure but for its source of jitter.
#pragma once
#include <chrono>
#include <optional>
#include <random>

namespace thole::model {

class Backoff {
public:
    explicit Backoff(std::chrono::milliseconds base) : base_(base) {}

    // The longest wait that a provider may ask for; beyond it the request fails.
    static constexpr std::chrono::milliseconds longest_wait{120000};

    // Before try `attempt` + 1: `asked` when the provider named a time, else base · 2^(attempt -
    // 1), at most a minute, ±25 %. "At once", said by a provider that fails, is no time.
    std::chrono::milliseconds delay(int attempt, std::optional<std::chrono::milliseconds> asked);

private:
    std::chrono::milliseconds base_;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace thole::model
