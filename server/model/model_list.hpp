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

// Servers that tell how much context they really give a model, which may be less than it can: puts
// what they say of the model `facts.name` into `facts`. False when there is more to come, because
// Ollama decides it when it loads a model. References must outlive the task.
async::Task<bool> ask_local(http::Http& http, const ProviderConfig& config, ModelFacts& facts,
                            std::chrono::milliseconds patience);

bool is_ollama(const ProviderConfig& config);
bool is_llamacpp(const ProviderConfig& config);

// The models in the answer of the provider's list.
std::vector<ModelFacts> read_list(const ProviderConfig& config, const Json& answer);

}  // namespace thole::model
