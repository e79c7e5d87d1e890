// What a server wants to know of the user: a form of plain fields, asked as one question after
// another, so that every front end can show it. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "journal/event.hpp"

namespace thole::mcp {

struct FormField {
    enum class Kind { text, whole, number, flag, choice, choices };
    std::string name, title, description;
    Kind kind = Kind::text;
    bool is_required = false;
    std::vector<std::string> values, labels;  // of choices, as many of both
    std::string initial;                      // what the server suggests; ""
};

// Of a requestedSchema. Errors: invalid_argument (it is no form of plain fields).
Result<std::vector<FormField>> form_fields(const Json& schema);

// "MCP server 'x' asks: …"; of several fields each says which it is.
QuestionRequested question_for(const std::string& server, const std::string& message,
                               const FormField& field);

// The value that an answer means: nothing when the field is left out. Errors: invalid_argument;
// says what is wanted.
Result<std::optional<JsonValue>> field_value(const FormField& field, const std::string& answer);

}  // namespace thole::mcp
