// The name Json for headers, without the cost of the definition.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace thole {
using Json = nlohmann::json;
}
