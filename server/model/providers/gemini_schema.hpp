// What Gemini takes of JSON Schema.
#pragma once
#include "base/json_fwd.hpp"

namespace thole::model {

// `schema` with the keywords alone that the API documents for parametersJsonSchema; servers of
// tools bring others, for which it may refuse the whole request. `const` becomes an `enum` of one.
// Input is checked against the whole schema all the same, by whoever runs the tool.
Json gemini_schema(const Json& schema);

}  // namespace thole::model
