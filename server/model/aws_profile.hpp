// The keys of one profile in the files that AWS's programs share (~/.aws/credentials and
// ~/.aws/config). Pure: whoever has read the files calls it.
#pragma once
#include <string>
#include <string_view>

#include "model/models.hpp"

namespace thole::model {

struct AwsProfile {
    AwsKeys keys{};
    std::string region{};
    std::string fault{};  // why there are no keys, and what to do
};

// Keys that lie in the files only: a profile that signs in, takes on a role or runs a program for
// its keys has a fault instead.
AwsProfile read_aws_profile(const std::string& name, std::string_view credentials,
                            std::string_view config);

}  // namespace thole::model
