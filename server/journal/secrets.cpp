#include "journal/secrets.hpp"

#include <algorithm>
#include <array>
#include <mutex>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "journal/secret_forms.hpp"
#include "journal/secret_rules.hpp"
#include "workspace/pattern.hpp"

namespace thole {

namespace {

constexpr std::size_t shortest_value = 8;
constexpr std::size_t longest_kind = 64;
// What is looked at of a text from an anchor on, and before it.
constexpr std::size_t window = 4096;
constexpr std::size_t look_back = 16;
// How far before the last word of a text its beginning is looked for.
constexpr std::size_t longest_lead = 512;
// Of a text without blanks: enough for the longest anchor.
constexpr std::size_t longest_anchor = 64;
// What a cut-off secret must show of itself beside its anchor.
constexpr std::size_t shortest_rest = 4;

// Places that a text was shortened at: it was not more than a few times.
constexpr std::size_t most_cuts = 1000;

constexpr std::size_t npos = std::string_view::npos;
constexpr std::string_view token_start = "[redacted ";
constexpr std::string_view ellipsis = "…";
constexpr std::string_view blanks = " \t\r\n";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}
bool is_kind(char c) {
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
}

std::string kind_of(std::string_view name) {
    std::string kind(name.substr(0, longest_kind));
    std::replace_if(
        kind.begin(), kind.end(), [](char c) { return !is_kind(c); }, '-');
    return kind.empty() ? "value" : kind;
}

// Whether no word goes on at `at`: what stands before is none, or an escape of JSON, of a URL or of
// a terminal's colours.
bool is_border(std::string_view text, std::size_t at) {
    if (at == 0) return true;
    const char before = text[at - 1];
    if (!is_alphanumeric(before) && before != '_') return true;
    if (at >= 2 && text[at - 2] == '\\') return true;
    if (at >= 3 && text[at - 3] == '%') return true;
    std::size_t digits = at - 1;
    if (before != 'm' && before != 'K') return false;
    while (digits > 0 &&
           (text[digits - 1] == ';' || (text[digits - 1] >= '0' && text[digits - 1] <= '9')))
        --digits;
    return digits > 0 && text[digits - 1] == '[';
}

std::uint32_t byte_of(char c) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(lower(c)));
}

std::uint32_t key_of(const char* three) {
    return byte_of(three[0]) | byte_of(three[1]) << 8 | byte_of(three[2]) << 16;
}

std::uint32_t hash_of(std::uint32_t key) {
    return (key * 0x9E3779B1U) >> 16;
}

enum class Form { value, rule, word, block_begin, block_end };

struct Anchor {
    std::string text;
    Form form = Form::rule;
    std::size_t index = 0;  // of the value, the rule or the word
    bool ignore_case = false;

    bool stands_at(std::string_view in, std::size_t at) const {
        const std::string_view found = in.substr(at, text.size());
        if (!ignore_case) return found == text;
        return found.size() == text.size() &&
               std::equal(found.begin(), found.end(), text.begin(),
                          [](char a, char b) { return lower(a) == b; });
    }
};

struct Found {
    Span span;
    std::string_view kind;
};

// A pattern that is compiled when its anchor was first seen.
struct LatePattern {
    std::once_flag once;
    std::optional<Pattern> pattern;
};

}  // namespace

struct Secrets::Impl {
    class Search;
    explicit Impl(std::vector<SecretValue> given);

    void add(std::string text, Form form, std::size_t index, bool ignore_case);
    template <class Seen>
    void each_anchor(std::string_view text, std::size_t from, const Seen& seen) const;
    const Pattern* pattern_of(std::size_t rule) const;
    std::vector<Found> find(std::string_view text) const;
    void find_cut_values(std::string_view text, std::vector<Found>& found) const;
    std::size_t open_value(std::string_view text, std::size_t border) const;

    std::vector<SecretValue> values;
    std::vector<Anchor> anchors;
    std::vector<std::pair<std::uint32_t, std::size_t>> by_key;
    std::array<std::uint64_t, 1024> is_key_hash{};
    mutable std::vector<LatePattern> patterns;
};

