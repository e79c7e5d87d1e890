// How many tokens a request will take, before anybody counts them: its size in bytes ("weight"),
// calibrated on the last request that the provider has measured. Pure, but for Gauge's one figure.
#pragma once
#include <cstddef>
#include <cstdint>

#include "journal/state.hpp"
#include "model/provider.hpp"

namespace thole {

// Bytes of what the model reads. An image weighs the same whatever its size, about as much as
// providers charge for one.
std::size_t weight_of(const Json& value);
std::size_t weight_of(const model::Request& request);
std::size_t weight_of(const ContextItem& item);

class Gauge {
public:
    bool is_calibrated() const { return tokens_ > 0; }
    // A request of `weight` took `tokens`; figures of 0 say nothing.
    void measure(std::size_t weight, std::int64_t tokens);

    std::int64_t tokens(std::size_t weight) const;
    std::size_t weight(std::int64_t tokens) const;

private:
    // Until something was measured: English and code, about 4 bytes a token.
    std::size_t weight_ = 0;
    std::int64_t tokens_ = 0;
};

}  // namespace thole
