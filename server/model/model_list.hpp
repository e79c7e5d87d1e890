// Asks a provider which models it has, and how large they are where it says so. Used when somebody
// wants to see the list, or to use a model that nothing is known about; never at start-up. Loop
// thread.
#pragma once
#include <chrono>
#include <vector>

#include "http/http.hpp"
#include "model/models.hpp"

namespace thole::model {

// The models in the provider's order; `name` is the full one. What the provider does not say is 0,
// negative or false. No answer within `patience` is an error (unavailable). Empty for the demo.
// `http` and `config` must outlive the task.
async::Task<Result<std::vector<ModelFacts>>> list_models(http::Http& http,
                                                         const ProviderConfig& config,
                                                         std::chrono::milliseconds patience);

// Ollama tells the size of one model at a time: puts what it says into `facts`.
async::Task<void> ask_ollama(http::Http& http, const ProviderConfig& config, ModelFacts& facts,
                             std::chrono::milliseconds patience);

bool is_ollama(const ProviderConfig& config);

// The models in the answer of the provider's list.
std::vector<ModelFacts> read_list(const ProviderConfig& config, const Json& answer);

}  // namespace thole::model
