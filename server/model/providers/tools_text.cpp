#include "model/providers/tools_text.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace thole::model {

// A schema that is the same object is the same: they are not changed.
bool ToolsText::is_of(const std::vector<ToolSpec>& tools) const {
    return std::equal(tools.begin(), tools.end(), tools_.begin(), tools_.end(),
                      [](const ToolSpec& a, const ToolSpec& b) {
                          return a.schema == b.schema && a.name == b.name &&
                                 a.description == b.description;
                      });
}

std::string ToolsText::add_to(const Json& body, const Request& request,
                              Json (*write)(const Request&)) {
    std::string text = dump_json(body);
    if (request.tools.empty()) return text;
    if (!is_of(request.tools)) {
        text_ = dump_json(write(request));
        tools_ = request.tools;
    }
    text.reserve(text.size() + text_.size() + 16);
    text.back() = ',';
    return text.append("\"tools\":").append(text_).append("}");
}

}  // namespace thole::model
