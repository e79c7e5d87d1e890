// Keeps the conversation within the model's context: has the model summarise it and leaves its end
// as it is. At the threshold before a request, after one that did not fit, or when asked to. Two
// attempts that make no room are the last. Owned by Agent; loop thread.
#pragma once
#include <cstdint>
#include <string>

#include "agent/hooks.hpp"
#include "agent/limits.hpp"
#include "agent/requests.hpp"

namespace thole {

class Compaction {
public:
    // hooks: null: none.
    Compaction(Requests& requests, ContextPolicy policy, Hooks* hooks = nullptr)
        : requests_(requests), policy_(policy), hooks_(hooks) {}

    // A turn begins: what could not be summarised in the last one may be tried again.
    void begin_turn() { failure_.clear(); }

    bool is_automatic() const { return policy_.enable_auto_summarize; }

    // Makes room when a request of `weight` would reach the threshold; true when the conversation
    // is another one now. A summary that cannot be had is no error: the request may fit all the
    // same. Errors: cancelled; limit, once two attempts have not made enough room (LimitReached
    // "context" is recorded).
    async::Task<Result<bool>> before_request(std::size_t weight);

    // Makes room after a request that failed as `overflow`, or says why there is none.
    async::Task<Result<void>> after_overflow(Error overflow);

    // What the provider has counted of the last request.
    void measured(std::int64_t tokens);

    // Errors as Agent::compact.
    async::Task<Result<void>> by_hand();

private:
    struct Aim {
        std::size_t most_kept = 0;  // bytes
        bool is_strong = false;     // the second attempt: as little as can be
        bool is_by_hand = false;
    };

    async::Task<Result<void>> attempt();
    async::Task<void> tell_hooks(bool is_by_hand);
    async::Task<Result<void>> compact(Aim aim);
    async::Task<Result<model::Reply>> ask_for_summary(std::size_t summarised, bool is_strong);
    std::int64_t kept_messages(const Aim& aim) const;
    bool has_more_than_summary(std::size_t border) const;
    std::size_t most_kept_under_threshold();
    std::int64_t threshold() const;
    std::int64_t tokens_after(const ContextCompaction& completed, const model::Reply& reply);
    Error exhausted();

    Requests& requests_;
    ContextPolicy policy_;
    Hooks* hooks_;
    int attempts_ = 0;     // since a request was well under the threshold
    std::string failure_;  // why the last attempt of this turn came to nothing
};

}  // namespace thole
