// Any line of input gives at most one reply, and a reply is a message by itself.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json.hpp"
#include "base/json_text.hpp"
#include "rpc/envelope.hpp"

namespace {

void require(bool fact) {
    if (!fact) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using thole::rpc::Incoming;
    std::string_view line(reinterpret_cast<const char*>(bytes), size);
    Incoming incoming = thole::rpc::read_line(line);
    require(incoming.answer.empty() == (incoming.kind != Incoming::Kind::bad));
    if (incoming.kind == Incoming::Kind::bad) {
        require(incoming.answer.find('\n') == std::string::npos);
        require(thole::rpc::read_line(incoming.answer).kind == Incoming::Kind::response);
    }
    if (incoming.kind == Incoming::Kind::request) {
        require(incoming.params->is_object());
        thole::Result<thole::Json> id = thole::parse_json(incoming.id);
        require(id.has_value());
        std::string params = thole::dump_json(*incoming.params);
        std::string line_again = thole::rpc::notification_line(incoming.method, params);
        require(thole::rpc::read_line(line_again).kind == Incoming::Kind::notification);
    }
    std::string escaped = thole::json_string(line);
    require(thole::parse_json(escaped).has_value());
    return 0;
}
