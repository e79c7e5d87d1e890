// A session that has no sub-agents: every request is refused.
#pragma once
#include "base/result.hpp"
#include "tools/subagents.hpp"

namespace thole::test {

class NoSubagents final : public Subagents {
public:
    Result<void> check(const SpawnRequest&) const override { return none(); }
    async::Task<Result<std::string>> spawn(SpawnRequest) override { co_return none(); }
    async::Task<Result<std::string>> wait(std::vector<std::string>) override { co_return none(); }
    Result<std::string> message(std::string, std::string) override { return none(); }
    async::Task<Result<std::string>> cancel(std::string) override { co_return none(); }
    async::Task<Result<MergePreview>> preview(std::string) override { co_return none(); }
    async::Task<Result<std::string>> merge(std::string) override { co_return none(); }

private:
    static Error none() { return fail(Code::not_found, "there are no sub-agents"); }
};

}  // namespace thole::test
