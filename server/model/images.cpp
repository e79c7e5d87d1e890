#include "model/images.hpp"

#include <algorithm>

namespace thole::model {

namespace {

constexpr const char* in_its_place = "(an image was here, which this model cannot see)";

bool has_image(const Block& block) {
    const auto* result = std::get_if<ToolResult>(&block);
    return std::holds_alternative<Image>(block) || (result != nullptr && !result->images.empty());
}

bool has_images(const Message& message) {
    return std::any_of(message.blocks.begin(), message.blocks.end(), has_image);
}

void put_words(Block& block) {
    if (std::holds_alternative<Image>(block)) block = Text{in_its_place};
    auto* result = std::get_if<ToolResult>(&block);
    if (result == nullptr) return;
    for (std::size_t i = 0; i < result->images.size(); ++i) {
        if (!result->text.empty()) result->text += "\n";
        result->text += in_its_place;
    }
    result->images.clear();
}

}  // namespace

std::optional<Request> without_images(const Request& request) {
    bool has_any = std::any_of(request.messages.begin(), request.messages.end(), has_images);
    if (!has_any) return std::nullopt;
    Request made = request;
    for (Message& message : made.messages) {
        for (Block& block : message.blocks) put_words(block);
    }
    return made;
}

}  // namespace thole::model