// One pass over one text: matchers live as long as it.
class Secrets::Impl::Search {
public:
    Search(const Impl& secrets, std::string_view text, std::vector<Found>& found)
        : secrets_(secrets), text_(text), found_(found) {}

    void at(const Anchor& anchor, std::size_t place) {
        if (is_inside_last(place)) return;
        switch (anchor.form) {
            case Form::value:
                return add(Span{place, place + anchor.text.size()},
                           secrets_.values[anchor.index].kind);
            case Form::rule:
                return rule(anchor, place);
            case Form::word:
                return add(assigned_secret(text_, Span{place, place + anchor.text.size()}),
                           secret_words()[anchor.index].kind);
            case Form::block_begin:
                return add(private_key_from(text_, place), "private-key");
            case Form::block_end:
                return add(private_key_until(text_, place), "private-key");
        }
    }

private:
    void add(std::optional<Span> span, std::string_view kind) {
        if (span && span->end > span->begin) found_.push_back({*span, kind});
    }

    bool is_inside_last(std::size_t place) const {
        return !found_.empty() && found_.back().span.begin < place &&
               place < found_.back().span.end;
    }

    void rule(const Anchor& anchor, std::size_t place) {
        const SecretRule& rule = secret_rules()[anchor.index];
        if (place < rule.before) return;
        const std::size_t start = place - rule.before;
        if (rule.stands_alone && !is_border(text_, start)) return;
        const auto span = match(anchor.index, start);
        if (span && proves(rule.proof, text_.substr(span->begin, span->end - span->begin))) {
            return add(span, rule.kind);
        }
        const bool tells_itself = rule.reach == Reach::word && rule.proof == Proof::none &&
                                  rule.before == 0 && anchor.text.size() >= 4;
        if (tells_itself) add(cut_off(place, anchor.text.size()), rule.kind);
    }

    std::optional<Span> match(std::size_t rule, std::size_t start) {
        const Pattern* pattern = secrets_.pattern_of(rule);
        if (!pattern) return {};
        if (matchers_.empty()) matchers_.resize(secret_rules().size());
        auto& matcher = matchers_[rule];
        if (!matcher) matcher.emplace(*pattern);
        const std::size_t from = start - std::min(start, look_back);
        auto span = matcher->find(text_.substr(from, window), start - from);
        if (!span) return {};
        *span = {span->begin + from, span->end + from};
        if (span->end == from + window) span->end = end_of_key(span->end, text_.size());
        return span;
    }

    std::size_t end_of_key(std::size_t at, std::size_t most) const {
        const std::size_t last = at + std::min(most, text_.size() - at);
        const auto goes_on = [&] {
            return is_kind(text_[at]) || std::string_view("/+=~").find(text_[at]) != npos;
        };
        while (at < last && goes_on()) ++at;
        return at;
    }

    // A key whose end was left out when the text was shortened: "ghp_AbCd…".
    std::optional<Span> cut_off(std::size_t place, std::size_t anchor_size) const {
        const std::size_t end = end_of_key(place + anchor_size, longest_lead);
        if (end < place + anchor_size + shortest_rest) return {};
        const std::string_view rest = text_.substr(end);
        if (rest.starts_with(ellipsis) || rest.starts_with("\n… [")) return Span{place, end};
        return {};
    }

    const Impl& secrets_;
    std::string_view text_;
    std::vector<Found>& found_;
    std::vector<std::optional<Matcher>> matchers_;
};

namespace {

std::string replaced(std::string_view text, std::vector<Found> found) {
    std::stable_sort(found.begin(), found.end(),
                     [](const Found& a, const Found& b) { return a.span.begin < b.span.begin; });
    std::string out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < found.size();) {
        Span span = found[i].span;
        out += text.substr(at, span.begin - at);
        out += token_start;
        out += found[i].kind;
        out += ']';
        for (++i; i < found.size() && found[i].span.begin < span.end; ++i) {
            span.end = std::max(span.end, found[i].span.end);
        }
        at = span.end;
    }
    out += text.substr(at);
    return out;
}

