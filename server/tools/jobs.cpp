#include "tools/jobs.hpp"

#include <utility>

namespace thole {

namespace {

constexpr std::size_t max_running = 20;
constexpr std::size_t max_kept = 8U << 20U;

}  // namespace

struct Jobs::Job {
    explicit Job(async::Loop& loop) : ended(loop) {}

    void add(std::string_view bytes) {
        output += bytes;
        if (output.size() <= max_kept) return;
        const std::size_t excess = output.size() - max_kept / 2;
        output.erase(0, excess);
        forgotten += excess;
    }
    JobReport report() {
        return JobReport{command, std::exchange(output, {}), std::exchange(forgotten, 0), exit,
                         std::exchange(refused, {})};
    }

    std::string command, output;
    std::size_t forgotten = 0;
    std::unique_ptr<async::Process> process;
    std::optional<async::Exit> exit;
    std::vector<async::Refusal> refused;
    async::Line ended;
};

Jobs::Jobs(async::Loop& loop) : loop_(loop) {}
Jobs::~Jobs() = default;

Result<std::string> Jobs::start(async::ProcessOptions options, std::string command) {
    if (closed_) return fail(Code::cancelled, "the session ends; nothing can be started any more");
    if (scope_.live() >= max_running) {
        return fail(Code::limit, "20 background jobs run already; kill one that is not needed");
    }
    auto job = std::make_unique<Job>(loop_);
    Job& started = *job;
    options.on_refused = [&started,
                          tell = std::move(options.on_refused)](const async::Refusal& refusal) {
        started.refused.push_back(refusal);
        if (tell) tell(refusal);
    };
    auto process = async::Process::spawn(
        loop_, std::move(options),
        [&started](async::Stream, std::string_view bytes) { started.add(bytes); });
    if (!process) return process.error();
    job->process = std::move(*process);
    job->command = std::move(command);
    std::string name = "job-" + std::to_string(++last_number_);
    jobs_.emplace(name, std::move(job));
    scope_.spawn(watch(started));
    return name;
}

async::Task<void> Jobs::watch(Job& job) {
    async::Exit exit = co_await job.process->wait();
    job.exit = exit;
    job.ended.wake_all();
}

Result<Jobs::Job*> Jobs::find(const std::string& name) {
    auto found = jobs_.find(name);
    if (found != jobs_.end()) return found->second.get();
    std::string names;
    for (const auto& [known, job] : jobs_) names += (names.empty() ? "" : ", ") + known;
    return fail(Code::not_found,
                "there is no job '" + name + "'; " +
                    (names.empty() ? "none was started in this session" : "the jobs are " + names));
}

Result<JobReport> Jobs::report(const std::string& name) {
    Result<Job*> job = find(name);
    if (!job) return job.error();
    return (*job)->report();
}

async::Task<Result<JobReport>> Jobs::kill(std::string name) {
    Result<Job*> found = find(name);
    if (!found) co_return found.error();
    Job& job = **found;
    job.process->terminate();
    while (!job.exit) {
        async::Wake wake = co_await job.ended.wait();
        if (wake == async::Wake::stopped && !job.exit) co_return cancelled();
    }
    co_return job.report();
}

// Once the session ends nothing is kept: destroying the process ends what it left.
void Jobs::keep(std::unique_ptr<async::Process> process) {
    if (closed_) return;
    std::erase_if(kept_, [](const auto& one) { return !one->leaves_processes(); });
    kept_.push_back(std::move(process));
}

// A job that has exited may have left processes behind: those end here, too.
async::Task<void> Jobs::close() {
    closed_ = true;
    for (auto& [name, job] : jobs_) job->process->terminate();
    for (auto& process : kept_) process->terminate();
    scope_.request_stop();
    co_await scope_.join();
    for (auto& [name, job] : jobs_) {
        async::Exit exit = co_await job->process->wait();
        job->exit = exit;
    }
    for (auto& process : kept_) co_await process->wait();
    kept_.clear();
}

}  // namespace thole
