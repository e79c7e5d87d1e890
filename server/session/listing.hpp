// Listing and searching the sessions of some directories. Blocking; called on a worker.
#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "session/sessions.hpp"

namespace thole {

struct Places {
    std::string index;                     // <state>/thole/index.db; "": none is kept
    std::vector<std::string> directories;  // session directories
};

// Newest first over all of them. What cannot be read at all is shown as a row with status "failed"
// and the reason in `damage`.
std::vector<SessionRow> list_sessions(const Places& places, const ListQuery& query, TimePoint now,
                                      std::stop_token stop);

}  // namespace thole
