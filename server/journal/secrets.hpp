// What must not reach the disk: the values of configured keys, and texts that have the form of a
// well-known kind of key. Each is replaced by a token that names its kind: "[redacted
// github-token]". Made once by main, immutable, shared by every journal; any thread. Journal
// applies it to all that it writes; whoever writes a session's text elsewhere (an index, an export,
// a history of prompts) calls redact() first. What lives in memory and what the model sees stays as
// it is.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thole {

// A value that is known to be secret. `kind` is said in its place: "ANTHROPIC_API_KEY".
struct SecretValue {
    std::string kind, value;
    bool operator==(const SecretValue&) const = default;
};

class Secrets {
public:
    // Values of less than 8 bytes are left out: they would be found everywhere.
    explicit Secrets(std::vector<SecretValue> values = {});
    ~Secrets();
    Secrets(const Secrets&) = delete;
    Secrets& operator=(const Secrets&) = delete;

    // `text` with every secret replaced. Redacting twice changes nothing more.
    std::string redact(std::string_view text) const;
    // The same, or nothing when there is no secret in it: then nothing was copied.
    std::optional<std::string> redacted(std::string_view text) const;
    // The same for the value of a JSON member, whose name may tell that it is a secret.
    std::optional<std::string> redacted_member(std::string_view name, std::string_view text) const;

    // How many bytes from the start of a text that goes on can be redacted by themselves: what
    // comes after them may be the beginning of a secret. At most `longest_hold` bytes are held
    // back.
    std::size_t whole_size(std::string_view text) const;
    static constexpr std::size_t longest_hold = 16 * 1024;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Whether something was replaced in `text`, so that it is not what it once was.
bool has_redaction(std::string_view text);

}  // namespace thole
