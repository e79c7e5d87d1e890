// What a command printed, as text: escape sequences of terminals removed, lines that a progress bar
// wrote over again reduced to their last state, bytes that are not UTF-8 as U+FFFD. Pure.
#pragma once
#include <string>
#include <string_view>

namespace thole {

std::string terminal_text(std::string_view bytes);

// Cuts a stream of bytes so that no UTF-8 sequence is torn: add() gives what is whole, with bad
// bytes as U+FFFD, and keeps the start of a sequence for the next time.
class Utf8Pieces {
public:
    std::string add(std::string_view bytes);
    std::string finish();  // what was kept, as U+FFFD

private:
    std::string kept_;
};

}  // namespace thole
