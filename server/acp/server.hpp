// The ACP front end: an agent for one client on a pair of file descriptors. Made by main, runs
// until the client goes. Loop thread. What it speaks is docs/protocol.md.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "async/loop.hpp"
#include "rpc/stdio.hpp"
#include "session/sessions.hpp"

namespace thole {

class AcpServer {
public:
    AcpServer(async::Loop& loop, Sessions& sessions, rpc::StdioFds fds);
    ~AcpServer();
    AcpServer(const AcpServer&) = delete;
    AcpServer& operator=(const AcpServer&) = delete;

    // Returns after the end of input, when what runs has finished ([session] on_disconnect), or
    // after a stop, when it has been cancelled; then the sessions of the process are closed.
    async::Task<void> run();
    // As if the input had ended here.
    void hang_up();

    // Of everything that is answered, sorted; docs/protocol.md describes each.
    std::vector<std::string> method_names() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace thole
