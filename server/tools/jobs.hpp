// Shell commands that run in the background of a session: they are started by one call of bash,
// looked at by later ones, and end with the session at the latest. So does what a command of the
// foreground left running (`server &`), which has no name. Owned by the session, loop thread only.
// Whoever owns it awaits close() before it goes. Knows nothing of tools; names ("job-1", …) are
// unique in the session.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/process.hpp"
#include "async/scope.hpp"
#include "async/signal.hpp"

namespace thole {

struct JobReport {
    std::string command;
    std::string output;                   // new since the last report; any bytes
    std::size_t forgotten = 0;            // bytes before `output` that were too many to keep
    std::optional<async::Exit> exit;      // absent while it runs
    std::vector<async::Refusal> refused;  // new since the last report
};

class Jobs {
public:
    explicit Jobs(async::Loop& loop);
    ~Jobs();
    Jobs(const Jobs&) = delete;
    Jobs& operator=(const Jobs&) = delete;

    // Starts `options` and gives the job's name. `command` is what people call it. Errors: limit
    // (too many run already), and those of Process::spawn.
    Result<std::string> start(async::ProcessOptions options, std::string command);

    // What is new; each byte of output is given once. Error: not_found, names the jobs there are.
    Result<JobReport> report(const std::string& name);

    // Ends the job and all that it started, then reports. Errors: not_found, cancelled.
    async::Task<Result<JobReport>> kill(std::string name);

    // Takes over a command that has ended and left processes; they end when the session does.
    void keep(std::unique_ptr<async::Process> process);

    // Ends all jobs and waits for that. Nothing can be started afterwards.
    async::Task<void> close();

private:
    struct Job;
    async::Task<void> watch(Job& job);
    Result<Job*> find(const std::string& name);

    async::Loop& loop_;
    std::map<std::string, std::unique_ptr<Job>> jobs_;
    std::vector<std::unique_ptr<async::Process>> kept_;
    async::Scope scope_;
    int last_number_ = 0;
    bool closed_ = false;
};

}  // namespace thole
