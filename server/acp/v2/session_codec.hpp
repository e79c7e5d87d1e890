// A session on a connection that speaks the v2 draft: messages and calls as upserts, its state told
// by itself, and what shell commands print as terminals of thole's own. Loop thread; no I/O.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>

#include "acp/codec.hpp"
#include "acp/v2/terminals.hpp"

namespace thole::acp::v2 {

// A state_update that says how the session stands. Of an idle one: without a reason.
Json present_state(const State& state);

class Codec final : public SessionCodec {
public:
    explicit Codec(const State& state);

    void show(const Json& update, const UpdateSink& send) override;
    Json permission(Json params) override;
    bool show_output(const ToolOutputChunk& chunk, const UpdateSink& send) override;
    void show_state(const Event& event, const State& state, const UpdateSink& send) override;
    void begin_replay() override;
    void replay(const Event& event) override;
    void end_replay() override;

private:
    // A command of a shell, from its call on to its end.
    struct Shell {
        std::string command;
        bool is_open = false;   // its terminal has been announced
        bool has_told = false;  // some of its output
    };
    using Show = void (Codec::*)(const Json& update, const UpdateSink& send);
    static Show shower_of(const std::string& kind);

    void show_message(const Json& update, const UpdateSink& send);
    void show_call(const Json& update, const UpdateSink& send);
    void show_plan(const Json& update, const UpdateSink& send);
    void show_options(const Json& update, const UpdateSink& send);
    void show_commands(const Json& update, const UpdateSink& send);
    void show_nothing(const Json&, const UpdateSink&) {}

    Json call_shape(const Json& call) const;
    void know_shell(const Json& call);
    void run_shell(const std::string& id, Json& call, const UpdateSink& send);
    void open_terminal(const std::string& id, Shell& shell, const UpdateSink& send);
    void end_terminal(const std::string& id, const ShellEnd& end, const UpdateSink& send);

    std::string cwd_;
    std::map<std::string, Shell> shells_;         // by call
    std::map<std::string, std::string> outputs_;  // of a replay, by call: the end of each
    std::set<std::string> messages_;              // that a replay has begun
    std::string last_prompt_;
    std::string turn_;  // the prompt whose turn runs; "": none
    std::string told_;  // the state that the client knows
    int made_ids_ = 0;
    bool replays_ = false;
};

}  // namespace thole::acp::v2