// Where the word begins that `at` stands in.
std::size_t word_start(std::string_view text, std::size_t at) {
    const std::size_t least = at - std::min(at, longest_lead);
    while (at > least && blanks.find(text[at - 1]) == std::string_view::npos) --at;
    return at;
}

std::size_t after_last(std::string_view text, std::string_view any) {
    const std::size_t last = text.find_last_of(any);
    return last == std::string_view::npos ? 0 : last + 1;
}

// So that no character is cut in two.
std::size_t character_start(std::string_view text, std::size_t at) {
    while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
        --at;
    return at;
}

}  // namespace

Secrets::Impl::Impl(std::vector<SecretValue> given) : patterns(secret_rules().size()) {
    for (SecretValue& value : given) {
        if (value.value.size() < shortest_value) continue;
        value.kind = kind_of(value.kind);
        std::string escaped = json_string(value.value);
        escaped = escaped.substr(1, escaped.size() - 2);
        if (escaped != value.value) values.push_back({value.kind, std::move(escaped)});
        values.push_back(std::move(value));
    }
    for (std::size_t i = 0; i < values.size(); ++i) add(values[i].value, Form::value, i, false);
    for (std::size_t i = 0; i < secret_rules().size(); ++i) {
        std::string_view rest = secret_rules()[i].anchors;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(' '), rest.size());
            add(std::string(rest.substr(0, end)), Form::rule, i, secret_rules()[i].ignore_case);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    for (std::size_t i = 0; i < secret_words().size(); ++i) {
        add(std::string(secret_words()[i].word), Form::word, i, true);
    }
    add("-----BEGIN", Form::block_begin, 0, false);
    add("-----END", Form::block_end, 0, false);
    std::sort(by_key.begin(), by_key.end());
}

void Secrets::Impl::add(std::string text, Form form, std::size_t index, bool ignore_case) {
    const std::uint32_t key = key_of(text.data());
    const std::uint32_t hash = hash_of(key);
    is_key_hash[hash / 64] |= std::uint64_t{1} << (hash % 64);
    by_key.emplace_back(key, anchors.size());
    anchors.push_back({std::move(text), form, index, ignore_case});
}

// The cheap test comes first: almost no place of an ordinary text gets past it.
template <class Seen>
void Secrets::Impl::each_anchor(std::string_view text, std::size_t from, const Seen& seen) const {
    if (from + 3 > text.size()) return;
    std::uint32_t key = key_of(text.data() + from) << 8;
    for (std::size_t at = from; at + 3 <= text.size(); ++at) {
        key = key >> 8 | byte_of(text[at + 2]) << 16;
        const std::uint32_t hash = hash_of(key);
        if ((is_key_hash[hash / 64] >> (hash % 64) & 1) == 0) continue;
        auto entry = std::lower_bound(by_key.begin(), by_key.end(), std::pair(key, std::size_t{0}));
        for (; entry != by_key.end() && entry->first == key; ++entry) {
            const Anchor& anchor = anchors[entry->second];
            if (anchor.stands_at(text, at)) seen(anchor, at);
        }
    }
}

const Pattern* Secrets::Impl::pattern_of(std::size_t rule) const {
    LatePattern& late = patterns[rule];
    std::call_once(late.once, [&] {
        PatternOptions options;
        options.ignore_case = secret_rules()[rule].ignore_case;
        auto compiled =
            Pattern::compile("\\G(?:" + std::string(secret_rules()[rule].pattern) + ")", options);
        if (compiled) late.pattern.emplace(std::move(*compiled));
    });
    return late.pattern ? &*late.pattern : nullptr;
}

std::vector<Found> Secrets::Impl::find(std::string_view text) const {
    std::vector<Found> found;
    Search search(*this, text, found);
    each_anchor(text, 0, [&](const Anchor& anchor, std::size_t at) { search.at(anchor, at); });
    find_cut_values(text, found);
    return found;
}

