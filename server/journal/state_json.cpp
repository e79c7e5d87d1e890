#include "journal/state_codec.hpp"

namespace thole {

Json state_to_json(const State& state) {
    std::string text;
    codec::Writer(text).value(state);
    return parse_json(text).value_or(Json());
}

Result<State> state_from_json(const Json& json) {
    Json copy = json;
    State state;
    codec::Reader reader;
    if (!reader.value(copy, state)) return fail(Code::corrupt, "snapshot: " + reader.error());
    if (state.status == "error") state.status = "failed";
    return state;
}

}  // namespace thole
