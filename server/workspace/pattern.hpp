// A compiled PCRE2 pattern with JIT, and a per-thread matcher for it. Any bytes can be searched:
// what is not UTF-8 matches nothing. Effort is bounded, so no pattern can hang its caller.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace thole {

struct PatternOptions {
    bool ignore_case = false;
    bool dot_matches_newline = false;
};

class Pattern {
public:
    // Error: invalid_argument, what is wrong and at which character.
    static Result<Pattern> compile(std::string_view pattern, const PatternOptions& options);
    Pattern(Pattern&&) noexcept;
    Pattern& operator=(Pattern&&) noexcept;
    ~Pattern();

private:
    friend class Matcher;
    struct Code;
    explicit Pattern(std::unique_ptr<Code> code);
    std::unique_ptr<Code> code_;
};

struct Span {
    std::size_t begin = 0, end = 0;
    bool operator==(const Span&) const = default;
};

// One thread's.
class Matcher {
public:
    explicit Matcher(const Pattern& pattern);
    Matcher(Matcher&&) noexcept;
    ~Matcher();

    // The first match at or after `from`. None also when the effort was too much: see gave_up().
    std::optional<Span> find(std::string_view subject, std::size_t from = 0);
    bool gave_up() const { return gave_up_; }

private:
    struct State;
    std::unique_ptr<State> state_;
    bool gave_up_ = false;
};

}  // namespace thole
