#include "base/json.hpp"
#include "tools/facts.hpp"
#include "tools/file_change.hpp"
#include "tools/standard.hpp"
#include "workspace/edits.hpp"

namespace thole {

namespace {

constexpr std::string_view one_edit = R"json({
  "path": {"type": "string", "description": "absolute, or relative to the working directory"},
  "old_string": {"type": "string", "description": "exact text that occurs once in the file"},
  "new_string": {"type": "string", "description": "what replaces it"},
  "replace_all": {"type": "boolean", "description": "replace every occurrence"}
})json";

constexpr std::string_view many_edits = R"json({
  "path": {"type": "string", "description": "absolute, or relative to the working directory"},
  "edits": {"type": "array", "minItems": 1, "description": "made in order, all or none", "items": {
    "type": "object", "required": ["old_string", "new_string"], "additionalProperties": false,
    "properties": {
      "old_string": {"type": "string"},
      "new_string": {"type": "string"},
      "replace_all": {"type": "boolean"}}}}
})json";

struct EditInput {
    std::string path;
    std::vector<Edit> edits;
};
using ReadEdits = Result<EditInput> (*)(const Json&);

Edit read_edit(Fields& fields) {
    Edit edit{fields.text("old_string"), fields.text("new_string"),
              fields.flag("replace_all", false)};
    if (fields.ok() && edit.old_string == edit.new_string) {
        fields.fail_at("new_string", "is the same as old_string, nothing would change");
    }
    return edit;
}

Result<EditInput> single_input(const Json& input) {
    Fields fields(input, "edit_file");
    fields.only({"path", "old_string", "new_string", "replace_all"});
    EditInput wanted;
    wanted.path = fields.text("path");
    wanted.edits.push_back(read_edit(fields));
    if (Result<void> read = fields.finish(); !read) return read.error();
    return wanted;
}

Result<EditInput> multi_input(const Json& input) {
    Fields fields(input, "multi_edit");
    fields.only({"path", "edits"});
    EditInput wanted;
    wanted.path = fields.text("path");
    const Json& edits = fields.array("edits");
    if (fields.ok() && edits.empty()) fields.fail_at("edits", "must hold at least one edit");
    for (std::size_t i = 0; i < edits.size(); ++i) {
        Fields part(edits[i], fields.path_of("edits") + "[" + std::to_string(i) + "]");
        part.only({"old_string", "new_string", "replace_all"});
        wanted.edits.push_back(read_edit(part));
        fields.merge(part);
    }
    if (Result<void> read = fields.finish(); !read) return read.error();
    return wanted;
}

NewContent edited(std::vector<Edit> edits) {
    return [edits = std::move(edits)](const CurrentFile& file) -> Result<std::string> {
        if (!file.exists && !edits.front().old_string.empty()) {
            return fail(Code::not_found,
                        "there is no file '" + file.path +
                            "'; look for it with glob, or create it with write_file");
        }
        return apply_edits(file.content, edits);
    };
}

class EditTool final : public Tool {
public:
    EditTool(ToolFacts facts, ReadEdits read_edits)
        : facts_(std::move(facts)), read_edits_(read_edits) {}

    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext& context, JsonValue input) override {
        Result<EditInput> wanted = read_edits_(*input);
        if (!wanted) co_return wanted.error();
        NewContent content = edited(std::move(wanted->edits));
        std::string path = std::move(wanted->path);
        std::string verb = "Edit";
        Result<Prepared> prepared =
            co_await prepare_change(context, std::move(path), std::move(verb), std::move(content));
        if (prepared) prepared->input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<EditInput> wanted = read_edits_(*prepared.input);
        if (!wanted) co_return failed_outcome(wanted.error().message);
        NewContent content = edited(std::move(wanted->edits));
        ToolOutcome outcome = co_await make_change(context, prepared, std::move(content));
        co_return std::move(outcome);
    }

private:
    ToolFacts facts_;
    ReadEdits read_edits_;
};

}  // namespace

std::unique_ptr<Tool> edit_file_tool() {
    ToolFacts facts = tool_facts("edit_file", Effect::edit, "edit", one_edit,
                                 {"path", "old_string", "new_string"});
    return std::make_unique<EditTool>(std::move(facts), single_input);
}

std::unique_ptr<Tool> multi_edit_tool() {
    ToolFacts facts = tool_facts("multi_edit", Effect::edit, "edit", many_edits, {"path", "edits"});
    return std::make_unique<EditTool>(std::move(facts), multi_input);
}

}  // namespace thole
