#include "model/providers/call_input.hpp"

#include "base/json.hpp"

namespace thole::model {

void set_input(ToolCall& call, std::string arguments) {
    call.input = std::make_shared<const Json>(Json::object());
    if (arguments.find_first_not_of(" \t\r\n") == std::string::npos) return;
    Result<Json> parsed = parse_json(arguments);
    if (parsed && parsed->is_object()) {
        call.input = std::make_shared<const Json>(std::move(*parsed));
    } else {
        call.broken_input = std::move(arguments);
    }
}

}  // namespace thole::model
