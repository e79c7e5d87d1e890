#include <algorithm>

#include "journal/index_texts.hpp"
#include "journal/passages.hpp"

namespace thole {

namespace {

// Rows of a word that are looked at to learn in which sessions it occurs. Of a more common word the
// sessions are asked one by one, newest first.
constexpr std::size_t most_rows = 20'000;
constexpr std::size_t most_hits = 3;

// The passage at an event, as the log has it.
Passage passage_at(const SessionFiles& files, std::uint64_t event_id) {
    Passage found;
    const auto range = range_after(files.log(), event_id - 1);
    if (!range) return found;
    Passages passages([&](const Passage& passage) {
        if (passage.event_id == event_id) found = passage;
    });
    const auto sink = [&](const Envelope& envelope, std::string_view) {
        passages.take(envelope);
        return found.event_id == 0 && (passages.open() || envelope.id < event_id);
    };
    (void)read_log(files.log(), files.blobs(), *range, sink).has_value();
    passages.finish();
    return found;
}

}  // namespace

WordSearch::WordSearch(Database& database, const Words& words, std::stop_token stop)
    : database_(database), words_(words), stop_(std::move(stop)) {
    auto shards = database_.query("SELECT number FROM shards");
    while (shards.next()) shards_.push_back(shards.integer(0));
    for (const std::string& word : words_.expressions()) {
        occurrences_.push_back(occurrence(word));
    }
}

WordSearch::Occurrence WordSearch::occurrence(const std::string& expression) {
    Occurrence found;
    std::size_t count = 0;
    for (std::int64_t shard : shards_) {
        auto rows = database_.query(
            "SELECT rowid FROM " + text_table(shard) + " WHERE body MATCH ?", expression);
        while (rows.next()) {
            const std::int64_t key = rows.integer(0) >> 32;
            if (found.keys.empty() || found.keys.back() != key) found.keys.push_back(key);
            if (++count > most_rows || stop_.stop_requested()) return {{}, false};
        }
    }
    std::sort(found.keys.begin(), found.keys.end());
    return found;
}

bool WordSearch::fits(const IndexedLog& log) {
    for (const Occurrence& word : occurrences_) {
        const bool is_out =
            word.is_known && !std::binary_search(word.keys.begin(), word.keys.end(), log.key);
        if (is_out) return false;
    }
    for (std::size_t i = 0; i < occurrences_.size(); ++i) {
        if (occurrences_[i].is_known) continue;
        if (places(log, words_.expressions()[i], 0, 1).empty()) return false;
    }
    return !words_.is_empty();
}

std::vector<std::uint64_t> WordSearch::places(const IndexedLog& log, std::string_view expression,
                                              std::int64_t first_event, std::size_t most) {
    const std::int64_t shard = database_.number("SELECT shard FROM texts WHERE key = ?", log.key);
    if (shard == 0) return {};
    const std::int64_t first = log.key << 32 | first_event;
    const std::int64_t last = (log.key + 1) << 32;
    auto rows = database_.query("SELECT rowid FROM " + text_table(shard) +
                                    " WHERE body MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?",
                                expression, first, last - 1, static_cast<std::int64_t>(most));
    std::vector<std::uint64_t> events;
    while (rows.next()) events.push_back(static_cast<std::uint64_t>(rows.integer(0) & 0xffff'ffff));
    return events;
}

std::vector<Hit> WordSearch::hits(const IndexedLog& log) {
    std::vector<std::uint64_t> events = places(log, words_.all(), 1, most_hits);
    // No passage has them all: one for each, then.
    const bool has_common = !events.empty();
    for (const std::string& word : words_.expressions()) {
        if (has_common || events.size() == most_hits) break;
        const auto own = places(log, word, 1, 1);
        events.insert(events.end(), own.begin(), own.end());
    }
    std::sort(events.begin(), events.end());
    events.erase(std::unique(events.begin(), events.end()), events.end());
    std::vector<Hit> hits;
    for (std::uint64_t event : events) {
        const Passage passage = passage_at(log.files, event);
        const std::string snippet = words_.snippet(passage.text);
        if (!snippet.empty()) hits.push_back({event, passage.kind, snippet});
    }
    return hits;
}

}  // namespace thole
