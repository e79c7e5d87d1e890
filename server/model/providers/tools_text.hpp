// The JSON text of a request's tools. It is most of what a short conversation sends and rarely
// changes from one request to the next: a provider makes it once. Pure.
#pragma once
#include <string>
#include <vector>

#include "model/provider.hpp"

namespace thole::model {

class ToolsText {
public:
    // `body`, an object without "tools", as text; with those of the request, as `write` has them,
    // when there are any. Always with the same `write`.
    std::string add_to(const Json& body, const Request& request, Json (*write)(const Request&));

private:
    bool is_of(const std::vector<ToolSpec>& tools) const;

    std::vector<ToolSpec> tools_;
    std::string text_;
};

}  // namespace thole::model
