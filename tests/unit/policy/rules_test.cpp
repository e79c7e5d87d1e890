#include "policy/rules.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

using namespace thole;
namespace fs = std::filesystem;

namespace {

std::string error_of(std::string_view text) {
    Result<Rule> rule = parse_rule(text);
    return rule ? "" : rule.error().message;
}

bool covers(std::string_view rule, const Roots& roots, const std::string& path, bool any_root) {
    return covers_path(parse_rule(rule).value(), roots, path, any_root);
}

bool covers(std::string_view rule, std::string_view host, bool subdomains) {
    return covers_host(parse_rule(rule).value(), host, subdomains);
}

struct Folders {
    fs::path top;
    Folders() {
        char name[] = "/tmp/thole-rules-XXXXXX";
        top = mkdtemp(name);
        fs::create_directories(top / "a");
        fs::create_directories(top / "b");
    }
    ~Folders() { fs::remove_all(top); }
};

}  // namespace

TEST_CASE("rules are parsed into tool, kind and pattern") {
    CHECK(parse_rule("bash").value() == Rule{"bash", "bash", RuleKind::whole_tool, {}, ""});
    CHECK(parse_rule(" bash(*) ").value() == Rule{"bash(*)", "bash", RuleKind::whole_tool, {}, ""});
    CHECK(parse_rule("bash(git 'a b')").value() ==
          Rule{"bash(git 'a b')", "bash", RuleKind::command, {"git", "a b"}, ""});
    CHECK(parse_rule("bash(npm test:*)").value() ==
          Rule{"bash(npm test:*)", "bash", RuleKind::command_prefix, {"npm", "test"}, ""});
    CHECK(parse_rule("bash(X=1 make)").value().words == std::vector<std::string>{"X=1", "make"});
    CHECK(parse_rule("bash(echo \"(a)\")").value().words ==
          std::vector<std::string>{"echo", "(a)"});
    CHECK(parse_rule("edit(src/**)").value() ==
          Rule{"edit(src/**)", "edit", RuleKind::path, {}, "src/**"});
    CHECK(parse_rule("read").value().kind == RuleKind::whole_tool);
    CHECK(parse_rule("fetch(domain:Example.COM)").value() ==
          Rule{"fetch(domain:Example.COM)", "fetch_url", RuleKind::host, {}, "example.com"});
    CHECK(parse_rule("mcp__github__*").value() ==
          Rule{"mcp__github__*", "mcp__github__*", RuleKind::whole_tool, {}, ""});
}

TEST_CASE("a rule that could never hold is refused with its text and a way out") {
    CHECK(error_of("bash(git push*)") ==
          "rule 'bash(git push*)': 'push*' would be expanded by the shell; quote it, or end the "
          "rule with ':*' for any arguments, as in bash(git push:*)");
    CHECK(error_of("Bash(ls)") ==
          "rule 'Bash(ls)': there is no tool 'Bash'; write tool or tool(pattern) with bash, edit, "
          "read, fetch_url, a tool's name, or mcp__<server>__<tool>");
    CHECK(error_of("bash(a; b)") ==
          "rule 'bash(a; b)': a rule is about one simple command; write a rule for each");
    CHECK(error_of("bash(ls > x)") ==
          "rule 'bash(ls > x)': redirections are checked as paths; write an edit(...) rule");
    CHECK(error_of("bash(ls") == "rule 'bash(ls': the parenthesis is not closed");
    CHECK(error_of("bash()") == "rule 'bash()': nothing stands between the parentheses");
    CHECK(error_of("bash(ls 'x)") ==
          "rule 'bash(ls 'x)': the command is not understood: a single quote is not closed");
    CHECK(error_of("bash(echo $x)").find("'$x' would be expanded") != std::string::npos);
    CHECK(error_of("bash(CI=1)") == "rule 'bash(CI=1)': it names no command");
    CHECK(error_of("edit(~/x)") == "rule 'edit(~/x)': ~ is not expanded; give the whole path");
    CHECK(error_of("edit(../x)") ==
          "rule 'edit(../x)': '..' is not understood; give the whole path");
    CHECK(error_of("update_tasks(x)") ==
          "rule 'update_tasks(x)': 'update_tasks' takes no pattern; write update_tasks");
    CHECK(error_of("mcp__a__b(x)").find("takes no pattern") != std::string::npos);
    CHECK(error_of("fetch(http://x/y)") ==
          "rule 'fetch(http://x/y)': expected a host such as example.com or *.example.com");
    for (const char* bad : {"", "*", "()", "mcp__a b", "bash(ls))(", "edit(", "git status"}) {
        CAPTURE(bad);
        CHECK(error_of(bad) != "");
    }
}

