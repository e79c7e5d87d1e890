// `thole demo` as people see it: who does what, a line each, in two columns. It shows the session,
// its sub-agents and the answers that the demo gives in the user's place. Made by the command; must
// be closed before the session is. Loop thread. Other sessions are shown by Renderer.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "cli/output.hpp"
#include "session/family.hpp"

namespace thole::cli {

class DemoView final : public Subscriber, private Family::Watcher {
public:
    struct Parts {
        Output& output;
        Sessions& sessions;
        Session& session;
        // Somebody has to answer: agent_id "": the session itself; call_id "": its plan.
        std::function<void(const std::string& agent_id, const std::string& call_id)> asked;
    };
    explicit DemoView(Parts parts);
    ~DemoView() override;
    DemoView(const DemoView&) = delete;
    DemoView& operator=(const DemoView&) = delete;

    void on_event(const Envelope& envelope) override;
    void on_delta(const Event& piece) override;

    // The sub-agent, or the session for "". Null: it works no more.
    Session* find(const std::string& agent_id) const;
    // What the script answers in the user's place.
    void answer(const std::string& agent_id, const std::string& words);
    async::Task<void> close() { return family_.close(); }

private:
    void on_joined(const Family::Member& member) override;
    void on_event(const Family::Member& member, const Envelope& envelope) override;
    void on_delta(const Family::Member&, const Event&) override {}  // what they say is reported

    void take(const std::string& agent_id, const Event& event);
    void take_own(const Event& event);
    void show(const std::string& agent_id, const ToolCallCompleted& completed);
    void show_command(const std::string& who, const std::string& command,
                      const ToolCallCompleted& completed);
    void show_edits(const std::string& agent_id, const std::string& verb,
                    const std::vector<FileDiff>& diffs);
    void show_change(const FileDiff& diff);
    void show(const PlanReviewed& review);
    void show(const ChildSessionCompleted& done);
    void show(const TodosUpdated& todos);
    void show_plan(const std::string& content);
    void show_text(std::string_view text);

    std::string name_of(const std::string& agent_id) const;
    void say(const std::string& who, std::string_view text);  // wrapped
    void line(const std::string& who, Ink ink, const char* mark, const std::string& text);
    void begin(const std::string& who);  // of what follows, after an empty line when it is new
    std::size_t room() const;
    std::string fitting(const std::string& text) const;
    std::string paint(Ink ink, std::string_view text) const;
    std::string styled(std::string_view text) const;  // `code` and **strong**

    Parts parts_;
    std::map<std::string, std::string> names_;      // of sub-agents
    std::map<std::string, ToolCallStarted> calls_;  // agent id / call id
    std::vector<TaskItem> tasks_;
    bool has_prompt_ = false;
    std::string speaker_, text_;  // text_: of the session's message so far
    Family family_;               // last: it calls us while it is made
};

// The name in "Repair src/greet.sh: …" → "greet"; else the short id.
std::string demo_name(const std::string& task, const std::string& id);

}  // namespace thole::cli
