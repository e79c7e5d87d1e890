// Parameters of the v2 draft where they differ from those of v1. Pure.
#pragma once
#include "acp/params.hpp"

namespace thole::acp::v2 {

struct ResumeParams {
    OpenParams open;
    bool replays = false;
};
struct OptionParams {
    SetOptionParams option;
};

// Errors: invalid_argument: a replay from anywhere but the start.
Result<void> read(const Json& json, ResumeParams& params);
// Errors: invalid_argument: a value that is neither an id nor a boolean.
Result<void> read(const Json& json, OptionParams& params);

// What the client can do, from the params of `initialize`. Error: invalid_argument: it does not say
// who it is.
Result<Client> read_client(const Json& params);

// Servers that thole cannot use, as v2 wants them told: an error and no session.
Result<void> check_servers(const NewParams& params);

}  // namespace thole::acp::v2
