#include "session/environments.hpp"

#include <set>

#include "git/program.hpp"
#include "session/secret_values.hpp"

namespace thole {
namespace {

std::string name_of(const std::string& variable) {
    return variable.substr(0, variable.find('='));
}

}  // namespace

std::vector<std::string> key_variables(const Config& config) {
    std::vector<std::string> names;
    for (const model::ProviderConfig& provider : config.models.providers) {
        if (!provider.api_key_env.empty()) names.push_back(provider.api_key_env);
    }
    return names;
}

std::vector<std::string> command_environment(const Config& config,
                                             const std::vector<std::string>& environment,
                                             bool is_apart) {
    const std::vector<std::string> keys = key_variables(config);
    std::set<std::string> left_out(keys.begin(), keys.end());
    if (is_apart) {
        const std::vector<std::string>& of_git = git::variables_of_repositories();
        left_out.insert(of_git.begin(), of_git.end());
    }
    std::vector<std::string> kept;
    for (const std::string& variable : environment) {
        if (!left_out.contains(name_of(variable))) kept.push_back(variable);
    }
    return kept;
}

std::vector<std::string> hook_environment(std::vector<std::string> of_commands) {
    std::erase_if(of_commands, [](const std::string& one) { return is_secret_name(name_of(one)); });
    return of_commands;
}

}  // namespace thole
