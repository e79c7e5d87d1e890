#include "journal/words.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <functional>

#include "base/text.hpp"

namespace thole {

namespace {

constexpr std::size_t most_words = 32;
constexpr std::size_t longest_query = 4096;
// Bytes of a word that may go on: with fewer nearly every session would fit, after a long search.
constexpr std::size_t shortest_beginning = 3;
// Bytes of a snippet before the word, and from it on.
constexpr std::size_t shown_before = 60, shown_after = 100;

fts5_api* fts5_of(Database& database) {
    fts5_api* api = nullptr;
    sqlite3_stmt* statement = nullptr;
    ::sqlite3_prepare_v2(database.handle(), "SELECT fts5(?1)", -1, &statement, nullptr);
    if (statement) ::sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
    if (statement) ::sqlite3_step(statement);
    ::sqlite3_finalize(statement);
    return api;
}

bool is_blank_character(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

struct Words::Tokenizer {
    // Returns false when it has had enough.
    using Token = std::function<bool(std::string_view token, std::size_t begin)>;

    explicit Tokenizer(Database& database) {
        fts5_api* api = fts5_of(database);
        void* context = nullptr;
        int code = SQLITE_ERROR;
        if (api) code = api->xFindTokenizer(api, "unicode61", &context, &methods);
        const char* arguments[] = {"remove_diacritics", "2"};
        if (code == SQLITE_OK) code = methods.xCreate(context, arguments, 2, &instance);
        if (code != SQLITE_OK) database.break_off(code, "there is no full-text search");
    }
    ~Tokenizer() {
        if (instance) methods.xDelete(instance);
    }
    Tokenizer(const Tokenizer&) = delete;
    Tokenizer& operator=(const Tokenizer&) = delete;

    static int give(void* sink, int, const char* token, int size, int begin, int) {
        const auto& function = *static_cast<const Token*>(sink);
        const std::string_view text(token, static_cast<std::size_t>(size));
        return function(text, static_cast<std::size_t>(begin)) ? SQLITE_OK : SQLITE_DONE;
    }

    void run(int reason, std::string_view text, Token sink) const {
        if (!instance || text.empty()) return;
        methods.xTokenize(instance, &sink, reason, text.data(), static_cast<int>(text.size()),
                          &Tokenizer::give);
    }

    fts5_tokenizer methods{};
    Fts5Tokenizer* instance = nullptr;
};

// Takes the tokens of a text one by one and sees when one of the phrases is complete.
class Words::Finder {
public:
    explicit Finder(const std::vector<Phrase>& phrases) : phrases_(phrases) {
        for (const Phrase& phrase : phrases) longest_ = std::max(longest_, phrase.tokens.size());
    }

    bool take(std::string_view token, std::size_t begin) {
        if (last_.size() == longest_) last_.erase(last_.begin());
        last_.push_back({std::string(token), begin});
        for (const Phrase& phrase : phrases_) {
            if (ends(phrase)) found_ = last_[last_.size() - phrase.tokens.size()].begin;
            if (found_ != std::string_view::npos) return false;
        }
        return true;
    }
    std::size_t found() const { return found_; }

private:
    struct Seen {
        std::string token;
        std::size_t begin = 0;
    };

    bool ends(const Phrase& phrase) const {
        const std::size_t size = phrase.tokens.size();
        if (size > last_.size()) return false;
        for (std::size_t i = 0; i < size; ++i) {
            const std::string& seen = last_[last_.size() - size + i].token;
            const bool may_go_on = phrase.is_open && i + 1 == size;
            const bool fits =
                may_go_on ? seen.starts_with(phrase.tokens[i]) : seen == phrase.tokens[i];
            if (!fits) return false;
        }
        return true;
    }

    const std::vector<Phrase>& phrases_;
    std::size_t longest_ = 1;
    std::vector<Seen> last_;
    std::size_t found_ = std::string_view::npos;
};

Words::Words(Database& database, std::string_view typed)
    : tokenizer_(std::make_unique<Tokenizer>(database)) {
    std::string query = to_valid_utf8(clip_utf8(typed, longest_query));
    std::replace(query.begin(), query.end(), '\0', ' ');
    std::string_view rest = trim(query);
    is_blank_ = rest.empty();
    while (!rest.empty() && phrases_.size() < most_words) {
        const bool is_quoted = rest.front() == '"';
        if (is_quoted) rest.remove_prefix(1);
        const auto is_end = [&](char c) {
            return c == '"' || (!is_quoted && is_blank_character(c));
        };
        const auto end = std::find_if(rest.begin(), rest.end(), is_end);
        const auto size = static_cast<std::size_t>(end - rest.begin());
        // A quotation that is not closed yet may go on, as a word may.
        const bool closes = is_quoted && size < rest.size();
        add(rest.substr(0, size), closes);
        rest = trim(rest.substr(size + (closes ? 1 : 0)));
    }
}

Words::~Words() = default;

void Words::add(std::string_view word, bool is_quoted) {
    Phrase phrase;
    tokenizer_->run(FTS5_TOKENIZE_QUERY, word, [&](std::string_view token, std::size_t) {
        phrase.tokens.emplace_back(token);
        return true;
    });
    if (phrase.tokens.empty()) return;
    const bool is_long = phrase.tokens.size() > 1 || phrase.tokens[0].size() >= shortest_beginning;
    phrase.is_open = !is_quoted && is_long;
    expressions_.push_back('"' + std::string(word) + '"' + (phrase.is_open ? " *" : ""));
    phrases_.push_back(std::move(phrase));
}

std::string Words::all() const {
    std::string expression;
    for (const std::string& word : expressions_) {
        expression += (expression.empty() ? "" : " AND ") + word;
    }
    return expression;
}

std::string Words::snippet(std::string_view text) const {
    Finder finder(phrases_);
    tokenizer_->run(FTS5_TOKENIZE_DOCUMENT, text, [&](std::string_view token, std::size_t begin) {
        return finder.take(token, begin);
    });
    const std::size_t at = finder.found();
    if (at == std::string_view::npos) return "";
    const std::string_view before = clip_utf8_front(text.substr(0, at), shown_before);
    const std::string_view after = clip_utf8(text.substr(at), shown_after);
    std::string line = before.size() < at ? "…" : "";
    line += one_line(std::string(before) + std::string(after), 2 * (shown_before + shown_after));
    if (at + after.size() < text.size()) line += "…";
    return line;
}

}  // namespace thole
