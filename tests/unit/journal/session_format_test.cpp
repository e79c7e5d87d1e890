// docs/session-format.md against the code's table of events.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "journal/event_codec.hpp"
#include "journal/line.hpp"

using namespace thole;
using Lines = std::vector<std::string>;

namespace {

std::string kind_of(const std::string&) {
    return "text";
}
std::string kind_of(std::int64_t) {
    return "integer";
}
std::string kind_of(double) {
    return "number";
}
std::string kind_of(bool) {
    return "flag";
}
std::string kind_of(const JsonValue&) {
    return "JSON";
}
std::string kind_of(const Location&) {
    return "Location";
}
std::string kind_of(const FileDiff&) {
    return "FileDiff";
}
std::string kind_of(const TaskItem&) {
    return "TaskItem";
}
std::string kind_of(const PlanComment&) {
    return "PlanComment";
}
std::string kind_of(const McpServer&) {
    return "McpServer";
}
std::string kind_of(const McpPrompt&) {
    return "McpPrompt";
}
template <class E>
std::string kind_of(const std::vector<E>&) {
    return "list of " + kind_of(E());
}

template <class T>
void add_shape(Lines& lines, std::string_view name) {
    lines.push_back("### " + std::string(name));
    const T born{};
    const auto add = [&](const auto& field) {
        lines.push_back("- `" + std::string(field.name) + "` " + kind_of(born.*field.member));
    };
    std::apply([&](const auto&... fields) { (add(fields), ...); }, codec::Shape<T>::fields);
}

template <class T>
void add_event(Lines& lines) {
    if constexpr (!std::is_same_v<T, UnknownEvent>) add_shape<T>(lines, codec::Shape<T>::name);
}

template <std::size_t... I>
void add_events(Lines& lines, std::index_sequence<I...>) {
    (add_event<std::variant_alternative_t<I, Event>>(lines), ...);
}

Lines shapes_of_code() {
    Lines lines;
    add_events(lines, std::make_index_sequence<std::variant_size_v<Event>>());
    add_shape<Location>(lines, "Location");
    add_shape<FileDiff>(lines, "FileDiff");
    add_shape<TaskItem>(lines, "TaskItem");
    add_shape<PlanComment>(lines, "PlanComment");
    add_shape<McpServer>(lines, "McpServer");
    add_shape<McpPrompt>(lines, "McpPrompt");
    return lines;
}

std::ifstream document() {
    const auto root = std::filesystem::path(__FILE__).parent_path() / "../../..";
    return std::ifstream(root / "docs/session-format.md");
}

// Headings and fields, without what is said about them.
Lines shapes_of_document() {
    Lines lines;
    auto file = document();
    bool is_in_events = false;
    for (std::string line; std::getline(file, line);) {
        is_in_events = is_in_events || line == "## Events";
        if (!is_in_events) continue;
        if (line.starts_with("### ")) lines.push_back(line);
        if (line.starts_with("- `")) lines.push_back(line.substr(0, line.find(':')));
    }
    return lines;
}

}  // namespace

TEST_CASE("the document has every event with every field and its kind, and no other") {
    CHECK(shapes_of_document() == shapes_of_code());
}

TEST_CASE("the example line of the document is a right one") {
    auto file = document();
    int examples = 0;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with(codec::line_start)) continue;
        ++examples;
        bool is_checked = false;
        REQUIRE(codec::read_line(line, nullptr, &is_checked));
        CHECK(is_checked);
    }
    CHECK(examples == 1);
}
