// Asks the client's user about approvals, questions and plans of one session and of its sub-agents,
// and gives the answers to the session that asked: one at a time, or side by side for clients that
// queue them themselves. Held by the view of the session and by its own tasks; after close() it
// touches neither. Loop thread.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "acp/client.hpp"
#include "acp/codec.hpp"
#include "rpc/connection.hpp"
#include "session/session.hpp"

namespace thole::acp {

// Who asks. Its session must be there until the dialog is settled.
struct Asker {
    Session* session = nullptr;      // null: the session of the view
    std::string agent_id{}, task{};  // of a sub-agent
    bool is_session = false;         // the client has the sub-agent as a session of its own
    // The id of a tool call as the client has it.
    std::string shown_id(const std::string& id) const { return is_session ? id : dialog_id(id); }
    // One that is no other's on this connection.
    std::string dialog_id(const std::string& id) const {
        return agent_id.empty() ? id : agent_id + "/" + id;
    }
};

class Dialogs : public std::enable_shared_from_this<Dialogs> {
public:
    struct Parts {
        async::Loop& loop;
        rpc::Connection& connection;
        Session& session;
        const Client& client;
        SessionCodec& codec;
        std::function<void()> cancel_turn;  // the user closed a permission dialog
        std::function<void(const std::string&)> remark;
    };
    explicit Dialogs(Parts parts) : parts_(std::move(parts)) {}

    // What is being asked already is not asked twice. `tool_call`: as Projector::open_call() gives
    // it, with the id that the client knows.
    void ask(ApprovalRequested request, JsonValue tool_call, Asker asker = {});
    void ask(QuestionRequested question, Asker asker = {});
    // `id`: of the review, as the projector names it.
    void ask_review(std::string id, JsonValue tool_call);
    // It has been answered (Asker::dialog_id): nobody needs to be asked any more.
    void settled(const std::string& id);
    // The sub-agent has ended.
    void drop_agent(const std::string& agent_id);
    // Stops waiting for anything.
    void drop_all();
    void close();

private:
    struct Approval {
        ApprovalRequested request;
        JsonValue tool_call;
    };
    struct Review {
        JsonValue tool_call;
    };
    struct Dialog {
        std::string id;  // Asker::dialog_id
        Asker asker;
        std::variant<Approval, QuestionRequested, Review> what;
    };
    void add(Dialog dialog);
    bool is_known(const std::string& id) const;
    bool is_open(const std::string& id) const { return open_.contains(id); }
    static async::Task<void> work(std::shared_ptr<Dialogs> self);
    std::string session_of(const Dialog& dialog) const;
    async::Task<void> show(const Dialog& dialog);
    async::Task<void> show_approval(const Dialog& dialog);
    async::Task<void> show_question(const Dialog& dialog);
    async::Task<void> show_review(const Dialog& dialog);
    void review(Command answer);
    async::Task<Result<Json>> request(std::string id, std::string method, Json params);
    void give_up(const std::string& id);
    void submit(const Asker& asker, Command command);

    Parts parts_;
    std::deque<Dialog> waiting_;
    std::map<std::string, std::int64_t> open_;  // dialog → its request; 0: not yet sent
    std::size_t workers_ = 0;
    bool is_closed_ = false;
};

}  // namespace thole::acp
