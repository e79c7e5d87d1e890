// Commands of a session in terminals of the editor (terminal/*). Each is created, shown in its
// call, waited for, asked for its output and released exactly once, whatever happens in between;
// one that must end is killed first. Every wait has an end: by the answer, a limit, a stop, or the
// loss of the client. Owned by the server, beside the view of the session; loop thread.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rpc/connection.hpp"
#include "tools/terminals.hpp"

namespace thole::acp {

class EditorTerminals final : public Terminals {
public:
    // What the view of the session does for it.
    struct View {
        std::function<bool()> owns_turn;  // a prompt of this connection runs
        std::function<void(const std::string& call_id, const std::string& terminal_id)> show;
    };
    // `withheld`: names of variables that no command gets.
    EditorTerminals(async::Loop& loop, rpc::Connection& connection, std::string session_id,
                    std::vector<std::string> withheld);

    void join(View view) { view_ = std::move(view); }
    void leave() { view_ = {}; }

    bool is_offered() const override { return is_usable_ && view_.owns_turn && view_.owns_turn(); }
    async::Task<Result<TerminalEnd>> run(TerminalCommand command) override;

    static constexpr std::chrono::seconds create_timeout{10};
    static constexpr std::chrono::seconds answer_timeout{5};
    static constexpr std::chrono::milliseconds hurry{300};  // after a stop
    static constexpr std::size_t output_limit = 4U << 20U;

private:
    struct Creation;
    async::Task<void> await_creation(std::int64_t id, std::shared_ptr<Creation> creation);
    async::Task<Result<std::string>> create(const TerminalCommand& command);
    Result<TerminalEnd> without_terminal(const Error& why, bool is_stopped);
    async::Task<void> wind_up(const std::string& terminal_id, TerminalEnd& end);
    async::Task<Result<Json>> ask(std::string method, const std::string& terminal_id,
                                  std::chrono::milliseconds limit);
    void release(const std::string& terminal_id);
    std::string create_params(const TerminalCommand& command) const;
    std::string params(const std::string& terminal_id) const;

    async::Loop& loop_;
    rpc::Connection& connection_;
    std::string session_id_;
    std::vector<std::string> withheld_;
    View view_;
    bool is_usable_ = true;
};

}  // namespace thole::acp
