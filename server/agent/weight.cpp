#include "agent/weight.hpp"

#include <algorithm>
#include <cmath>

#include "base/json.hpp"

namespace thole {
namespace {

constexpr std::size_t image_weight = 6000;
constexpr std::size_t number_weight = 6;
constexpr double usual_bytes_per_token = 4;

struct BlockWeight {
    std::size_t operator()(const model::Text& text) const { return text.text.size(); }
    std::size_t operator()(const model::Image&) const { return image_weight; }
    std::size_t operator()(const model::Thought& thought) const { return thought.text.size(); }
    std::size_t operator()(const model::ToolCall& call) const {
        return call.name.size() + weight_of(*call.input);
    }
    std::size_t operator()(const model::ToolResult& result) const {
        return result.text.size() + result.images.size() * image_weight;
    }
};

std::size_t weight_of_blocks(const Json& blocks) {
    std::size_t weight = 0;
    for (const Json& block : blocks) {
        std::string type = text_member(block, "type");
        if (type == "audio") continue;  // no model hears it
        weight += type == "image" ? image_weight : weight_of(block);
    }
    return weight;
}

}  // namespace

std::size_t weight_of(const Json& value) {
    if (value.is_string()) return value.get_ref<const std::string&>().size() + 2;
    if (!value.is_structured()) return number_weight;
    std::size_t weight = 2;
    for (const auto& [key, held] : value.items()) {
        weight += weight_of(held) + (value.is_object() ? key.size() + 4 : 1);
    }
    return weight;
}

std::size_t weight_of(const model::Request& request) {
    std::size_t weight = request.system.size();
    for (const model::ToolSpec& tool : request.tools) {
        weight += tool.name.size() + tool.description.size() + tool.schema_size;
    }
    for (const model::Message& message : request.messages) {
        for (const model::Block& block : message.blocks) weight += std::visit(BlockWeight{}, block);
    }
    return weight;
}

std::size_t weight_of(const ContextItem& item) {
    std::size_t weight = item.blocks.is_absent() ? item.text.size() : 0;
    if (item.kind == ContextItem::Kind::result) weight = item.text.size();
    if (!item.blocks.is_absent()) weight += weight_of_blocks(*item.blocks);
    if (!item.input.is_absent()) weight += weight_of(*item.input);
    return weight + item.tool.size();
}

void Gauge::measure(std::size_t weight, std::int64_t tokens) {
    if (weight == 0 || tokens <= 0) return;
    weight_ = weight;
    tokens_ = tokens;
}

std::int64_t Gauge::tokens(std::size_t weight) const {
    auto bytes = static_cast<double>(weight);
    if (!is_calibrated()) return std::llround(bytes / usual_bytes_per_token);
    return std::llround(bytes * static_cast<double>(tokens_) / static_cast<double>(weight_));
}

std::size_t Gauge::weight(std::int64_t tokens) const {
    auto wanted = static_cast<double>(std::max<std::int64_t>(tokens, 0));
    double bytes_per_token = usual_bytes_per_token;
    if (is_calibrated()) {
        bytes_per_token = static_cast<double>(weight_) / static_cast<double>(tokens_);
    }
    return static_cast<std::size_t>(wanted * bytes_per_token);
}

}  // namespace thole
