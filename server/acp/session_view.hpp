// One session as this connection sees it: passes its events on as updates, raises its dialogs,
// lends it the editor's files. Made when the client opens the session, gone when it closes it;
// the session itself belongs to Sessions. Loop thread. Decides nothing about the session.
#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "acp/agents_view.hpp"
#include "acp/dialogs.hpp"
#include "acp/editor_terminals.hpp"
#include "acp/projection.hpp"
#include "acp/prompts.hpp"
#include "acp/text_pieces.hpp"
#include "async/poll.hpp"
#include "rpc/connection.hpp"
#include "session/session.hpp"

namespace thole::acp {

// The models to choose from now; `current` is one of them.
using ModelChoices = std::function<std::vector<ModelChoice>(const std::string& current)>;

class SessionView final : public Subscriber {
public:
    struct Parts {
        async::Loop& loop;
        rpc::Connection& connection;
        Sessions& sessions;
        Session& session;
        const Client& client;
        Prompts& prompts;
        Files* editor_files;  // null: the client has none
        ModelChoices choices;
        std::function<void()> cancel_turn;
        EditorTerminals* terminals = nullptr;  // null: the client lends none
        std::unique_ptr<SessionCodec> codec;
    };
    explicit SessionView(Parts parts);
    ~SessionView() override;

    // Lets go of what it watches beside the session. Must be awaited before the end.
    async::Task<void> close() { return agents_->close(); }

    Session& session() { return parts_.session; }
    AgentsView& agents() { return *agents_; }

    void on_event(const Envelope& envelope) override;
    void on_delta(const Event& piece) override;

    // Shows the whole log. Errors: io, not_found, cancelled (the client went or took it back).
    async::Task<Result<void>> replay();

    // What follows the response of new, load and resume.
    // `remarks`: what of the client's wishes is left out.
    void introduce(const std::vector<std::string>& remarks);
    // Commands may have come or gone with the files that they are made of.
    void note_commands();

    // {"modes":…, "configOptions":…} as they are now.
    Json options() const;
    // Changes of options are not shown until show_options(): the response comes first.
    void hold_options() { holds_options_ = true; }
    void show_options();
    void release_options() { holds_options_ = false; }

    // Markdown that is not part of the conversation: the answer to a slash command.
    void say(const std::string& text);
    // An update as the projection has it.
    void show(const Json& update);
    // What slash commands there are, which the client knows from now on.
    Json commands();
    void drop_dialogs() { dialogs_->drop_all(); }
    // A prompt of this client begins: what waits for an answer is asked (again), because some
    // clients drop requests outside a turn that they began.
    void prompt_begins();
    // The client is gone: asks nothing more and takes its files back; its turns go on.
    void leave();

private:
    void lend();
    void take_back();
    void send(const Json& update);
    void show_event(const Envelope& envelope);
    void remark(const std::string& text);
    bool is_own_prompt(const Event& event) const;
    void follow(const Event& event);
    void ask(const ApprovalRequested& approval);
    void ask(const QuestionRequested& question);
    void ask_review();
    void ask_pending();
    void tell_plan();
    void tell_changes(const Envelope& envelope);
    void tell_busy(bool is_busy);
    void know_open_calls();
    void show_text(const Event& event);
    void show_output();
    void grew(const ToolOutputChunk& chunk);
    void tell_extensions();
    std::string made_id(const char* prefix);

    Parts parts_;
    std::string id_;
    UpdateSink send_;
    Projector live_;
    TextPieces text_;
    std::shared_ptr<Dialogs> dialogs_;
    std::unique_ptr<AgentsView> agents_;
    async::Timer output_timer_;
    bool output_waits_ = false;    // for the timer
    std::set<std::string> grown_;  // calls with output that was not shown
    std::string shown_commands_;   // JSON
    std::vector<Json> remarks_;    // for the next turn
    bool replays_ = false;
    std::uint64_t replayed_through_ = 0;  // events up to here are on the screen
    bool catches_up_ = false;  // a replay met a running turn: its text comes by events, not pieces
    bool holds_options_ = false;
};

}  // namespace thole::acp
