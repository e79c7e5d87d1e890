#include "acp/cursor.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"

using namespace thole;

namespace {

std::vector<SessionRow> rows(int count) {
    std::vector<SessionRow> all;
    for (int i = 0; i < count; ++i) {
        SessionRow row;
        row.id = "s" + std::to_string(i);
        // Two of each time.
        row.updated_at = "2026-11-20T13:05:0" + std::to_string(i / 2) + ".000Z";
        all.push_back(row);
    }
    return all;
}

std::vector<std::string> ids_by_pages(std::size_t size) {
    std::vector<std::string> ids;
    std::string cursor;
    while (true) {
        Result<acp::Page> page = acp::page_of(rows(7), "/p", cursor, size);
        REQUIRE(page);
        for (const SessionRow& row : page->rows) ids.push_back(row.id);
        if (!page->next) return ids;
        cursor = *page->next;
    }
}

}  // namespace

TEST_CASE("pages of any size give every session once, newest first") {
    std::vector<std::string> all{"s6", "s5", "s4", "s3", "s2", "s1", "s0"};
    for (std::size_t size : {1, 2, 3, 6, 7, 50}) CHECK(ids_by_pages(size) == all);
}

TEST_CASE("a session that appears meanwhile does not shift the pages") {
    Result<acp::Page> first = acp::page_of(rows(4), "", "", 2);
    REQUIRE(first);
    Result<acp::Page> second = acp::page_of(rows(7), "", *first->next, 2);
    REQUIRE(second);
    CHECK(second->rows[0].id == "s1");
    CHECK(!second->next);
}

TEST_CASE("a cursor for another filter or of no listing is refused") {
    Result<acp::Page> page = acp::page_of(rows(4), "/p", "", 2);
    REQUIRE(page);
    CHECK(!acp::page_of(rows(4), "/q", *page->next, 2));
    for (const char* bad : {"garbage!", "AAAA", "W10=", "bnVsbA==", "WzIsIi9wIiwiIiwiIl0="}) {
        Result<acp::Page> refused = acp::page_of(rows(4), "/p", bad, 2);
        REQUIRE(!refused);
        CHECK(refused.error() ==
              fail(Code::invalid_argument, "params.cursor: not a cursor of this listing"));
    }
}

TEST_CASE("no sessions are one empty page") {
    Result<acp::Page> page = acp::page_of({}, "", "", 2);
    REQUIRE(page);
    CHECK(page->rows.empty());
    CHECK(!page->next);
}
