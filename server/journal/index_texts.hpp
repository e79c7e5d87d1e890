// The texts of the sessions in the index. Internal to journal/; see index.hpp.
//
// They lie in several full-text tables, each for the sessions that came while it was the newest, so
// that a deleted session can be removed without a trace: its table is dropped, and the others of it
// are taken in again. The tables hold words and places, no texts: those are read from the log. A
// row is a passage: session key << 32 | event id; event 0 is the session's id and title.
#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "journal/index_logs.hpp"
#include "journal/words.hpp"

namespace thole {

void make_text_tables(Database& database);
std::string text_table(std::int64_t shard);

// Takes in, one after the other, what the logs have got since the last time. Nothing is done for
// those that are up to date.
void take_in(Database& database, std::vector<IndexedLog*> logs, const std::stop_token& stop);

// Removes sessions with everything in the index that was made from them.
void remove_sessions(Database& database, const std::vector<std::int64_t>& keys);

// The sessions that a search fits, and the places in them.
class WordSearch {
public:
    WordSearch(Database& database, const Words& words, std::stop_token stop);

    bool fits(const IndexedLog& log);
    std::vector<Hit> hits(const IndexedLog& log);

private:
    // The sessions in which a word occurs; not known when they are too many to be worth it.
    struct Occurrence {
        std::vector<std::int64_t> keys;  // ascending
        bool is_known = true;
    };

    Occurrence occurrence(const std::string& expression);
    std::vector<std::uint64_t> places(const IndexedLog& log, std::string_view expression,
                                      std::int64_t first_event, std::size_t most);

    Database& database_;
    const Words& words_;
    std::stop_token stop_;
    std::vector<std::int64_t> shards_;
    std::vector<Occurrence> occurrences_;  // as the words
};

}  // namespace thole