// The beginning of a known value before "…".
void Secrets::Impl::find_cut_values(std::string_view text, std::vector<Found>& found) const {
    if (values.empty()) return;
    std::size_t count = 0;
    for (std::size_t cut = text.find(ellipsis); cut != text.npos;
         cut = text.find(ellipsis, cut + 1)) {
        if (++count > most_cuts) return;
        std::size_t end = cut;
        if (end > 0 && text[end - 1] == '\n') --end;
        for (const SecretValue& value : values) {
            std::size_t size = std::min(value.value.size() - 1, end);
            while (size >= shortest_value &&
                   text.substr(end - size, size) != value.value.substr(0, size))
                --size;
            if (size >= shortest_value) found.push_back({{end - size, end}, value.kind});
        }
    }
}

// Where a known value begins that is not over before `border`, or may go on behind the end of
// `text`; `border` when there is none.
std::size_t Secrets::Impl::open_value(std::string_view text, std::size_t border) const {
    std::size_t open = border;
    for (const auto& [kind, value] : values) {
        std::size_t size = std::min({value.size() - 1, text.size(), longest_hold});
        while (size > 0 && !text.ends_with(std::string_view(value).substr(0, size))) --size;
        open = std::min(open, text.size() - size);
        const std::size_t crossing = text.find(value, border - std::min(border, value.size() - 1));
        if (crossing < border) open = std::min(open, crossing);
    }
    return open;
}

Secrets::Secrets(std::vector<SecretValue> values)
    : impl_(std::make_unique<Impl>(std::move(values))) {}
Secrets::~Secrets() = default;

std::string Secrets::redact(std::string_view text) const {
    auto changed = redacted(text);
    return changed ? std::move(*changed) : std::string(text);
}

std::optional<std::string> Secrets::redacted(std::string_view text) const {
    std::vector<Found> found = impl_->find(text);
    if (found.empty()) return {};
    return replaced(text, std::move(found));
}

std::optional<std::string> Secrets::redacted_member(std::string_view name,
                                                    std::string_view text) const {
    auto changed = redacted(text);
    if (changed || name.empty() || name.size() > longest_kind) return changed;
    const std::string low = to_lower_ascii(name);
    for (const SecretWord& word : secret_words()) {
        if (low.find(word.word) == std::string::npos) continue;
        const bool is_one_word = text.find_first_of(blanks) == std::string_view::npos;
        if (is_one_word && (is_strong(text) || (word.kind == "password" && is_password(text)))) {
            return std::string(token_start) + std::string(word.kind) + "]";
        }
    }
    return {};
}

std::size_t Secrets::whole_size(std::string_view text) const {
    const std::size_t size = text.size();
    const std::size_t least = size - std::min(size, longest_hold);
    const std::size_t line = std::max(after_last(text, "\n"), least);
    const std::size_t word = std::max(after_last(text, blanks), least);
    std::size_t whole = size - word <= longest_lead ? word : size - longest_anchor;
    const std::size_t usual = character_start(text, whole);
    const std::size_t lead = word - std::min(word, longest_lead);
    impl_->each_anchor(text, std::max(line, lead), [&](const Anchor& anchor, std::size_t at) {
        const bool is_word =
            anchor.form == Form::rule && secret_rules()[anchor.index].reach == Reach::word;
        const bool is_alone = anchor.form != Form::rule ||
                              !secret_rules()[anchor.index].stands_alone || is_border(text, at);
        if (is_alone && (!is_word || at >= word)) whole = std::min(whole, word_start(text, at));
    });
    whole = std::min(whole, impl_->open_value(text, whole));
    if (auto block = open_private_key(text, whole))
        whole = std::min(whole, word_start(text, *block));
    return whole < least ? usual : character_start(text, whole);
}

bool has_redaction(std::string_view text) {
    std::size_t at = text.find(token_start);
    for (; at != std::string_view::npos; at = text.find(token_start, at + 1)) {
        const std::string_view kind = text.substr(at + token_start.size(), longest_kind + 1);
        const std::size_t end = kind.find(']');
        if (end == std::string_view::npos || end == 0) continue;
        if (std::all_of(kind.begin(), kind.begin() + static_cast<std::ptrdiff_t>(end), is_kind))
            return true;
    }
    return false;
}

}  // namespace thole
