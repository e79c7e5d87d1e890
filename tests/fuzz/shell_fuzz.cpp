// The shell parser and the decisions on it, with any bytes: no crash, and no allow under the one
// rule bash(echo:*) for a command in which anything but echo, or what needs no rule beside it, is
// run.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/decide.hpp"
#include "policy/shell.hpp"

using namespace thole;

namespace {

struct Situation {
    Rules configured = parse_rules({{"bash(echo:*)"}, {}, {}}).value();
    Rules granted;
    Roots roots = Roots::open({"/tmp"}).value();
};

void expect(bool holds) {
    if (!holds) std::abort();
}

bool may_run_beside_echo(const SimpleCommand& command) {
    if (command.words.empty() || command.transparent) return true;
    if (!command.words[0].exact) return false;
    for (std::string_view name : {"echo", "true", "false", ":", "exit", "return", "break",
                                  "continue", "wait", "pwd", "[", "test", "cd"}) {
        if (command.words[0].text == name) return true;
    }
    return false;
}

void check_quoting(const std::string& text) {
    if (text.find('\0') != text.npos) return;
    ParsedCommand parsed = parse_command(quote_words({"echo", text}));
    expect(parsed.provable && parsed.commands.size() == 1 && parsed.commands[0].is_exact());
    expect(parsed.commands[0].words[1].text == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Situation situation;
    std::string text(reinterpret_cast<const char*>(data), size);
    Call call{"bash", Effect::execute, text, {}, ""};
    Decision decision = decide(
        call, {Mode::default_, situation.configured, situation.granted, situation.roots, true});
    expect(!decision.why.empty());
    if (decision.verdict == Verdict::allow) {
        ParsedCommand parsed = parse_command(text);
        expect(parsed.provable);
        for (const SimpleCommand& command : parsed.commands) expect(may_run_beside_echo(command));
    }
    check_quoting(text);
    if (Result<Rule> rule = parse_rule("bash(" + text + ")")) {
        expect(rule->kind == RuleKind::whole_tool || !rule->words.empty());
    }
    return 0;
}
