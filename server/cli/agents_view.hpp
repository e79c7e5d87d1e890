// The sub-agents of a session, at any depth, as a terminal shows them while it shows the session:
// what they ask, and in one quiet line what they have changed. Made by whoever shows the session,
// which gives it each event of that; must be closed before the session is. Loop thread.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "cli/render.hpp"
#include "session/family.hpp"

namespace thole::cli {

class AgentsView final : private Family::Watcher {
public:
    struct Parts {
        Sessions& sessions;
        Session& root;
        Renderer::Options options;  // of the session's own renderer
        bool answers = true;        // somebody answers for them here
        std::function<void(const std::vector<Shown>&)> show;
        // After an event, and for what was asked before we came.
        std::function<void(const Family::Member&, const Event&)> seen;
    };
    explicit AgentsView(Parts parts);

    void follow(const Event& event) { family_.follow(event); }
    // Null: none of this id works now.
    const Family::Member* find(const std::string& id) const { return family_.find(id); }
    std::vector<const Family::Member*> members() const { return family_.members(); }
    async::Task<void> close() { return family_.close(); }

private:
    void on_joined(const Family::Member& member) override;
    void on_event(const Family::Member& member, const Envelope& envelope) override;
    void on_left(const Family::Member& member) override { renderers_.erase(member.id); }

    void take(const Family::Member& member, const Envelope& envelope);
    Renderer& renderer_of(const Family::Member& member);

    Parts parts_;
    std::map<std::string, Renderer> renderers_;
    Family family_;  // last: it calls us while it is made
};

}  // namespace thole::cli
