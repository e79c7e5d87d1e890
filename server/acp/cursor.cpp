#include "acp/cursor.hpp"

#include <algorithm>
#include <tuple>

#include "base/fields.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::acp {

namespace {

constexpr int version = 1;

bool is_newer(const SessionRow& a, const SessionRow& b) {
    return std::tie(a.updated_at, a.id) > std::tie(b.updated_at, b.id);
}

std::string cursor_after(const SessionRow& row, const std::string& filter) {
    return base64_encode(dump_json(Json::array({version, filter, row.updated_at, row.id})));
}

Result<SessionRow> read_cursor(const std::string& cursor, const std::string& filter) {
    Error bad = fail(Code::invalid_argument, "params.cursor: not a cursor of this listing");
    Result<std::string> text = base64_decode(cursor);
    if (!text) return bad;
    Result<Json> parts = parse_json(*text);
    if (!parts || !parts->is_array() || parts->size() != 4) return bad;
    if ((*parts)[0] != Json(version) || (*parts)[1] != Json(filter)) return bad;
    if (!(*parts)[2].is_string() || !(*parts)[3].is_string()) return bad;
    SessionRow place;
    place.updated_at = (*parts)[2].get<std::string>();
    place.id = (*parts)[3].get<std::string>();
    return place;
}

}  // namespace

Result<Page> page_of(std::vector<SessionRow> rows, const std::string& filter,
                     const std::string& cursor, std::size_t size) {
    if (!cursor.empty()) {
        Result<SessionRow> place = read_cursor(cursor, filter);
        if (!place) return place.error();
        std::erase_if(rows, [&](const SessionRow& row) { return !is_newer(*place, row); });
    }
    std::sort(rows.begin(), rows.end(), is_newer);
    Page page;
    bool has_more = rows.size() > size;
    if (has_more) rows.resize(size);
    page.rows = std::move(rows);
    if (has_more) page.next = cursor_after(page.rows.back(), filter);
    return page;
}

}  // namespace thole::acp
