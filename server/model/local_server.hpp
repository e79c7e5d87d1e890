// Finds a model server on this machine: asks an OpenAI-compatible URL for its models. Used only
// when no provider has a key. Loop thread.
#pragma once
#include <optional>

#include "http/http.hpp"
#include "model/models.hpp"

namespace thole::model {

// The first model that the server at `base_url` lists, by its own name; nullopt when none answers
// within 300 ms. `http` must outlive the task.
async::Task<std::optional<std::string>> first_local_model(http::Http& http, std::string base_url);

}  // namespace thole::model
