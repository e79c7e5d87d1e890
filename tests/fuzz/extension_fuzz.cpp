// What a repository may bring, with any bytes: heads of commands and skills, a command's body and
// what is typed after it, the workspace's configuration, what a hook prints. No crash; nothing that
// widens; nothing unbounded.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "agent/hook.hpp"
#include "base/text.hpp"
#include "session/custom_commands.hpp"
#include "session/front_matter.hpp"
#include "session/hook_config.hpp"

using namespace thole;

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

void check_hook(const std::string& text) {
    Hook hook;
    hook.command = "check";
    hook.fails_closed = true;
    HookEnd end;
    end.out = text;
    end.err = text;
    for (int code : {0, 1, 2}) {
        end.code = code;
        HookVerdict verdict = verdict_of(hook, end);
        expect(code == 0 || verdict.blocks);
        expect(is_valid_utf8(verdict.reason) && is_valid_utf8(verdict.context));
        expect(verdict.reason.size() <= 8192 && verdict.context.size() <= 16 * 1024);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text(reinterpret_cast<const char*>(data), size);
    std::string head = "---\n" + text + "\n---\nbody";
    for (const std::string& file : {text, head}) {
        for (bool skips_more : {false, true}) (void)read_front_matter(file, skips_more);
        Result<CustomCommand> command = read_command("name", file, "/w/name.md");
        expect(!command || !command->body.empty());
    }
    std::size_t half = size / 2;
    (void)fill_in(text.substr(0, half), text.substr(half));
    expect(fill_in("a $ARGUMENTS b", text) == "a " + text + " b");
    Result<WorkspaceConfig> config = read_workspace_config(text, "/w");
    expect(!config || config->narrowing.allow.empty());
    check_hook(text);
    return 0;
}
