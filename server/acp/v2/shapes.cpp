#include "acp/v2/shapes.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "workspace/diff.hpp"

namespace thole::acp::v2 {

namespace {

void rename_member(Json& object, const char* from, const char* to) {
    auto found = object.find(from);
    if (found == object.end()) return;
    Json value = std::move(*found);
    object.erase(found);
    object[to] = std::move(value);
}

// As git writes a name that has more than plain characters.
std::string quoted(const std::string& path) {
    auto is_odd = [](unsigned char c) { return c < 0x20 || c >= 0x7f || c == '"' || c == '\\'; };
    if (std::none_of(path.begin(), path.end(), is_odd)) return path;
    std::string text = "\"";
    for (unsigned char c : path) {
        if (c == '"' || c == '\\') {
            text += '\\';
            text += static_cast<char>(c);
        } else if (is_odd(c)) {
            const char octal[] = {'\\', static_cast<char>('0' + (c >> 6)),
                                  static_cast<char>('0' + ((c >> 3) & 7)),
                                  static_cast<char>('0' + (c & 7))};
            text.append(octal, sizeof octal);
        } else {
            text += static_cast<char>(c);
        }
    }
    return text + '"';
}

// Without the two lines that name the files.
std::string hunks(const FileTexts& file) {
    std::string diff = unified_diff(file.old_text, file.new_text, file.path);
    for (int line = 0; line < 2; ++line) {
        std::size_t end = diff.find('\n');
        diff.erase(0, end == std::string::npos ? diff.size() : end + 1);
    }
    return diff;
}

const char* operation_of(const FileTexts& file) {
    if (file.is_new) return "add";
    return file.is_gone ? "delete" : "modify";
}

}  // namespace

Json config_options(const Json& options) {
    Json changed = options;
    for (Json& option : changed) rename_member(option, "id", "configId");
    return changed;
}

Json commands(const Json& commands) {
    Json changed = commands;
    for (Json& command : changed) {
        command["type"] = "command";
        auto input = command.find("input");
        if (input != command.end()) (*input)["type"] = "text";
    }
    return changed;
}

Json login_methods(const Json& methods) {
    Json changed = methods;
    for (Json& method : changed) {
        rename_member(method, "id", "methodId");
        if (!method.contains("type")) method["type"] = "agent";
        Json variables = Json::array();
        for (const auto& [name, value] : member(method, "env").items()) {
            variables.push_back({{"name", name}, {"value", value}});
        }
        if (method.contains("env")) method["env"] = std::move(variables);
    }
    return changed;
}

std::string git_patch(const FileTexts& file) {
    std::string name = quoted(file.path);
    std::string patch = "diff --git " + name + " " + name + "\n";
    if (file.is_new) patch += "new file mode 100644\n";
    if (file.is_gone) patch += "deleted file mode 100644\n";
    std::string body = hunks(file);
    if (body.empty()) return file.is_new || file.is_gone ? patch : std::string();
    patch += "--- " + (file.is_new ? std::string("/dev/null") : name) + "\n";
    patch += "+++ " + (file.is_gone ? std::string("/dev/null") : name) + "\n";
    return patch + body;
}

Json content_item(const Json& item) {
    if (text_member(item, "type") != "diff") return item;
    FileTexts file{text_member(item, "path"), text_member(item, "oldText"),
                   text_member(item, "newText")};
    file.is_new = !item.contains("oldText");
    const Json& about = member(member(item, "_meta"), "thole");
    file.is_gone = about.contains("deleted");
    Json change{{"operation", operation_of(file)}, {"path", file.path}, {"fileType", "text"}};
    Json diff{{"type", "diff"}, {"changes", Json::array({std::move(change)})}};
    // Of a part of a file nobody knows the numbers of its lines.
    if (about.contains("partial")) {
        diff["_meta"] = item["_meta"];
        diff["_meta"]["thole"]["oldText"] = file.old_text;
        diff["_meta"]["thole"]["newText"] = file.new_text;
        return diff;
    }
    std::string patch = git_patch(file);
    if (!patch.empty()) diff["patch"] = {{"format", "git_patch"}, {"text", std::move(patch)}};
    return diff;
}

Json plan_entries(const Json& plan) {
    const Json& tasks = member(member(member(plan, "_meta"), "thole"), "tasks");
    if (!tasks.is_array()) return member(plan, "entries");
    Json entries = Json::array();
    for (const Json& task : tasks) {
        Json about{{"id", member(task, "id")}, {"number", member(task, "number")}};
        entries.push_back({{"content", member(task, "content")},
                           {"priority", member(task, "priority")},
                           {"status", member(task, "status")},
                           {"_meta", {{"thole", {{"task", std::move(about)}}}}}});
    }
    return entries;
}

std::string call_status(const Json& call) {
    std::string exact = text_member(member(member(call, "_meta"), "thole"), "status");
    bool was_stopped = exact == "cancelled" || exact == "interrupted";
    return was_stopped ? std::string("cancelled") : text_member(call, "status");
}

Json permission_params(const Json& params, Json tool_call) {
    std::string title = text_member(tool_call, "title");
    Json changed{{"sessionId", member(params, "sessionId")},
                 {"title", title.empty() ? std::string("Permission") : title},
                 {"options", member(params, "options")}};
    const Json& about = member(params, "_meta");
    std::string why = text_member(member(about, "thole"), "why");
    if (!why.empty()) changed["description"] = why;
    changed["subject"] = {{"type", "tool_call"}, {"toolCall", std::move(tool_call)}};
    if (about.is_object()) changed["_meta"] = about;
    return changed;
}

}  // namespace thole::acp::v2
