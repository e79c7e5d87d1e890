// Plans and tasks of an open session, for our own clients.
#include "acp/server_impl.hpp"
#include "base/json.hpp"
#include "session/slash.hpp"

namespace thole {

async::Task<rpc::Answer> AcpServer::Impl::plan_get(Call&, acp::SessionParams params) {
    Seat& place = seat_of(params.session_id);
    if (!place.view) co_return unknown_session(params.session_id);
    Json view = acp::PlanReviews::view(place.view->session().state());
    view["sessionId"] = params.session_id;
    co_return Answer::result(view);
}

async::Task<rpc::Answer> AcpServer::Impl::plan_review(Call&, acp::PlanReviewParams params) {
    co_return give(params.session_id, std::move(params.review));
}

async::Task<rpc::Answer> AcpServer::Impl::tasks_get(Call&, acp::TasksParams params) {
    Seat& place = seat_of(params.session_id);
    if (!place.view) co_return unknown_session(params.session_id);
    const State& state = place.view->session().state();
    Json result{{"tasks", acp::task_list(state.tasks)}};
    if (params.number > 0) {
        Result<std::string> detail =
            task_as_text(place.view->session().files(), state, std::to_string(params.number));
        if (!detail) co_return detail.error();
        result["detail"] = std::move(*detail);
    }
    co_return Answer::result(result);
}

}  // namespace thole
