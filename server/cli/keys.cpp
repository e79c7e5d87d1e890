#include "cli/keys.hpp"

#include <map>

#include "base/text.hpp"

namespace thole::cli {
namespace {

constexpr std::string_view paste_end = "\x1b[201~";

// A terminal ends pasted lines with CR, LF or both; raw mode swaps the two.
std::string with_newlines(std::string_view pasted) {
    std::string text;
    for (std::size_t i = 0; i < pasted.size(); ++i) {
        char c = pasted[i];
        bool is_break = c == '\r' || c == '\n';
        char next = i + 1 < pasted.size() ? pasted[i + 1] : '\0';
        bool is_pair = is_break && next != c && (next == '\r' || next == '\n');
        text += is_break ? '\n' : c;
        if (is_pair) ++i;
    }
    return text;
}

// What the sequence between "ESC [" and its end does, as the key of an editor in Emacs mode.
const Key* key_of(const std::string& sequence) {
    using Kind = Key::Kind;
    static const std::map<std::string, Key> keys = {
        {"A", {Kind::chars, "\x10"}},
        {"B", {Kind::chars, "\x0e"}},
        {"C", {Kind::chars, "\x06"}},
        {"D", {Kind::chars, "\x02"}},
        {"H", {Kind::chars, "\x01"}},
        {"F", {Kind::chars, "\x05"}},
        {"1~", {Kind::chars, "\x01"}},
        {"4~", {Kind::chars, "\x05"}},
        {"7~", {Kind::chars, "\x01"}},
        {"8~", {Kind::chars, "\x05"}},
        {"1;5C",
         {Kind::chars,
          "\x1b"
          "f"}},
        {"1;5D",
         {Kind::chars,
          "\x1b"
          "b"}},
        {"1;3C",
         {Kind::chars,
          "\x1b"
          "f"}},
        {"1;3D",
         {Kind::chars,
          "\x1b"
          "b"}},
        {"3~", {Kind::remove, {}}},
        {"13;2u", {Kind::newline, {}}},
        {"13;3u", {Kind::newline, {}}},
        {"27;2;13~", {Kind::newline, {}}},
    };
    auto found = keys.find(sequence);
    return found == keys.end() ? nullptr : &found->second;
}

Key key_of_control(char c) {
    switch (c) {
        case '\n':
            return {Key::Kind::enter, {}};
        case '\r':
            return {Key::Kind::newline, {}};
        case '\t':
            return {Key::Kind::tab, {}};
        case '\x04':
            return {Key::Kind::end, {}};
        case '\x0c':
            return {Key::Kind::clear, {}};
        default:
            return {Key::Kind::chars, std::string(1, c)};
    }
}

// Bytes of the character that `lead` begins; 1 when it begins none.
std::size_t announced_length(char lead) {
    auto byte = static_cast<unsigned char>(lead);
    if (byte >= 0xf0 && byte < 0xf5) return 4;
    if (byte >= 0xe0) return byte < 0xf0 ? 3 : 1;
    return byte >= 0xc2 ? 2 : 1;
}

}  // namespace

std::vector<Key> KeyReader::take(std::string_view bytes) {
    waiting_ += bytes;
    std::vector<Key> keys;
    bool goes_on = true;
    while (goes_on && !waiting_.empty()) {
        goes_on = is_pasting_ ? take_paste(keys) : take_one(keys);
    }
    return keys;
}

bool KeyReader::take_paste(std::vector<Key>& keys) {
    std::size_t end = waiting_.find(paste_end);
    if (end == std::string::npos) return false;
    keys.push_back({Key::Kind::paste, with_newlines(std::string_view(waiting_).substr(0, end))});
    drop(end + paste_end.size());
    is_pasting_ = false;
    return true;
}

bool KeyReader::take_one(std::vector<Key>& keys) {
    char first = waiting_[0];
    if (first == '\x1b') return take_escape(keys);
    if (static_cast<unsigned char>(first) < 0x20) {
        keys.push_back(key_of_control(first));
        drop(1);
        return true;
    }
    std::size_t length = announced_length(first);
    if (waiting_.size() < length) return false;
    bool is_whole = utf8_sequence_length(waiting_) == length;
    if (is_whole) keys.push_back({Key::Kind::chars, waiting_.substr(0, length)});
    drop(is_whole ? length : 1);
    return true;
}

bool KeyReader::take_escape(std::vector<Key>& keys) {
    if (waiting_.size() < 2) return false;
    char second = waiting_[1];
    if (second == '[' || second == 'O') return take_sequence(keys);
    if (second == '\r' || second == '\n') {
        keys.push_back({Key::Kind::newline, {}});
    } else if (static_cast<unsigned char>(second) < 0x80) {
        keys.push_back({Key::Kind::chars, waiting_.substr(0, 2)});
    }
    drop(2);
    return true;
}

bool KeyReader::take_sequence(std::vector<Key>& keys) {
    std::size_t end = 2;
    while (end < waiting_.size() && waiting_[end] >= 0x20 && waiting_[end] < 0x40) ++end;
    if (end == waiting_.size()) return false;
    std::string sequence = waiting_.substr(2, end - 1);
    drop(end + 1);
    if (sequence == "200~") {
        is_pasting_ = true;
    } else if (const Key* key = key_of(sequence)) {
        keys.push_back(*key);
    }
    return true;
}

}  // namespace thole::cli
