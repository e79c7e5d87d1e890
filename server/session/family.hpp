// The sub-agents below a session that work now, at any depth, as sessions that can be watched and
// commanded: how a front end shows and answers for all of them. While it has one, that one's
// approvals can be answered. Works for sessions of this process and of another. Made by front ends;
// loop thread.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "async/scope.hpp"
#include "session/sessions.hpp"

namespace thole {

class Family {
public:
    struct Member {
        std::string id, parent_id;
        std::string call_id;  // of the parent that started it
        std::string task;
        Session* session = nullptr;
    };
    // Calls come from within the delivery of events.
    class Watcher {
    public:
        virtual ~Watcher() = default;
        virtual void on_joined(const Member& member) { (void)member; }
        virtual void on_event(const Member& member, const Envelope& envelope) = 0;
        virtual void on_delta(const Member& member, const Event& piece) {
            (void)member;
            (void)piece;
        }
        virtual void on_left(const Member& member) { (void)member; }
    };

    // `answers`: the watcher answers for its members; without it what they ask is refused as ever.
    Family(Sessions& sessions, Session& root, Watcher& watcher, bool answers = true);
    ~Family();

    // Null: it does not work now.
    const Member* find(const std::string& id) const;
    std::vector<const Member*> members() const;
    // What the root's events say of its sub-agents; those below are followed by themselves.
    void follow(const Event& event);
    // Lets go of all of them. Must be awaited before the end.
    async::Task<void> close();

private:
    class Link;
    void follow(const std::string& parent_id, const State& parent, const Event& event);
    void join(const std::string& parent_id, const Child& child);
    async::Task<void> attach(Member member);
    void add(Member member);
    void leave(const std::string& id);

    Sessions& sessions_;
    Session& root_;
    Watcher& watcher_;
    bool answers_;
    std::map<std::string, std::unique_ptr<Link>> links_;
    async::Scope scope_;
    bool is_closed_ = false;
};

}  // namespace thole
