// What a session is called when nobody has said so. Internal to journal/. Pure.
#pragma once
#include <string>

#include "journal/event.hpp"

namespace thole {

// The first line of the prompt that holds anything, at most 80 characters.
std::string title_of(const MessageReceived& prompt);

}  // namespace thole
