#include "mcp/catalog.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/json.hpp"
#include "base/text.hpp"
#include "mcp/schema.hpp"

namespace thole::mcp {
namespace {

constexpr std::size_t longest_description = 4096;
constexpr std::size_t longest_name = 256;
constexpr std::size_t most_arguments = 32;

bool is_true(const Json& value) {
    return value.is_boolean() && value.get<bool>();
}

std::string clipped(const Json& object, std::string_view key, std::size_t most) {
    std::string text = to_valid_utf8(text_member(object, key));
    return std::string(clip_utf8(text, most));
}

bool is_token(const std::string& text) {
    return !text.empty() && text.size() <= 100 &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 ||
                      std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
           });
}

// Only what is reached through "properties" counts.
void find_mirrored(const Json& schema, std::vector<std::string>& path,
                   std::vector<MirroredParameter>& found) {
    const Json& properties = member(schema, "properties");
    if (!properties.is_object() || path.size() > 8) return;
    for (const auto& [name, property] : properties.items()) {
        path.push_back(name);
        std::string header = text_member(property, "x-mcp-header");
        if (is_token(header)) found.push_back({header, path});
        find_mirrored(property, path, found);
        path.pop_back();
    }
}

std::string primitive_text(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.is_boolean() || value.is_number() ? dump_json(value) : std::string();
}

Tool tool_of(const Json& listed) {
    Tool tool;
    tool.name = text_member(listed, "name");
    const Json& annotations = member(listed, "annotations");
    tool.title = clipped(listed, "title", 200);
    if (tool.title.empty()) tool.title = clipped(annotations, "title", 200);
    tool.description = clipped(listed, "description", longest_description);
    tool.says_it_reads = is_true(member(annotations, "readOnlyHint"));
    std::vector<std::string> path;
    find_mirrored(member(listed, "inputSchema"), path, tool.mirrored);
    tool.schema = JsonValue(usable_schema(member(listed, "inputSchema")));
    return tool;
}

Prompt prompt_of(const Json& listed) {
    Prompt prompt;
    prompt.name = text_member(listed, "name");
    prompt.description = one_line(clipped(listed, "description", 1000), 200);
    if (prompt.description.empty())
        prompt.description = one_line(clipped(listed, "title", 400), 200);
    const Json& arguments = member(listed, "arguments");
    if (!arguments.is_array()) return prompt;
    for (const Json& one : arguments) {
        PromptArgument argument;
        argument.name = clipped(one, "name", longest_name);
        argument.description = one_line(clipped(one, "description", 400), 200);
        argument.is_required = is_true(member(one, "required"));
        if (argument.name.empty() || prompt.arguments.size() == most_arguments) continue;
        prompt.arguments.push_back(std::move(argument));
    }
    return prompt;
}

bool has_good_name(const std::string& name) {
    return !name.empty() && name.size() <= longest_name && is_valid_utf8(name);
}

// "a 'b c' \"d\"" → a, b c, d
std::vector<std::string> words_of(std::string_view typed) {
    std::vector<std::string> words;
    std::string word;
    char quote = 0;
    bool is_open = false;
    for (char c : typed) {
        bool is_space = quote == 0 && (c == ' ' || c == '\t' || c == '\n');
        if (is_space) {
            if (is_open) words.push_back(std::move(word));
            word.clear();
            is_open = false;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
            is_open = true;
        } else if (c == quote) {
            quote = 0;
        } else {
            word += c;
            is_open = true;
        }
    }
    if (is_open) words.push_back(std::move(word));
    return words;
}

}  // namespace

std::vector<Tool> tools_of(const std::vector<Json>& listed) {
    std::vector<Tool> tools;
    std::set<std::string> names;
    for (const Json& one : listed) {
        std::string name = text_member(one, "name");
        if (!has_good_name(name) || tools.size() == most_tools) continue;
        if (names.insert(name).second) tools.push_back(tool_of(one));
    }
    return tools;
}

std::vector<Prompt> prompts_of(const std::vector<Json>& listed) {
    std::vector<Prompt> prompts;
    for (const Json& one : listed) {
        std::string name = text_member(one, "name");
        bool has_space = name.find_first_of(" \t\r\n") != std::string::npos;
        if (!has_good_name(name) || has_space || prompts.size() == most_prompts) continue;
        prompts.push_back(prompt_of(one));
    }
    return prompts;
}

std::string header_value(std::string_view text) {
    bool is_plain = !text.empty() && trim(text) == text && !text.starts_with("=?base64?") &&
                    std::all_of(text.begin(), text.end(), [](unsigned char c) {
                        return c == '\t' || (c >= 0x20 && c <= 0x7e);
                    });
    return is_plain ? std::string(text) : "=?base64?" + base64_encode(text) + "?=";
}

http::Headers mirrored_headers(const Tool& tool, const Json& arguments) {
    http::Headers headers;
    for (const MirroredParameter& one : tool.mirrored) {
        const Json* value = &arguments;
        for (const std::string& key : one.path) value = &member(*value, key);
        bool is_primitive = value->is_string() || value->is_boolean() || value->is_number();
        if (!is_primitive) continue;
        headers.emplace_back("Mcp-Param-" + one.header, header_value(primitive_text(*value)));
    }
    return headers;
}

Result<Json> prompt_arguments(const Prompt& prompt, std::string_view typed) {
    std::vector<std::string> words = words_of(typed);
    std::size_t places = prompt.arguments.size();
    if (places == 0 && !words.empty()) {
        return fail(Code::invalid_argument, "the prompt '" + prompt.name + "' takes no arguments");
    }
    // The last one takes the rest.
    while (places > 0 && words.size() > places) {
        words[places - 1] += " " + words[places];
        words.erase(words.begin() + static_cast<std::ptrdiff_t>(places));
    }
    Json arguments = Json::object();
    for (std::size_t i = 0; i < places; ++i) {
        const PromptArgument& argument = prompt.arguments[i];
        if (i < words.size()) {
            arguments[argument.name] = words[i];
        } else if (argument.is_required) {
            std::string about =
                argument.description.empty() ? "" : " (" + argument.description + ")";
            return fail(Code::invalid_argument,
                        "the prompt '" + prompt.name + "' needs '" + argument.name + "'" + about);
        }
    }
    return arguments;
}

}  // namespace thole::mcp
