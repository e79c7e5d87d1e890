#include "tools/jobs.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "async/sleep.hpp"
#include "support/running.hpp"
#include "support/scratch.hpp"

using namespace thole;
using async::Loop;
using async::Task;
using test::is_running;

namespace {

async::ProcessOptions shell(std::string script) {
    async::ProcessOptions options;
    options.argv = {"sh", "-c", std::move(script)};
    return options;
}

Task<void> gather(Loop& loop, Jobs& jobs, std::string name, std::string& output, bool until_end) {
    for (;;) {
        Result<JobReport> report = jobs.report(name);
        REQUIRE(report);
        output += report->output;
        if (until_end ? report->exit.has_value() : output.ends_with('\n')) co_return;
        std::chrono::milliseconds moment(1);
        co_await async::sleep_for(loop, moment);
    }
}

Task<void> two_jobs(Loop& loop, Jobs& jobs) {
    CHECK(jobs.start(shell("echo one; exit 4"), "first").value_or("") == "job-1");
    CHECK(jobs.start(shell("echo two"), "second").value_or("") == "job-2");
    std::string first, second;
    co_await gather(loop, jobs, "job-1", first, true);
    co_await gather(loop, jobs, "job-2", second, true);
    CHECK(first == "one\n");
    CHECK(second == "two\n");
    CHECK(jobs.report("job-1")->output == "");
    CHECK(jobs.report("job-1")->command == "first");
    CHECK(jobs.report("job-1")->exit == async::Exit{4, 0});
    Result<JobReport> again = co_await jobs.kill("job-1");
    CHECK(again->exit == async::Exit{4, 0});
    co_await jobs.close();
}

Task<void> closing(Loop& loop, Jobs& jobs, std::string& pids) {
    CHECK(jobs.start(shell("trap '' TERM; sleep 1000 & echo $! $$; wait; wait"), "stubborn"));
    CHECK(jobs.start(shell("(env -i setsid nohup sleep 1000 >/dev/null 2>&1 & echo $!)"),
                     "leaves one behind"));
    std::string first, second;
    co_await gather(loop, jobs, "job-1", first, false);
    co_await gather(loop, jobs, "job-2", second, true);
    pids = first + second;
    co_await jobs.close();
    CHECK(jobs.start(shell("true"), "late").error().code == Code::cancelled);
}

Task<void> too_many(Jobs& jobs) {
    for (int i = 0; i < 20; ++i) CHECK(jobs.start(shell("sleep 1000"), "sleep"));
    CHECK(jobs.start(shell("sleep 1000"), "sleep").error().code == Code::limit);
    Result<JobReport> report = co_await jobs.kill("job-20");
    CHECK(report);
    CHECK(jobs.start(shell("sleep 1000"), "sleep").value_or("") == "job-21");
    co_await jobs.close();
}

Task<void> unread(Loop& loop, Jobs& jobs, const std::string& done, JobReport& report) {
    CHECK(jobs.start(shell("head -c 20000000 /dev/zero; echo end; : > '" + done + "'"), "long"));
    std::chrono::milliseconds moment(1);
    while (!std::filesystem::exists(done)) co_await async::sleep_for(loop, moment);
    Result<JobReport> last = co_await jobs.kill("job-1");
    report = std::move(*last);
    co_await jobs.close();
}

Task<void> bad_names(Jobs& jobs) {
    CHECK(jobs.report("job-1").error() ==
          fail(Code::not_found, "there is no job 'job-1'; none was started in this session"));
    Result<JobReport> killed = co_await jobs.kill("");
    CHECK(killed.error().code == Code::not_found);
    async::ProcessOptions absent;
    absent.argv = {"/no/such/program"};
    CHECK(jobs.start(absent, "absent").error().code == Code::not_found);
    co_await jobs.close();
}

}  // namespace

TEST_CASE("jobs run side by side, and each byte of output is given once") {
    Loop loop;
    Jobs jobs(loop);
    loop.run(two_jobs(loop, jobs));
}

TEST_CASE("closing ends all jobs, also stubborn ones and what they left behind") {
    Loop loop;
    Jobs jobs(loop);
    std::string pids;
    loop.run(closing(loop, jobs, pids));
    int child = 0, parent = 0, left = 0;
    REQUIRE(std::sscanf(pids.c_str(), "%d %d %d", &child, &parent, &left) == 3);
    CHECK_FALSE(is_running(child));
    CHECK_FALSE(is_running(parent));
    CHECK_FALSE(is_running(left));
}

TEST_CASE("a session runs at most 20 jobs at a time") {
    Loop loop;
    Jobs jobs(loop);
    loop.run(too_many(jobs));
}

TEST_CASE("of output that nobody asks for the end is kept, and the rest is counted") {
    test::Scratch scratch;
    Loop loop;
    Jobs jobs(loop);
    JobReport report;
    loop.run(unread(loop, jobs, scratch / "done", report));
    CHECK(report.output.ends_with("end\n"));
    CHECK(report.output.size() <= (8U << 20U));
    CHECK(report.output.size() + report.forgotten == 20'000'004);
}

TEST_CASE("a job that does not exist, or a program, gives an error that says so") {
    Loop loop;
    Jobs jobs(loop);
    loop.run(bad_names(jobs));
}
