// Secrets that no pattern tells: what is assigned to a name that says "secret", and blocks of
// private keys over several lines. Internal to journal/. Pure; offsets into the given text.
#pragma once
#include <optional>
#include <string_view>

#include "workspace/pattern.hpp"

namespace thole {

// The value that is assigned to the name in which a secret word stands at [word.begin, word.end):
// `DB_PASSWORD="…"`, `"token": "…"`, `--api-key …`, `the password is …`.
std::optional<Span> assigned_secret(std::string_view text, Span word);

// The block of a private key that begins at `begin`, where "-----BEGIN" stands; what is there of
// one that is cut off.
std::optional<Span> private_key_from(std::string_view text, std::size_t begin);
// The end of such a block whose beginning is cut off; "-----END" stands at `end`.
std::optional<Span> private_key_until(std::string_view text, std::size_t end);
// Where a block begins that is not over before `border`: it may go on behind the end of `text`.
std::optional<std::size_t> open_private_key(std::string_view text, std::size_t border);

}  // namespace thole
