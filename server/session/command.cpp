#include "session/command.hpp"

#include "journal/plan.hpp"

namespace thole {

ReviewPlan review_in_words(std::string_view reply) {
    PlanReviewed meant = review_of(reply);
    ReviewPlan review;
    review.decision = std::move(meant.decision);
    review.feedback = std::move(meant.feedback);
    return review;
}

}  // namespace thole
