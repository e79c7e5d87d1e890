// The commands of a session: the one way in which editors, terminals, sockets and parent sessions
// make it do something. Plain values; Session::submit takes them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "journal/event.hpp"

namespace thole {

// A prompt. Queued behind a running turn. `blocks` are ACP content blocks (an array); when absent
// the prompt is `content`. `message_id` may be given by the sender, else one is made. Of a prompt
// that a custom command has made `content` is what was typed; model, agent and tools hold for its
// turn (custom_commands.hpp).
struct SendMessage {
    std::string content;
    JsonValue blocks;
    std::string message_id;
    std::string command{}, model{}, agent{};
    std::vector<std::string> tools{};
};
struct Approve {
    std::string call_id;
    bool for_session = false;  // "allow always", with the rule that the request offered
};
struct Deny {
    std::string call_id, reason;
};
struct AnswerQuestion {
    std::string question_id;
    JsonValue selection;  // as in QuestionResolved
};
struct SetMode {
    std::string mode;
};
// name: "model" or "thought_level".
struct SetOption {
    std::string name, value;
};
// The answer to a plan in review. decision: approved, rejected or feedback. Feedback without words
// and comments keeps the plan as a draft: the user will say later what is to be different.
struct ReviewPlan {
    std::string decision{}, feedback{};
    std::optional<std::string> edits{};   // the whole plan as the user left it
    std::vector<PlanComment> comments{};  // lines of `edits`, else of the plan; quotes: made here
    std::int64_t revision = 0;            // the one that was reviewed; 0: whichever is in review
    std::string mode{};                   // after an approval; "": the one before planning
};
// How far the review of a changed file has come (State::unreviewed): what was accepted is in
// `baseline`, what was rejected has left `latest`, by whoever reviews. Absent: no such file.
struct ReviewChanges {
    std::string path;
    std::optional<std::string> baseline{}, latest{};
    std::int64_t event_id = 0;  // the change that was reviewed
};
// Puts the work of a sub-agent that is done into the user's files or, with a name, onto a branch of
// the user's. What becomes of it is a WorktreeMerged.
struct MergeChild {
    std::string child_session_id, branch;
};
// Throws it away; it stays reachable under refs/thole/rescue.
struct DiscardChild {
    std::string child_session_id;
};
// Ends the work of a sub-agent, also of one that is queued; what it has done is kept. What comes of
// it is a ChildSessionCompleted.
struct CancelChild {
    std::string child_session_id;
};
// The review that a reply to the review prompt means (journal/plan.hpp).
ReviewPlan review_in_words(std::string_view reply);
// What the session is called from now on; nothing that is made by itself takes its place. One line;
// invalid_argument when there is nothing in it.
struct SetTitle {
    std::string title;
};
// Puts the session away from the usual lists, which ends what runs in it, or takes it back.
struct Archive {
    bool archived = true;
};
// Summarises the conversation so far; queued behind a running turn.
struct Compact {};
// How the message id of a compaction's BusyStateChanged begins.
inline constexpr const char* compaction_work = "compact-";
// Brings everything to the disk and saves a snapshot.
struct Save {};
// Ends the running turn and every prompt that was received before; the session goes on. With a
// limit ("timeout") the turn ends as one that reached it.
struct Cancel {
    std::string limit;
};
// Ends the session: cancels, then SessionEnded.
struct Shutdown {};

using Command = std::variant<SendMessage, Approve, Deny, AnswerQuestion, ReviewPlan, SetMode,
                             SetOption, ReviewChanges, Compact, Save, MergeChild, DiscardChild,
                             CancelChild, SetTitle, Archive, Cancel, Shutdown>;

}  // namespace thole
