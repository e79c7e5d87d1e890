// A plan on its way through reviews, as ACP shows it: a call of kind switch_mode for each review,
// pending while a turn waits for it; a turn that ends ends the call, and one that begins while the
// plan still waits begins another. Follows events; the same for live views and replays. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/json_fwd.hpp"
#include "journal/plan.hpp"
#include "journal/state.hpp"

namespace thole::acp {

class PlanReviews {
public:
    struct Change {
        JsonValue ended;  // fields of the call of a review that is over, with its status
        JsonValue begun;  // fields of the call of a new one, pending; absent, both: none
    };
    // Any event; those that are about neither plan nor turns change nothing.
    Change take(const Envelope& envelope);
    // Goes on from here, in a session that has begun.
    void know(const State& state);

    // Of the review that waits for an answer; nullopt: none does.
    std::optional<Json> open_call() const;
    std::string open_id() const;  // its id; "": none does

    // The plan as our own clients are told of it; without sessionId.
    static Json view(const State& state);

private:
    Json fields(const std::string& id, const std::string& status) const;

    State plan_;  // what the events about plan and turns fold to
};

}  // namespace thole::acp
