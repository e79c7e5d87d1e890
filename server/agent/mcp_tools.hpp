// The tools of MCP servers as tools like any other: asked for, decided on, shown and run as ours
// are. Owned by Agent; loop thread.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "mcp/servers.hpp"
#include "tools/tool.hpp"

namespace thole {

class McpTools {
public:
    // `servers` may be null; otherwise it outlives the tools. `ours` makes those beside which they
    // stand.
    McpTools(mcp::Servers* servers, std::function<ToolSet()> ours)
        : servers_(servers), ours_(std::move(ours)) {}

    // Has the servers started and, when they offer something else than before, makes `tools` anew;
    // only while no call runs. True: it has.
    async::Task<bool> refresh(ToolSet& tools);

private:
    mcp::Servers* servers_;
    std::function<ToolSet()> ours_;
    std::optional<std::uint64_t> edition_;
};

}  // namespace thole
