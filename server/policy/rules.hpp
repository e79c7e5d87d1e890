// Permission rules: `allow`, `ask` and `deny` lists of texts such as "bash(npm test:*)",
// "edit(src/**)", "read(.env)", "mcp__github__*", "fetch_url(example.com)". Parsed once, with an
// error for what could never hold. Which rule wins is decide.hpp's part. Values; any thread.
//
//   tool                      every call of the tool; `edit` is write_file, edit_file and
//   multi_edit,
//                             `read` is read_file, list_directory, glob, grep and skill
//   bash(git status)          exactly this simple command; as deny or ask also with arguments
//   bash(npm test:*)          this and anything that follows, at a word border
//   edit(src/**)              gitignore-like path pattern, relative to the working directory
//   edit(/abs/path/**)        the same for a place outside
//   fetch_url(example.com)    the host; as deny or ask its subdomains too; *.example.com: only
//   these
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "workspace/roots.hpp"

namespace thole {

enum class RuleKind { whole_tool, command, command_prefix, path, host };

struct Rule {
    std::string text;  // as it was written
    std::string tool;  // a tool's name, "edit", "read", or a name with * for MCP tools
    RuleKind kind = RuleKind::whole_tool;
    std::vector<std::string> words;  // command, command_prefix: after quote removal
    std::string pattern;             // path, host
    bool operator==(const Rule&) const = default;
};
// Error: configuration, "rule 'bash(git push*)': …what is wrong and what to write instead".
Result<Rule> parse_rule(std::string_view text);

struct Rules {
    std::vector<Rule> allow, ask, deny;
    bool operator==(const Rules&) const = default;
};
struct RuleTexts {
    std::vector<std::string> allow, ask, deny;
};
// Error: configuration, "permissions.deny[2]: rule '…': …".
Result<Rules> parse_rules(const RuleTexts& texts);

// Whether the rule is about this tool (by name, alias or wildcard).
bool names_tool(const Rule& rule, std::string_view tool);

// Path rules: `path` is resolved. A relative pattern is tried against the working directory only,
// or, with `any_root` (deny and ask), against every root.
bool covers_path(const Rule& rule, const Roots& roots, std::string_view path, bool any_root);

// Host rules; with `subdomains` (deny and ask) "example.com" covers "www.example.com".
bool covers_host(const Rule& rule, std::string_view host, bool subdomains);

// The host of an http or https URL in lower case, without port. Error: invalid_argument for
// anything that two parsers could read differently (user info, backslashes, control characters).
Result<std::string> url_host(std::string_view url);

}  // namespace thole
