// Runs the hooks of one session (hook.hpp), one after another, and records what they change. Owned
// by the session; loop thread. Decides nothing: whoever asks heeds the verdict. A hook runs with
// the rights of the user, in every mode, in a process group of its own that is gone when the run is
// over; it gets no secrets by its environment.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "agent/conversation.hpp"
#include "agent/hook.hpp"
#include "async/loop.hpp"
#include "policy/decide.hpp"

namespace thole {

// What has come to pass, or is about to.
struct HookOccasion {
    HookEvent event = HookEvent::pre_tool;
    std::string call_id{}, message_id{};
    Call call{};       // of pre_tool and post_tool: what hooks match
    JsonValue more{};  // an object: goes into the hook's input as it is
};

class Hooks {
public:
    struct Parts {
        async::Loop& loop;
        Conversation& conversation;
        Roots roots;
        std::vector<std::string> environment;  // KEY=VALUE, without secrets
        std::function<HookList()> current;     // those of now; null: none
    };
    explicit Hooks(Parts parts) : parts_(std::move(parts)) {}

    // Whether a run would start anything; asked before `more` is made.
    bool has(HookEvent event) const;

    // Of all that match: the first that blocks or asks (a block wins) with its reason, and what
    // they add. A stop ends what runs; the verdict then blocks, and the reason is "cancelled".
    async::Task<HookVerdict> run(HookOccasion occasion);

private:
    HookList current() const;
    std::vector<Hook> matching(const std::vector<Hook>& hooks, const HookOccasion& occasion) const;
    std::string input_for(const HookOccasion& occasion) const;
    async::Task<Result<void>> announce(HookList hooks);
    async::Task<HookVerdict> run_one(const Hook& hook, const HookOccasion& occasion,
                                     const std::string& input);
    void record(const Hook& hook, const HookOccasion& occasion, const HookVerdict& verdict,
                std::int64_t duration_ms);
    std::string directory_of(const Hook& hook) const;
    async::Task<HookEnd> start(const Hook& hook, const std::string& input);

    Parts parts_;
    HookList announced_;
};

}  // namespace thole
