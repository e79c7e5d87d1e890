#include "async/confinement.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "async/confine.hpp"
#include "async/process.hpp"

namespace thole::async {

namespace {

// A folder with a file, to be attacked.
class Ground {
public:
    Ground() {
        std::error_code failed;
        std::string pattern = std::filesystem::temp_directory_path(failed) / "thole-probe-XXXXXX";
        if (!failed && ::mkdtemp(pattern.data())) path_ = pattern;
        std::ofstream file(path_ + "/file");
        is_good_ = !path_.empty() && (file << "text\n").flush().good();
    }
    ~Ground() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    Ground(const Ground&) = delete;
    Ground& operator=(const Ground&) = delete;

    const std::string& path() const { return path_; }
    bool is_good() const { return is_good_; }

private:
    std::string path_;
    bool is_good_ = false;
};

struct Findings {
    std::string printed;
    std::vector<std::string> refused;
    bool was_told(const std::string& what) const {
        return std::find(refused.begin(), refused.end(), what) != refused.end();
    }
};

ProcessOptions probe(const Ground& ground, Findings& findings) {
    ProcessOptions options;
    options.argv = {"/proc/self/exe", probe_word, ground.path(), std::to_string(::getpid())};
    options.read_only = true;
    options.on_refused = [&findings](const Refusal& refusal) {
        findings.refused.push_back(refusal.what);
    };
    return options;
}

Error lacks(std::string why) {
    return fail(Code::unavailable, std::move(why));
}

}  // namespace

Task<Result<std::string>> Confinement::proof() {
    if (known_) co_return *known_;
    Result<std::string> found = co_await attempt();
    bool is_final = found || found.error().code == Code::unavailable;
    if (is_final) known_ = found;
    co_return found;
}

Task<Result<std::string>> Confinement::attempt() const {
    Result<int> abi = landlock_abi();
    if (!abi) co_return abi.error();
    Ground ground;
    if (!ground.is_good()) {
        co_return fail(Code::io, "there is no temporary folder in which it could be tried");
    }
    Findings findings;
    ProcessOptions options = probe(ground, findings);
    OutputSink sink = [&findings](Stream, std::string_view text) { findings.printed += text; };
    Result<std::unique_ptr<Process>> process =
        Process::spawn(loop_, std::move(options), std::move(sink));
    if (!process) co_return process.error();
    std::stop_token stop = co_await current_stop();
    co_await (*process)->wait();
    if (stop.stop_requested()) co_return cancelled();
    if (!(*process)->unconfined().empty()) co_return lacks((*process)->unconfined());
    if (findings.printed != "held\n") {
        co_return lacks(findings.printed.substr(0, findings.printed.find('\n')));
    }
    if (!findings.was_told("unlink " + ground.path() + "/file")) {
        co_return lacks("what a program tries cannot be seen");
    }
    co_return confinement_name(*abi);
}

}  // namespace thole::async
