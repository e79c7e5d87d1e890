#include "acp/v2/terminals.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/shell_command.hpp"

namespace thole::acp::v2 {

// The last line says how it ended, and a hook may have added something behind it.
ShellEnd shell_end(const std::string& text) {
    ShellEnd end;
    end.exit = read_exit(text);
    std::size_t hook = std::min(text.rfind("\n[from a hook: "), text.size());
    std::size_t newline = hook == 0 ? std::string::npos : text.rfind('\n', hook - 1);
    std::size_t line = newline == std::string::npos ? 0 : newline + 1;
    bool is_remark = end.exit || text.compare(line, 1, "[") == 0;
    if (is_remark) end.output = text.substr(0, line);
    std::size_t rest = end.exit ? hook : is_remark ? line : 0;
    end.remark = std::string(trim(std::string_view(text).substr(rest)));
    return end;
}

Json exit_status(const ShellEnd& end) {
    if (!end.exit) return Json::object();
    if (end.exit->signal != 0) return Json{{"signal", signal_name(end.exit->signal)}};
    return Json{{"exitCode", end.exit->code}};
}

}  // namespace thole::acp::v2
