#include "session/listing.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "journal/catalog.hpp"

namespace thole {
namespace {

bool holds(std::string_view text, const std::string& lower_case) {
    return to_lower_ascii(text).find(lower_case) != std::string::npos;
}

bool mentions(const State& state, const std::string& wanted) {
    std::string lower = to_lower_ascii(wanted);
    bool is_child = !state.parent_session_id.empty();
    if (holds(state.id, lower) || holds(state.title, lower)) return true;
    if (is_child && holds("child " + state.spawn_reason, lower)) return true;
    return std::any_of(state.context.begin(), state.context.end(),
                       [&](const ContextItem& item) { return holds(item.text, lower); });
}

bool fits(const ListQuery& query, const State& state, TimePoint now) {
    if (state.prompts == 0 && !query.with_empty) return false;
    if (!query.cwd.empty() && state.cwd != query.cwd) return false;
    if (!query.status.empty() && state.status != query.status) return false;
    if (!query.parent.empty() && state.parent_session_id != query.parent) return false;
    if (query.since_hours > 0) {
        std::string oldest = rfc3339(now - std::chrono::hours(query.since_hours));
        if (state.updated_at < oldest) return false;
    }
    return query.search.empty() || mentions(state, query.search);
}

void list_one(const SessionFiles& files, const ListQuery& query, TimePoint now,
              std::vector<SessionRow>& rows) {
    Result<Seen> seen = inspect_session(files);
    if (!seen) {
        SessionRow row;
        row.id = files.id;
        row.status = "failed";
        row.damage = seen.error().message;
        bool is_plain = query.cwd.empty() && query.search.empty() && query.parent.empty();
        if (is_plain && (query.status.empty() || query.status == "failed")) rows.push_back(row);
        return;
    }
    if (fits(query, seen->state, now)) rows.push_back(row_of(seen->state, seen->damage));
}

}  // namespace

SessionRow row_of(const State& state, const Damage& damage) {
    SessionRow row;
    row.id = state.id;
    row.cwd = state.cwd;
    row.workspace = state.workspace;
    row.title = state.title;
    row.model = state.model;
    row.mode = state.mode;
    row.status = state.status;
    row.parent_session_id = state.parent_session_id;
    row.created_at = state.created_at;
    row.updated_at = state.updated_at;
    row.prompts = state.prompts;
    row.cost_usd = state.usage.cost_usd;
    row.damage = damage.text();
    return row;
}

std::vector<SessionRow> list_sessions(const std::vector<std::string>& directories,
                                      const ListQuery& query, TimePoint now, std::stop_token stop) {
    std::vector<SessionRow> rows;
    for (const std::string& directory : directories) {
        for (const std::string& id : session_ids(directory)) {
            if (stop.stop_requested()) return rows;
            list_one({directory, id}, query, now, rows);
        }
    }
    std::stable_sort(rows.begin(), rows.end(), [](const SessionRow& a, const SessionRow& b) {
        return a.updated_at > b.updated_at;
    });
    return rows;
}

}  // namespace thole
