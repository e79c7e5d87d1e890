// What a terminal in raw mode sends, cut into keys: characters, control keys, escape sequences and
// pasted text (bracketed paste). Keys that editing knows by several sequences become one. Pure; it
// keeps only what is not complete yet.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace thole::cli {

struct Key {
    enum class Kind {
        chars,    // `text`: one character, or Escape and one
        paste,    // `text`: all of it, lines ended by "\n"
        enter,    // the line is done
        newline,  // Ctrl+J, Alt+Enter: a line break inside the text
        tab,
        remove,  // the Delete key
        end,     // Ctrl+D
        clear,   // Ctrl+L
    };
    Kind kind = Kind::chars;
    std::string text{};
    bool operator==(const Key&) const = default;
};

class KeyReader {
public:
    // The keys that are complete with these bytes.
    std::vector<Key> take(std::string_view bytes);

private:
    bool take_paste(std::vector<Key>& keys);
    bool take_one(std::vector<Key>& keys);
    bool take_escape(std::vector<Key>& keys);
    bool take_sequence(std::vector<Key>& keys);
    void drop(std::size_t bytes) { waiting_.erase(0, bytes); }

    std::string waiting_;
    bool is_pasting_ = false;
};

}  // namespace thole::cli
