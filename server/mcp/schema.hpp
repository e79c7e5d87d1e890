// JSON schemas as strangers write them, made fit for model APIs: one that an API refuses would make
// it refuse every request of the session. Pure.
#pragma once
#include "base/json_fwd.hpp"

namespace thole::mcp {

// A schema of a tool's input: an object, without alternatives at its top and without properties
// whose names no API knows; what no schema may say is left out at any depth, so are references that
// lead nowhere. Too large or no object: any object.
Json usable_schema(const Json& schema);

}  // namespace thole::mcp
