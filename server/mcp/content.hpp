// What servers answer with, as a model reads it and people see it: text, images, links and embedded
// resources, bounded, with nothing in it that a model API would refuse for ever after. Pure.
#pragma once
#include <string>

#include "journal/event.hpp"

namespace thole::mcp {

struct Content {
    std::string text;  // for the model
    JsonValue blocks;  // more in ACP's shape: images, audio, links; absent when there is none
};

// Of the result of a tool's call.
Content content_of_result(const Json& result);
// The messages of a prompt as content blocks of a prompt (an array, at least one).
JsonValue blocks_of_prompt(const Json& result);
// A resource that was read: text of its contents, images as blocks.
Content content_of_resource(const Json& result);

// The addresses that a server wants the user to open before it goes on (-32042), as a sentence; "".
std::string wanted_addresses(const Json& error_data);

}  // namespace thole::mcp
