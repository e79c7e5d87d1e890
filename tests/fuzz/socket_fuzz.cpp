// Any bytes as a line at either end of a session's socket: no crash; what is understood is written
// so that it reads the same; every answer is one line of JSON.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "ipc/command_json.hpp"
#include "ipc/messages.hpp"

using namespace thole;

namespace {

void require(bool fact) {
    if (!fact) std::abort();
}

void check_answer(const std::string& line) {
    require(line.find('\n') == line.size() - 1);
    const Result<Json> json = parse_json(line);
    require(json && json->is_object());
}

void check_request(std::string_view line) {
    const ipc::Request request = ipc::read_request(line);
    check_answer(ipc::ack_line(request, "m"));
    if (!request.wish) return check_answer(ipc::nack_line(request, request.wish.error()));
    const auto* command = std::get_if<Command>(&*request.wish);
    if (!command) return;
    const ipc::Request again = ipc::read_request(ipc::command_line(*command, 7));
    require(again.request_id == "7" && again.wish && again.name == request.name);
    const Json before = ipc::command_to_json(*command);
    require(ipc::command_to_json(std::get<Command>(*again.wish)) == before);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    check_request(input);
    check_request(R"({"type":"SendMessage","content":"x","blocks":[)" + std::string(input) + "]}");
    check_request(R"({"type":"AnswerQuestion","question_id":"q","selection":)" +
                  std::string(input) + "}");
    (void)ipc::read_message(input);
    (void)ipc::read_message(R"({"type":"Delta","event":)" + std::string(input) + "}");
    return 0;
}
