#include "acp/editor_files.hpp"

#include <algorithm>
#include <filesystem>

#include "async/worker.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "workspace/files.hpp"

namespace thole::acp {

namespace {

Problem problem_of(const Json& one) {
    auto number = [&](const char* key) {
        const Json& value = member(one, key);
        bool is_place = value.is_number_integer() && value >= 1 && value <= INT32_MAX;
        return is_place ? value.get<std::int64_t>() : 0;
    };
    std::string severity = text_member(one, "severity");
    bool is_known = severity == "error" || severity == "warning" || severity == "hint";
    return {text_member(one, "path"),
            number("line"),
            number("column"),
            is_known ? severity : "info",
            text_member(one, "message"),
            text_member(one, "source"),
            text_member(one, "code")};
}

}  // namespace

EditorFiles::EditorFiles(async::Loop& loop, rpc::Connection& connection, std::string session_id,
                         const std::vector<std::string>& roots, Offers offers)
    : loop_(loop),
      connection_(connection),
      session_id_(std::move(session_id)),
      offers_(offers),
      disk_(loop) {
    for (const std::string& root : roots) {
        std::error_code failed;
        std::string real = std::filesystem::weakly_canonical(root, failed).string();
        roots_.push_back(failed ? root : real);
    }
}

// Whether the editor has it.
bool EditorFiles::is_inside(const std::string& path) const {
    return offers_.files && std::any_of(roots_.begin(), roots_.end(), [&](const std::string& root) {
               return root == "/" || path.starts_with(root + "/");
           });
}

// The disk is read first: a missing file is told from an empty one (editors answer "" for both),
// and editors cannot carry binary content.
async::Task<Result<std::string>> EditorFiles::read(std::string path) {
    Result<std::string> on_disk = co_await disk_.read(path);
    if (!on_disk || !is_inside(path)) co_return on_disk;
    if (looks_binary(*on_disk) || !is_valid_utf8(*on_disk)) co_return on_disk;
    std::string params = dump_json(Json{{"sessionId", session_id_}, {"path", path}});
    Result<Json> answer =
        co_await connection_.call("fs/read_text_file", std::move(params), read_timeout);
    if (!answer) co_return on_disk;
    const Json& content = member(*answer, "content");
    if (!content.is_string()) co_return on_disk;
    co_return content.get<std::string>();
}

async::Task<Result<void>> EditorFiles::make_parent(const std::string& path) {
    std::string parent = std::filesystem::path(path).parent_path().string();
    auto work = [parent](std::stop_token) { return make_directories(parent); };
    Result<void> made = co_await async::on_worker(loop_, std::move(work));
    co_return made;
}

async::Task<Result<void>> EditorFiles::write(std::string path, std::string content) {
    if (!is_inside(path) || !is_valid_utf8(content)) {
        co_return co_await disk_.write(std::move(path), std::move(content));
    }
    Result<void> made = co_await make_parent(path);
    if (!made) co_return made;
    Json params{{"sessionId", session_id_}, {"path", path}, {"content", std::move(content)}};
    std::string text = dump_json(params);
    Result<Json> answer =
        co_await connection_.call("fs/write_text_file", std::move(text), write_timeout);
    if (!answer && answer.error().code == Code::cancelled) co_return answer.error();
    if (!answer) {
        co_return fail(Code::io,
                       "the editor could not write '" + path + "': " + answer.error().message);
    }
    // One editor reports its failures so.
    if (answer->is_string() && !answer->get_ref<const std::string&>().empty()) {
        co_return fail(Code::io, "the editor could not write '" + path +
                                     "': " + one_line(answer->get<std::string>(), 300));
    }
    co_return Result<void>();
}

async::Task<Result<std::vector<Problem>>> EditorFiles::problems(std::string path) {
    Json params{{"sessionId", session_id_}};
    if (!path.empty()) params["path"] = path;
    std::string text = dump_json(params);
    Result<Json> answer =
        co_await connection_.call("_thole/editor/diagnostics", std::move(text), problems_timeout);
    if (!answer && answer.error().code == Code::cancelled) co_return answer.error();
    if (!answer) {
        co_return fail(answer.error().code, "the editor did not say what its checkers report: " +
                                                one_line(answer.error().message, 300) +
                                                "; build or test instead");
    }
    const Json& listed = member(*answer, "diagnostics");
    if (!listed.is_array()) {
        co_return fail(Code::unavailable,
                       "the editor's answer holds no list of what its checkers report; build or "
                       "test instead");
    }
    std::vector<Problem> problems;
    for (const Json& one : listed) {
        Problem problem = problem_of(one);
        bool is_sound = problem.path.starts_with('/') && !problem.message.empty();
        if (is_sound) problems.push_back(std::move(problem));
    }
    co_return problems;
}

}  // namespace thole::acp
