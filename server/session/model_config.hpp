// What the configuration says of models: [model], [providers.<name>] and [models."<name>"]. Reads
// for session/config alone.
#pragma once
#include <functional>

#include "model/models.hpp"
#include "session/toml_reader.hpp"

namespace thole {

// Into `models`, which has the built-in providers. `variables` gives keys. Errors stay in `root`.
void read_models(TomlReader& root, const std::function<std::string(const char*)>& variables,
                 model::ModelsConfig& models);

}  // namespace thole
