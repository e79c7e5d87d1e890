#include "session/family.hpp"

#include <unistd.h>

namespace thole {
namespace {

bool is_at_work(const Child& child) {
    return child.ended_at.empty() && child.status != "queued";
}

}  // namespace

class Family::Link final : public Subscriber {
public:
    Link(Family& family, Member member) : family_(family), member_(std::move(member)) {
        member_.session->subscribe(*this);
        if (family_.answers_) member_.session->add_answerer();
    }
    ~Link() override {
        if (family_.answers_) member_.session->remove_answerer();
        member_.session->unsubscribe(*this);
    }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    const Member& member() const { return member_; }

    void on_event(const Envelope& envelope) override {
        family_.watcher_.on_event(member_, envelope);
        family_.follow(member_.id, member_.session->state(), envelope.event);
    }
    void on_delta(const Event& piece) override { family_.watcher_.on_delta(member_, piece); }

private:
    Family& family_;
    Member member_;
};

Family::Family(Sessions& sessions, Session& root, Watcher& watcher, bool answers)
    : sessions_(sessions), root_(root), watcher_(watcher), answers_(answers) {
    const State& state = root.state();
    for (const Child& child : state.children) {
        if (is_at_work(child)) join(state.id, child);
    }
}

Family::~Family() = default;

const Family::Member* Family::find(const std::string& id) const {
    auto found = links_.find(id);
    return found == links_.end() ? nullptr : &found->second->member();
}

std::vector<const Family::Member*> Family::members() const {
    std::vector<const Member*> all;
    for (const auto& [id, link] : links_) all.push_back(&link->member());
    return all;
}

void Family::follow(const Event& event) {
    follow(root_.state().id, root_.state(), event);
}

void Family::follow(const std::string& parent_id, const State& parent, const Event& event) {
    if (const auto* done = std::get_if<ChildSessionCompleted>(&event)) {
        return leave(done->child_session_id);
    }
    const auto* activity = std::get_if<ChildSessionActivity>(&event);
    if (!activity) return;
    for (const Child& child : parent.children) {
        bool is_it = child.spawned.child_session_id == activity->child_session_id;
        if (is_it && is_at_work(child)) join(parent_id, child);
    }
}

void Family::join(const std::string& parent_id, const Child& child) {
    Member member{child.spawned.child_session_id, parent_id, child.spawned.call_id,
                  child.spawned.task, nullptr};
    if (is_closed_ || links_.contains(member.id)) return;
    member.session = sessions_.find(member.id);
    if (member.session) return add(std::move(member));
    bool is_elsewhere = root_.state().pid != getpid();
    if (is_elsewhere) scope_.spawn(attach(std::move(member)));
}

async::Task<void> Family::attach(Member member) {
    OpenSession known;
    known.id = member.id;
    known.cwd = root_.state().workspace;
    Result<Session*> opened = co_await sessions_.open(std::move(known));
    if (!opened || is_closed_ || links_.contains(member.id)) co_return;
    member.session = *opened;
    add(std::move(member));
}

void Family::add(Member member) {
    std::string id = member.id;
    auto link = std::make_unique<Link>(*this, std::move(member));
    Link& added = *link;
    links_[id] = std::move(link);
    watcher_.on_joined(added.member());
    const State& state = added.member().session->state();
    for (const Child& child : state.children) {
        if (is_at_work(child)) join(id, child);
    }
}

// With all below it.
void Family::leave(const std::string& id) {
    auto node = links_.extract(id);
    if (node.empty()) return;
    for (const std::string& below : node.mapped()->member().session->state().child_session_ids) {
        leave(below);
    }
    watcher_.on_left(node.mapped()->member());
}

async::Task<void> Family::close() {
    is_closed_ = true;
    scope_.request_stop();
    co_await scope_.join();
    links_.clear();
}

}  // namespace thole
