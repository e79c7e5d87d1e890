#include "agent/weight.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

TEST_CASE("tokens follow the last measure, whatever was guessed before") {
    Gauge gauge;
    CHECK(gauge.tokens(4000) == 1000);
    CHECK(gauge.weight(1000) == 4000);
    gauge.measure(4000, 2000);
    CHECK(gauge.is_calibrated());
    CHECK(gauge.tokens(6000) == 3000);
    CHECK(gauge.weight(3000) == 6000);
    gauge.measure(9000, 1000);
    CHECK(gauge.tokens(9000) == 1000);
}

TEST_CASE("a provider that counts nothing leaves the measure as it was") {
    Gauge gauge;
    gauge.measure(4000, 0);
    gauge.measure(0, 17);
    gauge.measure(4000, -5);
    CHECK_FALSE(gauge.is_calibrated());
    CHECK(gauge.tokens(4000) == 1000);
    CHECK(gauge.weight(-1) == 0);
}

TEST_CASE("a request weighs what the model reads, images all the same") {
    using Role = model::Message::Role;
    model::Request request;
    request.system = "1234";
    CHECK(weight_of(request) == 4);
    auto input = std::make_shared<const Json>(Json{{"a", "bcd"}});
    request.messages = {{Role::user, {model::Text{"12"}}},
                        {Role::assistant, {model::ToolCall{"id", "tool", input, {}}}},
                        {Role::user, {model::ToolResult{"id", "123456", {}, false}}}};
    CHECK(weight_of(request) == 4 + 2 + 4 + (2 + 5 + 5) + 6);
    std::size_t without = weight_of(request);
    request.messages[0].blocks.push_back(model::Image{"image/png", "x"});
    std::size_t small = weight_of(request);
    request.messages[0].blocks.back() = model::Image{"image/png", std::string(100'000, 'x')};
    CHECK(weight_of(request) == small);
    CHECK(small > without);
}

TEST_CASE("an entry weighs its text once, though a prompt repeats it in its blocks") {
    ContextItem item;
    item.text = std::string(1000, 'x');
    CHECK(weight_of(item) == 1000);
    item.blocks = JsonValue(Json::array({{{"type", "text"}, {"text", item.text}}}));
    CHECK(weight_of(item) < 1100);
}
