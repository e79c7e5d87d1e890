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

    // Returns after the end of input or a stop: turns are cancelled and answered, the sessions of
    // the process closed.
    async::Task<void> run();

    // Of everything that is answered, sorted; docs/protocol.md describes each.
    std::vector<std::string> method_names() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace thole
