// What a person types to search, as the full-text index understands it, and where it stands in a
// text. Internal to journal/. Uses the tokenizer of the index, so that the two agree; one thread.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "journal/sqlite.hpp"

namespace thole {

// How the index and everybody here takes words apart.
inline constexpr std::string_view tokenizer = "unicode61 remove_diacritics 2";

class Words {
public:
    // Any bytes. Breaks `database` off when it has no full-text search.
    Words(Database& database, std::string_view typed);
    ~Words();
    Words(const Words&) = delete;
    Words& operator=(const Words&) = delete;

    // Nothing but blanks was typed: everything fits. Nothing that can be found: nothing does.
    bool is_blank() const { return is_blank_; }
    bool is_empty() const { return phrases_.empty(); }
    // MATCH expressions of FTS5, one a word.
    const std::vector<std::string>& expressions() const { return expressions_; }
    std::string all() const;  // an expression for texts in which all occur

    // One line round the place where a word first occurs; "" when none does.
    std::string snippet(std::string_view text) const;

private:
    struct Phrase {
        std::vector<std::string> tokens;
        bool is_open = false;  // its last token may go on
    };
    struct Tokenizer;
    class Finder;

    void add(std::string_view word, bool is_quoted);

    std::unique_ptr<Tokenizer> tokenizer_;
    std::vector<Phrase> phrases_;
    std::vector<std::string> expressions_;
    bool is_blank_ = false;
};

}  // namespace thole
