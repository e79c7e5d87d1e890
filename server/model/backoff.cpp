#include "model/backoff.hpp"

#include <algorithm>

namespace thole::model {

std::chrono::milliseconds Backoff::delay(int attempt,
                                         std::optional<std::chrono::milliseconds> asked) {
    if (asked && asked->count() > 0) return *asked;
    constexpr std::int64_t most = 60000;
    int doublings = std::clamp(attempt - 1, 0, 16);
    std::int64_t exact = std::min(most, base_.count() << doublings);
    std::uniform_int_distribution<std::int64_t> spread(exact * 3 / 4, exact * 5 / 4);
    return std::chrono::milliseconds(spread(random_));
}

}  // namespace thole::model
