#include "acp/v2/terminals.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/shell_command.hpp"

namespace thole::acp::v2 {

namespace {

constexpr std::string_view exited = "[exit code ", killed = "[killed by signal ";

bool says_how(std::string_view line) {
    return line.starts_with(exited) || line.starts_with(killed);
}
bool is_remark(std::string_view line) {
    return line.starts_with('[');
}

// Where the last line begins that `fits`; npos: none does.
std::size_t last_line(std::string_view text, bool (*fits)(std::string_view line)) {
    std::size_t end = text.size();
    while (end > 0) {
        std::size_t newline = text.rfind('\n', end - 1);
        std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
        if (fits(text.substr(begin))) return begin;
        end = newline == std::string_view::npos ? 0 : newline;
    }
    return std::string_view::npos;
}

}  // namespace

// A hook may have added something behind the line that says how it ended.
ShellEnd shell_end(const std::string& text) {
    ShellEnd end;
    std::size_t at = last_line(text, says_how);
    if (at == std::string::npos) at = last_line(text, is_remark);
    std::string_view line = std::string_view(text).substr(std::min(at, text.size()));
    std::size_t newline = line.find('\n');
    std::optional<async::Exit> exit = read_exit(line.substr(0, newline));
    if (exit && exit->signal > 0) end.signal = signal_name(exit->signal);
    if (exit && exit->signal == 0) end.exit_code = exit->code;
    std::string_view rest =
        newline == std::string_view::npos ? std::string_view() : line.substr(newline + 1);
    end.remark = std::string(trim(end.is_known() ? rest : line));
    end.output = text.substr(0, at);
    return end;
}

Json exit_status(const ShellEnd& end) {
    Json status = Json::object();
    if (end.exit_code) status["exitCode"] = *end.exit_code;
    if (!end.signal.empty()) status["signal"] = end.signal;
    return status;
}

}  // namespace thole::acp::v2
