// The shapes of the v2 draft, made from those of v1 as the projection has them. Pure.
#pragma once
#include <string>

#include "base/json_fwd.hpp"

namespace thole::acp::v2 {

// configOptions and availableCommands.
Json config_options(const Json& options);
Json commands(const Json& commands);

// authMethods.
Json login_methods(const Json& methods);

// A tool content item {"type":"diff","path",…} as {"type":"diff","changes":[…],"patch":{…}}; other
// items as they are.
Json content_item(const Json& item);

// The entries of a `plan` update, which have no cancelled ones, with those that its list of tasks
// in _meta.thole has beside them.
Json plan_entries(const Json& plan);

// How a call ended, more exactly than v1 can say it.
std::string call_status(const Json& call);

// Params of session/request_permission; `tool_call` is in the shape of v2.
Json permission_params(const Json& params, Json tool_call);

// `git diff` of one file, with absolute paths that have no prefixes; "" when nothing differs.
struct FileTexts {
    std::string path, old_text, new_text;
    bool is_new = false, is_gone = false;
};
std::string git_patch(const FileTexts& file);

}  // namespace thole::acp::v2
