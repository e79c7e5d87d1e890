// A live session, run by this process or, reached through a Link, by another: its state, its
// subscribers, its queue of prompts. Made by Sessions, lives until closed. Loop thread. Knows no
// front end: they send Commands, watch as Subscribers and may lend it the files of their editor.
//
// A turn as a subscriber sees it: MessageReceived{user}, BusyStateChanged{busy}, the answer's
// pieces, for each call ToolCallStarted, [ApprovalRequested], ApprovalResolved, ToolOutputChunk…,
// ToolCallCompleted, CostUpdated, …, BusyStateChanged{!busy, message_id of the prompt,
// stop_reason}. A prompt that is cancelled while it waits in the queue has only that last event.
// Slash commands are front ends' business (acp/ and cli/ share session/slash.hpp).
#pragma once
#include <memory>
#include <string>

#include "journal/journal.hpp"
#include "session/command.hpp"
#include "session/config.hpp"
#include "tools/files.hpp"

namespace thole {

class Terminals;  // tools/terminals.hpp

class Session {
public:
    virtual ~Session() = default;

    // Takes or refuses a command at once; what it does shows as events. (What the other process
    // refuses later shows as an event with id 0: the end of the prompt, or Error.) The value is the
    // message id for SendMessage, else "". Errors (nothing changed): invalid_argument (unknown
    // mode, model, value), not_found (no such open approval or question), io (the journal is
    // broken), busy.
    virtual Result<std::string> submit(Command command) = 0;

    virtual void subscribe(Subscriber& subscriber) = 0;
    virtual void unsubscribe(Subscriber& subscriber) = 0;

    virtual const State& state() const = 0;
    virtual const SessionFiles& files() const = 0;
    // What reopening found in the log; whole for a new session.
    virtual const Damage& damage() const = 0;
    virtual bool is_idle() const = 0;

    // From the next tool call on, files are read and written through `files`; null: the disk. Lent
    // by an editor, which takes it back (null) when it leaves. A session of another process works
    // on the disk.
    virtual void lend_files(Files* files) = 0;
    // Likewise where commands run; null: they are processes of ours. Used only while nobody else
    // watches the session, who would not see what they print.
    virtual void lend_terminals(Terminals* terminals) = 0;

    // Whether a front end has it: somebody has added an answerer and not taken it back.
    virtual bool is_held() const = 0;

    // Whether somebody can answer approvals and questions now. False: they are refused at once with
    // an event (headless), true: they wait. Counts up and down as front ends come and go.
    virtual void add_answerer() = 0;
    virtual void remove_answerer() = 0;
    // From now on approvals and questions wait for somebody to come (background, editor gone).
    virtual void wait_for_answers() = 0;
};

}  // namespace thole
