#include "mcp/elicitation.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::mcp {
namespace {

using Kind = FormField::Kind;
using Value = std::optional<JsonValue>;

constexpr std::size_t most_fields = 20;
constexpr std::size_t most_options = 10;
constexpr const char* left_out = "(leave it out)";

void add_choice(FormField& field, const Json& value, const std::string& label) {
    if (!value.is_string()) return;
    std::string text = one_line(value.get<std::string>(), 200);
    field.values.push_back(value.get<std::string>());
    field.labels.push_back(label.empty() ? text : one_line(label, 200));
}

// enum with enumNames, or oneOf/anyOf of {const, title}.
void read_choices(FormField& field, const Json& schema) {
    const Json& values = member(schema, "enum");
    const Json& names = member(schema, "enumNames");
    for (std::size_t i = 0; values.is_array() && i < values.size(); ++i) {
        bool has_name = names.is_array() && i < names.size() && names[i].is_string();
        add_choice(field, values[i], has_name ? names[i].get<std::string>() : std::string());
    }
    for (const char* key : {"oneOf", "anyOf"}) {
        const Json& list = member(schema, key);
        if (!list.is_array()) continue;
        for (const Json& one : list)
            add_choice(field, member(one, "const"), text_member(one, "title"));
    }
}

Result<FormField> field_of(const std::string& name, const Json& schema) {
    FormField field;
    field.name = name;
    field.title = one_line(text_member(schema, "title"), 100);
    if (field.title.empty()) field.title = one_line(name, 100);
    field.description = one_line(text_member(schema, "description"), 400);
    const Json& initial = member(schema, "default");
    if (initial.is_string()) field.initial = initial.get<std::string>();
    if (initial.is_number() || initial.is_boolean()) field.initial = dump_json(initial);
    std::string type = text_member(schema, "type");
    if (type == "boolean") {
        field.kind = Kind::flag;
    } else if (type == "integer" || type == "number") {
        field.kind = type == "integer" ? Kind::whole : Kind::number;
    } else if (type == "array") {
        field.kind = Kind::choices;
        read_choices(field, member(schema, "items"));
    } else if (type == "string" || type.empty()) {
        read_choices(field, schema);
        if (!field.values.empty()) field.kind = Kind::choice;
    } else {
        return fail(Code::invalid_argument,
                    "the field '" + name + "' is of a type that no form has");
    }
    return field;
}

Error wanted(const FormField& field, const std::string& what) {
    return fail(Code::invalid_argument, "'" + field.title + "' must be " + what);
}

Result<Value> number_of(const FormField& field, const std::string& text) {
    if (field.kind == Kind::whole) {
        std::int64_t whole = 0;
        auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), whole);
        if (failed != std::errc() || end != text.data() + text.size()) {
            return wanted(field, "a whole number");
        }
        return Value(JsonValue(Json(whole)));
    }
    char* end = nullptr;
    double number = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0') return wanted(field, "a number");
    return Value(JsonValue(Json(number)));
}

Result<Value> flag_of(const FormField& field, const std::string& text) {
    std::string word = to_lower_ascii(text);
    if (word == "yes" || word == "y" || word == "true") return Value(JsonValue(Json(true)));
    if (word == "no" || word == "n" || word == "false") return Value(JsonValue(Json(false)));
    return wanted(field, "yes or no");
}

std::optional<std::string> chosen(const FormField& field, std::string_view text) {
    for (std::size_t i = 0; i < field.values.size(); ++i) {
        if (field.labels[i] == text || field.values[i] == text) return field.values[i];
    }
    return std::nullopt;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
    return list;
}

Result<Value> choices_of(const FormField& field, const std::string& text) {
    Json list = Json::array();
    for (std::size_t begin = 0; begin <= text.size();) {
        std::size_t end = std::min(text.find(',', begin), text.size());
        std::string_view word = trim(std::string_view(text).substr(begin, end - begin));
        begin = end + 1;
        if (word.empty()) continue;
        std::optional<std::string> value = chosen(field, word);
        if (!value) return wanted(field, "some of: " + joined(field.labels));
        list.push_back(*value);
    }
    return Value(JsonValue(std::move(list)));
}

}  // namespace

Result<std::vector<FormField>> form_fields(const Json& schema) {
    const Json& properties = member(schema, "properties");
    if (!properties.is_object() || properties.size() > most_fields) {
        return fail(Code::invalid_argument, "requestedSchema: expected at most 20 properties");
    }
    const Json& required = member(schema, "required");
    std::vector<FormField> fields;
    for (const auto& [name, property] : properties.items()) {
        Result<FormField> field = field_of(name, property);
        if (!field) return field.error();
        field->is_required = required.is_array() && std::find(required.begin(), required.end(),
                                                              Json(name)) != required.end();
        fields.push_back(std::move(*field));
    }
    return fields;
}

QuestionRequested question_for(const std::string& server, const std::string& message,
                               const FormField& field) {
    QuestionRequested question;
    question.question = "MCP server '" + server +
                        "' asks: " + std::string(clip_utf8(to_valid_utf8(message), 2000)) + "\n\n" +
                        field.title;
    if (!field.description.empty()) question.question += ": " + field.description;
    if (!field.initial.empty())
        question.question += " (suggested: " + one_line(field.initial, 100) + ")";
    std::vector<std::string>& options = question.options;
    bool is_list = field.kind == Kind::choice && field.labels.size() < most_options;
    if (field.kind == Kind::flag) options = {"yes", "no"};
    if (is_list) options = field.labels;
    bool shows_values = !is_list && !field.labels.empty();
    if (shows_values)
        question.question += "; one or more of: " + one_line(joined(field.labels), 1000);
    if (!field.is_required) options.push_back(left_out);
    return question;
}

Result<Value> field_value(const FormField& field, const std::string& answer) {
    std::string text(trim(answer));
    if (!field.is_required && text == left_out) return Value();
    if (field.kind == Kind::flag) return flag_of(field, text);
    if (field.kind == Kind::whole || field.kind == Kind::number) return number_of(field, text);
    if (field.kind == Kind::choices) return choices_of(field, text);
    if (field.kind == Kind::text) return Value(JsonValue(Json(answer)));
    std::optional<std::string> value = chosen(field, text);
    if (!value) return wanted(field, "one of: " + joined(field.labels));
    return Value(JsonValue(Json(*value)));
}

}  // namespace thole::mcp
