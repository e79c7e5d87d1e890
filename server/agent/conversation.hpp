// What the agent needs of the session that it works in: the events so far, a place for new ones,
// and somebody to ask. Implemented by session/; the agent knows no front end. Loop thread.
#pragma once
#include <string>

#include "async/task.hpp"
#include "journal/state.hpp"

namespace thole {

// The answer to an approval request.
struct ApprovalAnswer {
    bool allowed = false;
    bool is_cancelled = false;  // nobody answered before the turn was cancelled
    std::string reason;         // of a denial, in the user's words
};

class Conversation {
public:
    virtual ~Conversation() = default;
    virtual const State& state() const = 0;
    // Appends to the journal. Errors show in health() and sync().
    virtual void emit(Event event) = 0;
    virtual void stream(Event piece) = 0;
    virtual Result<void> health() const = 0;
    // Everything emitted so far is on the disk.
    virtual async::Task<Result<void>> sync() = 0;
    // Has a snapshot saved in the background.
    virtual void checkpoint() = 0;
    virtual Result<std::string> store_blob(std::string_view content) = 0;

    // Whether a person can answer now.
    virtual bool has_answerer() const = 0;
    // Records the request, waits for the answer and records that.
    virtual async::Task<ApprovalAnswer> ask_approval(ApprovalRequested request) = 0;
    virtual async::Task<Result<JsonValue>> ask_question(QuestionRequested question) = 0;
    virtual std::string timestamp() const = 0;  // RFC 3339, now
};

}  // namespace thole
