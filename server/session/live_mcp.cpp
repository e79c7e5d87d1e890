// What a live session does with prompts that mean something of an MCP server.
#include "base/json.hpp"
#include "session/live_session.hpp"

namespace thole {

// "/server:prompt" becomes what the server makes of it, mentions are read. False: it could not, or
// was cancelled; then the turn has ended.
async::Task<bool> LiveSession::find_meaning(MessageReceived& received) {
    if (!mcp_.means_more(received.content, received.blocks)) co_return true;
    Result<JsonValue> meaning = cancelled();
    async::Scope turn;
    turn_ = &turn;
    turn.spawn(mcp_.expand(received.content, received.blocks, meaning));
    co_await turn.join();
    turn_ = nullptr;
    limit_.clear();
    if (meaning && !turn.token().stop_requested()) {
        received.blocks = *meaning;
        co_return true;
    }
    TurnEnd end{"error", meaning ? cancelled() : meaning.error()};
    if (end.error.code == Code::cancelled) end = TurnEnd{"cancelled", {}};
    std::string id = received.message_id;
    emit(received);
    emit(BusyStateChanged{true, id, {}, {}, {}});
    end_turn(id, std::move(end));
    co_return false;
}

}  // namespace thole
