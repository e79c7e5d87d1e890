// Finds the files that a command changes without saying so, while an approved plan is carried out:
// the tree before and after, by stamps (workspace/stock.hpp). Costs nothing without such a plan. In
// a tree that is too large for it nothing is found any more, and that is told once. What somebody
// else changes at the same time counts as the command's. Owned by CallRunner; loop thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "agent/conversation.hpp"
#include "async/loop.hpp"
#include "workspace/roots.hpp"
#include "workspace/stock.hpp"

namespace thole {

class ChangeWatch {
public:
    ChangeWatch(async::Loop& loop, const Roots& roots, Conversation& conversation,
                StockLimits limits = {})
        : loop_(loop), roots_(roots), conversation_(conversation), limits_(limits) {}

    // Nothing: what the command changes is not looked for.
    async::Task<std::optional<Stock>> before();
    // Absolute paths, at most 1000; also after a stop.
    async::Task<std::vector<std::string>> since(Stock before);

private:
    async::Task<Result<Stock>> look(bool stops);
    void give_up(const Error& error);

    async::Loop& loop_;
    const Roots& roots_;
    Conversation& conversation_;
    StockLimits limits_;
    bool has_given_up_ = false;
};

}  // namespace thole
