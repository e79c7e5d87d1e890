// The terminals of a session: those of the editor that has lent its own, while nobody else watches.
// A command that runs in one stays there to its end.
#pragma once
#include <functional>
#include <utility>

#include "tools/terminals.hpp"

namespace thole {

class LentTerminals final : public Terminals {
public:
    explicit LentTerminals(std::function<bool()> is_alone) : is_alone_(std::move(is_alone)) {}
    void lend(Terminals* terminals) { lent_ = terminals; }

    bool is_offered() const override { return lent_ && is_alone_() && lent_->is_offered(); }
    async::Task<Result<TerminalEnd>> run(TerminalCommand command) override {
        Terminals* lent = lent_;
        if (!lent) co_return fail(Code::unavailable, "no editor has lent a terminal");
        Result<TerminalEnd> end = co_await lent->run(std::move(command));
        co_return end;
    }

private:
    std::function<bool()> is_alone_;
    Terminals* lent_ = nullptr;
};

}  // namespace thole
