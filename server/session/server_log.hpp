// <state>/log/mcp.log (0600): what MCP servers write for their own people, on standard error or as
// messages of their log, without secrets. Made when the first has something to say; never read
// here. It is set aside as mcp.log.1 when it is large. Errors are passed over: it is nobody's work.
// Loop thread; short lines.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "journal/secrets.hpp"

namespace thole {

class ServerLog {
public:
    ServerLog(std::string directory, const Clock& clock, const Secrets& secrets);
    ~ServerLog();
    ServerLog(const ServerLog&) = delete;
    ServerLog& operator=(const ServerLog&) = delete;

    // One line.
    void write(const std::string& server, std::string_view line);

private:
    void open();

    std::string directory_;
    const Clock& clock_;
    const Secrets& secrets_;
    int file_ = -1;
    bool has_failed_ = false;
    std::size_t size_ = 0;
};

}  // namespace thole
