// The well-known forms of keys: what they begin with, and what must follow. Internal to journal/.
// Pure; a table and small tests of single texts.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace thole {

// How far a secret can reach from its anchor: to the next blank, or to the end of the line.
enum class Reach { word, line };

// What a match must be, beside matching.
enum class Proof {
    none,
    strong,     // looks random: is_strong()
    weak,       // no placeholder: is_no_placeholder()
    user_pass,  // base64 of "user:password"
};

struct SecretRule {
    std::string_view kind;     // said in the secret's place
    std::string_view anchors;  // separated by spaces, of at least 3 bytes; the cheap test
    std::string_view pattern;  // PCRE2, matched at the anchor's first byte; \K: the secret's start
    std::size_t before = 0;    // the match begins so many bytes before the anchor
    Reach reach = Reach::word;
    Proof proof = Proof::none;
    bool ignore_case = false;  // then the anchors are in lower case
    bool stands_alone = true;  // no letter or digit before it
};

std::span<const SecretRule> secret_rules();

// Words that make what is assigned to them a secret, in lower case.
struct SecretWord {
    std::string_view word, kind;
};
std::span<const SecretWord> secret_words();

// Whether `value` looks like made by chance or with care, not like a word, a name or a number.
bool is_strong(std::string_view value);
// The same with a lower bar, for what can only be a password.
bool is_password(std::string_view value);
bool is_no_placeholder(std::string_view value);
bool proves(Proof proof, std::string_view value);

}  // namespace thole
