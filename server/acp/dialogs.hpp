// Asks the client's user about approvals and questions of one session, one at a time, and gives the
// answers to the session. Held by the view of the session and by its own task; after close() it
// touches neither. Loop thread.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "acp/client.hpp"
#include "rpc/connection.hpp"
#include "session/session.hpp"

namespace thole::acp {

class Dialogs : public std::enable_shared_from_this<Dialogs> {
public:
    struct Parts {
        async::Loop& loop;
        rpc::Connection& connection;
        Session& session;
        const Client& client;
        std::function<void()> cancel_turn;  // the user closed a permission dialog
        std::function<void(const std::string&)> remark;
    };
    explicit Dialogs(Parts parts) : parts_(std::move(parts)) {}

    // What is being asked already is not asked twice. `tool_call`: as Projector::open_call() gives
    // it.
    void ask(ApprovalRequested request, JsonValue tool_call);
    void ask(QuestionRequested question);
    // `id`: of the review, as the projector names it.
    void ask_review(std::string id, JsonValue tool_call);
    // It has been answered (call or question id): nobody needs to be asked any more.
    void settled(const std::string& id);
    // Stops waiting for anything.
    void drop_all();
    void close();

private:
    struct Approval {
        ApprovalRequested request;
        JsonValue tool_call;
    };
    struct Review {
        std::string id;
        JsonValue tool_call;
    };
    using Dialog = std::variant<Approval, QuestionRequested, Review>;
    void add(Dialog dialog);
    static const std::string& id_of(const Dialog& dialog);
    static async::Task<void> work(std::shared_ptr<Dialogs> self);
    async::Task<void> show(const Dialog& dialog);
    async::Task<void> show_one(const Approval& approval);
    async::Task<void> show_one(const QuestionRequested& question);
    async::Task<void> show_one(const Review& review);
    void review(Command answer);
    async::Task<Result<Json>> request(std::string method, std::string params);
    void give_up();
    void submit(Command command);

    Parts parts_;
    std::deque<Dialog> waiting_;
    std::string open_id_;         // of the dialog that is shown
    std::int64_t open_call_ = 0;  // its request; 0: none
    bool is_working_ = false;
    bool is_closed_ = false;
};

}  // namespace thole::acp
