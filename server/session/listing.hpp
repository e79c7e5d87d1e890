// Listing the sessions of some directories. Blocking; called on a worker.
#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "session/sessions.hpp"

namespace thole {

// `directories` are session directories; newest first over all of them. What cannot be read at all
// is shown as a row with status "failed" and the reason in `damage`.
std::vector<SessionRow> list_sessions(const std::vector<std::string>& directories,
                                      const ListQuery& query, TimePoint now, std::stop_token stop);

SessionRow row_of(const State& state, const Damage& damage);

}  // namespace thole
