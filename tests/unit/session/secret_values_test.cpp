#include "session/secret_values.hpp"

#include <doctest/doctest.h>

using namespace thole;

TEST_CASE("keys and headers of the providers are secret") {
    Config config;
    model::ProviderConfig& named = config.models.providers.emplace_back();
    named.api_key = "key of the boat";
    named.api_key_env = "BOAT_API_KEY";
    model::ProviderConfig& filed = config.models.providers.emplace_back();
    filed.name = "pier";
    filed.api_key = "key of the pier";
    filed.headers = {{"Authorization", "Bearer of-the-lake"}, {"X-Team", "rowers"}};
    model::ProviderConfig& cloud = config.models.providers.emplace_back();
    cloud.api_key_env = "CLOUD_KEY";
    cloud.aws = {"AKID", "key of the cloud", "token of the cloud"};
    const std::vector<SecretValue> wanted{{"BOAT_API_KEY", "key of the boat"},
                                          {"pier-key", "key of the pier"},
                                          {"Authorization", "of-the-lake"},
                                          {"X-Team", "rowers"},
                                          {"CLOUD_KEY", ""},
                                          {"aws-secret-access-key", "key of the cloud"},
                                          {"aws-session-token", "token of the cloud"}};
    CHECK((secret_values(config, {}) == wanted));
}

TEST_CASE("of the environment, long values of telling names are secret, but for paths") {
    const std::vector<std::string> environment{"A_TOKEN=0123456789ab",
                                               "B_TOKEN=0123456789a",
                                               "MY_PASSWORD=correct horse",
                                               "PATH=/usr/bin:/bin/sh",
                                               "SSH_KEY=/home/me/.ssh/id",
                                               "KEYRING=0123456789abcdef",
                                               "X_CREDENTIALS={\"key\":\"v=1\"}",
                                               "NO_VALUE_KEY",
                                               "C_SECRET=/base64+with/slash=",
                                               "D_PASSWD=",
                                               "token=0123456789abcdef"};
    const std::vector<SecretValue> wanted{{"A_TOKEN", "0123456789ab"},
                                          {"MY_PASSWORD", "correct horse"},
                                          {"X_CREDENTIALS", "{\"key\":\"v=1\"}"},
                                          {"C_SECRET", "/base64+with/slash="}};
    CHECK((secret_values(Config(), environment) == wanted));
}
