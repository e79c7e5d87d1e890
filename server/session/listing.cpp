#include "session/listing.hpp"

namespace thole {
namespace {

bool fits(const ListQuery& query, const SessionRow& row, const std::string& oldest) {
    const bool is_unreadable = row.updated_at.empty();
    if (row.prompts == 0 && !query.with_empty && !is_unreadable) return false;
    if (!query.status.empty() && row.status != query.status) return false;
    if (!query.parent.empty() && row.parent_session_id != query.parent) return false;
    return is_unreadable || row.updated_at >= oldest;
}

}  // namespace

std::vector<SessionRow> list_sessions(const Places& places, const ListQuery& query, TimePoint now,
                                      std::stop_token stop) {
    std::string oldest;
    if (query.since_hours > 0) oldest = rfc3339(now - std::chrono::hours(query.since_hours));
    Selection selection;
    selection.directories = places.directories;
    selection.search = query.search;
    selection.limit = query.limit;
    selection.fits = [&](const SessionRow& row) { return fits(query, row, oldest); };
    return Index::open(places.index).find(selection, stop);
}

}  // namespace thole
