#include "acp/options.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

namespace {

std::vector<std::string> values(const Json& list, const char* key) {
    std::vector<std::string> all;
    for (const Json& item : list) all.push_back(item[key].get<std::string>());
    return all;
}

State state_with(const std::string& model) {
    State state;
    state.mode = "default";
    state.model = model;
    return state;
}

}  // namespace

TEST_CASE("modes and the mode option describe the same modes") {
    Json options = acp::session_options(state_with("demo/demo"), {});
    std::vector<std::string> modes{"default", "accept-edits", "plan", "dont-ask",
                                   "bypass-permissions"};
    CHECK(values(options["modes"]["availableModes"], "id") == modes);
    CHECK(values(options["configOptions"][0]["options"], "value") == modes);
    CHECK(options["modes"]["currentModeId"] == Json("default"));
    CHECK(options["configOptions"][0]["currentValue"] == Json("default"));
}

TEST_CASE("the current model is always among the models to choose from") {
    Json options = acp::config_options(state_with("x/new"), {{"x/old", "Old", true}});
    CHECK(values(options, "id") == std::vector<std::string>{"mode", "model"});
    CHECK(values(options[1]["options"], "value") == std::vector<std::string>{"x/old", "x/new"});
    CHECK(options[1]["currentValue"] == Json("x/new"));
}

TEST_CASE("a thought level is offered for models that think") {
    State state = state_with("x/old");
    Json options = acp::config_options(state, {{"x/old", "Old", true}});
    CHECK(values(options, "id") == std::vector<std::string>{"mode", "model", "thought_level"});
    CHECK(options[2]["currentValue"] == Json("off"));
    state.thought_level = "high";
    CHECK(acp::config_options(state, {{"x/old", "Old", true}})[2]["currentValue"] == Json("high"));
}

TEST_CASE("a switch between asking and accepting edits is there for clients that have switches") {
    State state = state_with("");
    CHECK(values(acp::config_options(state, {}), "id") == std::vector<std::string>{"mode"});
    Json off = acp::config_options(state, {}, true)[1];
    CHECK(off["type"] == Json("boolean"));
    CHECK(off["currentValue"] == Json(false));
    CHECK(acp::mode_of_switch(state, true) == "accept-edits");
    state.mode = "accept-edits";
    CHECK(acp::config_options(state, {}, true)[1]["currentValue"] == Json(true));
    CHECK(acp::mode_of_switch(state, false) == "default");
    state.mode = "plan";
    CHECK(acp::config_options(state, {}, true).size() == 1);
    CHECK(acp::mode_of_switch(state, true) == std::nullopt);
}

TEST_CASE("without a model there is only the mode") {
    CHECK(values(acp::config_options(state_with(""), {}), "id") ==
          std::vector<std::string>{"mode"});
}
