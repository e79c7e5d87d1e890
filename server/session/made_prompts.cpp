// Prompts that commands and skills of the user's and the workspace's make.
#include "async/worker.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "session/slash.hpp"

namespace thole {
namespace {

const CustomCommand* find_command(const Extensions& extensions, const std::string& name) {
    for (const CustomCommand& command : extensions.commands) {
        if (command.name == name) return &command;
    }
    return nullptr;
}

const Skill* find_skill(const Extensions& extensions, const std::string& name) {
    for (const Skill& skill : extensions.skills) {
        if (skill.name == name && skill.is_command) return &skill;
    }
    return nullptr;
}

std::string prompt_for(const Skill& skill, const std::string& instructions,
                       const std::string& arguments) {
    return "Work by the skill '" + skill.name + "':\n\n" + instructions +
           (arguments.empty() ? "" : "\nWhat is wanted:\n" + arguments);
}

// The rules of the user and the workspace, for what a prompt may show.
Rules rules_for(const Sessions& sessions, const Extensions& extensions) {
    Rules rules = sessions.config().rules;
    for (const Rule& rule : extensions.narrowing.ask) rules.ask.push_back(rule);
    for (const Rule& rule : extensions.narrowing.deny) rules.deny.push_back(rule);
    return rules;
}

Result<std::string> with_files(const std::string& prompt, const std::string& cwd,
                               const std::vector<std::string>& more, const Rules& rules) {
    std::vector<std::string> directories{cwd};
    directories.insert(directories.end(), more.begin(), more.end());
    Result<Roots> roots = Roots::open(std::move(directories));
    if (!roots) return roots.error();
    return with_named_files(prompt, *roots, rules);
}

// The text first, then what else came with it: images, links.
JsonValue blocks_with(const std::string& text, const JsonValue& others) {
    Json blocks = Json::array({Json{{"type", "text"}, {"text", text}}});
    bool is_command = true;
    if (others->is_array()) {
        for (const Json& block : *others) {
            bool is_typed = is_command && text_member(block, "type") == "text";
            if (is_typed) {
                is_command = false;
            } else {
                blocks.push_back(block);
            }
        }
    }
    return JsonValue(std::move(blocks));
}

}  // namespace

std::vector<SlashCommand> slash_commands(const Sessions& sessions, const Session& session) {
    std::vector<SlashCommand> all = slash_commands();
    ExtensionsNow added = sessions.extensions(session.state().workspace);
    for (const CustomCommand& command : added->commands) {
        all.push_back({command.name, command.description, command.hint});
    }
    for (const Skill& skill : added->skills) {
        if (skill.is_command) {
            all.push_back({skill.name, one_line(skill.description, 300), "[what is wanted]"});
        }
    }
    return all;
}

async::Task<Result<std::optional<SendMessage>>> made_prompt(Sessions& sessions, Session& session,
                                                            std::string text, JsonValue blocks) {
    if (!trim(text).starts_with('/')) co_return std::optional<SendMessage>();
    Typed typed = split_typed(trim(text).substr(1));
    const State& state = session.state();
    ExtensionsNow added = sessions.extensions(state.workspace);
    const CustomCommand* command = find_command(*added, typed.word);
    const Skill* skill = command ? nullptr : find_skill(*added, typed.word);
    if (!command && !skill) co_return std::optional<SendMessage>();
    std::string prompt;
    if (skill) {
        Result<std::string> read = skill_instructions(sessions.shelf(state.workspace), *skill);
        if (!read) co_return read.error();
        prompt = prompt_for(*skill, *read, typed.rest);
    } else {
        auto work = [filled = fill_in(command->body, typed.rest), cwd = state.cwd,
                     more = state.additional_directories, rules = rules_for(sessions, *added)](
                        std::stop_token) { return with_files(filled, cwd, more, rules); };
        Result<std::string> filled = co_await async::on_worker(sessions.loop(), std::move(work));
        if (!filled) co_return filled.error();
        prompt = std::move(*filled);
    }
    SendMessage message;
    message.content = std::string(trim(text));
    message.blocks = blocks_with(prompt, blocks);
    message.command = typed.word;
    if (command) message.model = command->model;
    if (command) message.agent = command->agent;
    if (command) message.tools = command->tools;
    co_return std::optional<SendMessage>(std::move(message));
}

}  // namespace thole
