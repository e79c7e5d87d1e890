#include "async/worker.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/facts.hpp"
#include "tools/skills.hpp"
#include "tools/standard.hpp"

namespace thole {

namespace {

constexpr std::string_view properties = R"json({
  "name": {"type": "string", "description": "of the skill"},
  "file": {"type": "string", "description": "of its folder; left out: the instructions"}
})json";

struct SkillInput {
    std::string name, file;
};

Result<SkillInput> skill_input(const Json& input) {
    Fields fields(input, skill_tool_name);
    fields.only({"name", "file"});
    SkillInput wanted;
    wanted.name = fields.text("name");
    wanted.file = fields.text_or("file", "");
    if (Result<void> read = fields.finish(); !read) return read.error();
    return wanted;
}

class ReadSkill final : public Tool {
public:
    explicit ReadSkill(SkillShelf shelf) : shelf_(std::move(shelf)) {}

    const ToolFacts& facts() const override { return facts_; }
    bool is_usable(const ToolContext&) const override {
        SkillList skills = shelf_.current ? shelf_.current() : nullptr;
        return skills && !skills->empty();
    }

    async::Task<Result<Prepared>> prepare(ToolContext& context, JsonValue input) override {
        Result<SkillInput> wanted = skill_input(*input);
        if (!wanted) co_return wanted.error();
        Result<Skill> skill = find(wanted->name);
        if (!skill) co_return skill.error();
        Prepared prepared;
        std::string file = wanted->file.empty() ? skill_file : wanted->file;
        prepared.title = title_of("Read skill " + skill->name +
                                  (wanted->file.empty() ? "" : " (" + wanted->file + ")"));
        // Rules on reading hold inside the roots; the user's own folders are open to it.
        Result<std::string> path = resolve_path(skill->folder, skill->folder + "/" + file);
        if (path && context.roots.contains(*path)) prepared.paths.push_back(*path);
        if (path) prepared.locations.push_back(Location{*path, 0});
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<SkillInput> wanted = skill_input(*prepared.input);
        if (!wanted) co_return failed_outcome(wanted.error().message);
        Result<Skill> skill = find(wanted->name);
        if (!skill) co_return failed_outcome(skill.error().message);
        auto read = [shelf = shelf_, one = *skill, file = wanted->file](std::stop_token) {
            return file.empty() ? skill_instructions(shelf, one)
                                : read_skill_file(shelf, one, file);
        };
        Result<std::string> text = co_await async::on_worker(context.loop, std::move(read));
        if (!text) co_return failed_outcome(text.error().message);
        co_return long_outcome(context.host, std::move(*text), "");
    }

private:
    Result<Skill> find(const std::string& name) const {
        SkillList skills = shelf_.current ? shelf_.current() : nullptr;
        std::string names;
        for (const Skill& skill : skills ? *skills : std::vector<Skill>()) {
            if (skill.name == name) return skill;
            names += (names.empty() ? "" : ", ") + skill.name;
        }
        return fail(
            Code::not_found,
            "there is no skill '" + one_line(name, 80) + "'; " +
                (names.empty() ? "there are none" : "the skills are " + one_line(names, 2000)));
    }

    SkillShelf shelf_;
    ToolFacts facts_ = tool_facts(skill_tool_name, Effect::read, "read", properties, {"name"});
};

}  // namespace

std::unique_ptr<Tool> skill_tool(SkillShelf shelf) {
    return std::make_unique<ReadSkill>(std::move(shelf));
}

}  // namespace thole
