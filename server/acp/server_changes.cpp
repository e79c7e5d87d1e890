// What an open session has changed in files, for clients that review it by hunks.
#include "acp/server_impl.hpp"
#include "async/worker.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "session/changed_files.hpp"

namespace thole {

namespace {

constexpr std::size_t most_bytes = 7U << 20U;  // of one answer

Json row_of(const FileToReview& found) {
    const auto& [path, baseline, latest, event_id, is_known] = found.file;
    Json row{{"path", path}, {"eventId", event_id}};
    if (baseline) row["baseline"] = to_valid_utf8(*baseline);
    if (latest) row["latest"] = to_valid_utf8(*latest);
    if (found.is_redacted) row["redacted"] = true;
    return row;
}

// What does not fit waits until some of it is reviewed.
Json rows_of(const std::vector<FileToReview>& files) {
    Json rows = Json::array();
    std::int64_t left_out = 0;
    std::size_t size = 0;
    for (const FileToReview& found : files) {
        Json row = row_of(found);
        const std::size_t bytes = dump_json(row).size();
        if (size + bytes > most_bytes) {
            ++left_out;
            continue;
        }
        size += bytes;
        rows.push_back(std::move(row));
    }
    Json result{{"files", std::move(rows)}};
    if (left_out > 0) result["leftOut"] = left_out;
    return result;
}

}  // namespace

async::Task<rpc::Answer> AcpServer::Impl::changes_list(Call&, acp::SessionParams params) {
    Seat& place = seat_of(params.session_id);
    if (!place.view) co_return unknown_session(params.session_id);
    auto look = [files = place.view->session().files(),
                 unreviewed = place.view->session().state().unreviewed,
                 &secrets = sessions.secrets()](std::stop_token) {
        return files_to_review(files, unreviewed, secrets);
    };
    Result<std::vector<FileToReview>> found = co_await async::on_worker(loop, std::move(look));
    if (!found) co_return found.error();
    Json result = rows_of(*found);
    co_return Answer::result(result);
}

async::Task<rpc::Answer> AcpServer::Impl::changes_review(Call&, acp::ReviewChangesParams params) {
    co_return give(params.session_id, std::move(params.review));
}

}  // namespace thole