TEST_CASE("an error in a list says which list and which place") {
    Result<Rules> rules = parse_rules({{"bash"}, {}, {"edit(src)", "nothing"}});
    REQUIRE_FALSE(rules.has_value());
    CHECK(rules.error().code == Code::configuration);
    CHECK(rules.error().message.starts_with("permissions.deny[1]: rule 'nothing': there is no"));
    Rules good = parse_rules({{"bash"}, {"edit"}, {"read(.env)"}}).value();
    CHECK(good.allow.size() + good.ask.size() + good.deny.size() == 3);
}

TEST_CASE("names of rules cover tools by name, group and wildcard") {
    Rule edit = parse_rule("edit").value(), read = parse_rule("read").value();
    for (const char* tool : {"write_file", "edit_file", "multi_edit", "merge_subagent"}) {
        CHECK(names_tool(edit, tool));
        CHECK_FALSE(names_tool(read, tool));
    }
    for (const char* tool : {"read_file", "list_directory", "glob", "grep"}) {
        CHECK(names_tool(read, tool));
    }
    CHECK_FALSE(names_tool(edit, "bash"));
    CHECK(names_tool(parse_rule("mcp__github__*").value(), "mcp__github__create_issue"));
    CHECK_FALSE(names_tool(parse_rule("mcp__github__*").value(), "mcp__gitlab__x"));
    CHECK_FALSE(names_tool(parse_rule("mcp__github__x").value(), "mcp__github__xy"));
}

TEST_CASE("path rules follow gitignore, from the working directory") {
    Folders folders;
    std::string a = folders.top / "a", b = folders.top / "b";
    Roots roots = Roots::open({a, b}).value();
    CHECK(covers("edit(src/**)", roots, a + "/src/x/y.c", false));
    CHECK_FALSE(covers("edit(src/**)", roots, a + "/srcx/y.c", false));
    CHECK_FALSE(covers("edit(src/**)", roots, a + "/lib/src/y.c", false));
    CHECK(covers("edit(src)", roots, a + "/src/x", false));
    CHECK(covers("edit(*.md)", roots, a + "/docs/x.md", false));
    CHECK_FALSE(covers("edit(./*.md)", roots, a + "/docs/x.md", false));
    CHECK(covers("edit(./x.md)", roots, a + "/x.md", false));
    CHECK(covers("edit(*.{c,h})", roots, a + "/x.h", false));
    CHECK_FALSE(covers("edit(src/**)", roots, b + "/src/x", false));
    CHECK(covers("edit(src/**)", roots, b + "/src/x", true));
    CHECK(covers("edit(" + b + "/**)", roots, b + "/x", false));
    CHECK(covers("edit(/etc/**)", roots, "/etc/passwd", false));
    CHECK_FALSE(covers("edit(/src/**)", roots, a + "/src/x", false));
    CHECK(covers("edit(/src/**)", roots, a + "/src/x", true));
    CHECK(covers("read(.env)", roots, a + "/deep/.env", true));
    CHECK_FALSE(covers("read(.env)", roots, a + "/.env.example", true));
    CHECK_FALSE(covers("edit(**/x)", roots, "/etc/x", true));
}

TEST_CASE("host rules cover a host, and subdomains only where it is safe") {
    CHECK(covers("fetch_url(example.com)", "example.com", false));
    CHECK_FALSE(covers("fetch_url(example.com)", "www.example.com", false));
    CHECK(covers("fetch_url(example.com)", "www.example.com", true));
    CHECK_FALSE(covers("fetch_url(example.com)", "badexample.com", true));
    CHECK_FALSE(covers("fetch_url(example.com)", "example.com.evil.org", true));
    CHECK(covers("fetch_url(*.example.com)", "a.b.example.com", false));
    CHECK_FALSE(covers("fetch_url(*.example.com)", "example.com", false));
    CHECK(covers("fetch_url", "anything", false));
}

TEST_CASE("the host of a URL is found, or the URL is refused") {
    CHECK(url_host("https://Example.COM/x?y#z").value() == "example.com");
    CHECK(url_host("HTTP://example.com:8080").value() == "example.com");
    CHECK(url_host("http://example.com./").value() == "example.com");
    CHECK(url_host("http://[::1]:80/").value() == "[::1]");
    CHECK(url_host("http://127.0.0.1?x").value() == "127.0.0.1");
    for (const char* bad :
         {"", "example.com", "ftp://x/", "file:///etc/passwd", "http://", "http:///x",
          "http://good.com@evil.com/", "http://good.com\\@evil.com", "http://good.com\\.evil.com",
          "http://ex ample.com", "http://a\nb", "http://a%2eb/", "http://\xc3\xa9.com/"}) {
        CAPTURE(bad);
        CHECK_FALSE(url_host(bad).has_value());
    }
}
