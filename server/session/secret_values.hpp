// The values that this process knows to be secret, for Secrets: the keys and headers of the model
// providers, and what the environment holds under names that say so. Pure; called once by main.
#pragma once
#include <string>
#include <vector>

#include "journal/secrets.hpp"
#include "session/config.hpp"

namespace thole {

// "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY": what the environment holds under it is a secret.
bool is_secret_name(std::string_view name);

// `environment` holds KEY=VALUE.
std::vector<SecretValue> secret_values(const Config& config,
                                       const std::vector<std::string>& environment);

}  // namespace thole
