#define PCRE2_CODE_UNIT_WIDTH 8
#include "workspace/pattern.hpp"

#include <pcre2.h>

#include <cstdint>
#include <string>

namespace thole {

namespace {

constexpr std::uint32_t most_steps = 1'000'000;
constexpr std::size_t most_stack = 1 << 20;

PCRE2_SPTR bytes_of(std::string_view text) {
    return reinterpret_cast<PCRE2_SPTR>(text.data());
}

std::string pcre2_message(int error_number) {
    PCRE2_UCHAR text[256];
    pcre2_get_error_message(error_number, text, sizeof text);
    return reinterpret_cast<const char*>(text);
}

}  // namespace

struct Pattern::Code {
    pcre2_code* code;
    bool jit;
    Code(pcre2_code* compiled, bool has_jit) : code(compiled), jit(has_jit) {}
    ~Code() { pcre2_code_free(code); }
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
};

Pattern::Pattern(std::unique_ptr<Code> code) : code_(std::move(code)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::compile(std::string_view pattern, const PatternOptions& options) {
    std::uint32_t flags =
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
    if (options.ignore_case) flags |= PCRE2_CASELESS;
    if (options.dot_matches_newline) flags |= PCRE2_DOTALL;
    std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> context(
        pcre2_compile_context_create(nullptr), &pcre2_compile_context_free);
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANYCRLF);
    int error_number = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code* code = pcre2_compile(bytes_of(pattern), pattern.size(), flags, &error_number,
                                     &offset, context.get());
    if (!code) {
        return fail(thole::Code::invalid_argument,
                    "pattern '" + std::string(pattern) +
                        "' does not compile: " + pcre2_message(error_number) + " at character " +
                        std::to_string(offset + 1));
    }
    bool jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
    return Pattern(std::make_unique<Code>(code, jit));
}

struct Matcher::State {
    const Pattern::Code& pattern;
    pcre2_match_data* found;
    pcre2_match_context* context;
    pcre2_jit_stack* stack;

    explicit State(const Pattern::Code& of)
        : pattern(of),
          found(pcre2_match_data_create_from_pattern(of.code, nullptr)),
          context(pcre2_match_context_create(nullptr)),
          stack(pcre2_jit_stack_create(32768, most_stack, nullptr)) {
        pcre2_set_match_limit(context, most_steps);
        pcre2_set_heap_limit(context, 20'000);  // KiB
        pcre2_jit_stack_assign(context, nullptr, stack);
    }
    ~State() {
        pcre2_match_data_free(found);
        pcre2_match_context_free(context);
        pcre2_jit_stack_free(stack);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

Matcher::Matcher(const Pattern& pattern) : state_(std::make_unique<State>(*pattern.code_)) {}
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher::~Matcher() = default;

std::optional<Span> Matcher::find(std::string_view subject, std::size_t from) {
    auto match = state_->pattern.jit ? &pcre2_jit_match : &pcre2_match;
    int result = match(state_->pattern.code, bytes_of(subject), subject.size(), from, 0,
                       state_->found, state_->context);
    gave_up_ = result < 0 && result != PCRE2_ERROR_NOMATCH;
    if (result < 0) return std::nullopt;
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(state_->found);
    // \K in a look-around can put the start behind the end.
    return Span{std::min(ends[0], ends[1]), std::max(ends[0], ends[1])};
}

}  // namespace thole
