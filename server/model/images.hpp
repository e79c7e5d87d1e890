// Images and models that cannot see them.
#pragma once
#include <optional>

#include "model/provider.hpp"

namespace thole::model {

// The request with a sentence in the place of each image; nullopt when it has none.
std::optional<Request> without_images(const Request& request);

}  // namespace thole::model
