#include "session/extensions.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "support/scratch.hpp"

using namespace thole;
namespace fs = std::filesystem;

namespace {

using Lines = std::vector<std::string>;

const std::string a_hook =
    "[[hooks]]\nevent = \"pre_tool\"\nmatch = \"bash\"\ncommand = \"./check\"\n";
const std::string a_skill = "---\nname: sew\ndescription: Sews sails\n---\nUse a needle.\n";

// A user and a workspace that both bring things.
struct Place {
    test::Scratch scratch;
    std::string workspace = scratch / "work";
    ExtensionPlaces places{workspace, scratch / "config", scratch / "home"};
    Trust trust{scratch / "state"};
    std::vector<Hook> configured;

    Place() { fs::create_directories(workspace); }
    void bring(const std::string& path, const std::string& text) const {
        scratch.write("work/" + path, text);
    }
    void trust_all() { REQUIRE(trust.set(workspace, files_to_trust(workspace))); }
    Extensions found() const { return find_extensions(places, trust, configured); }
    bool complains(const std::string& of) const {
        Extensions now = found();
        return std::any_of(now.complaints.begin(), now.complaints.end(),
                           [&](const auto& one) { return one.find(of) != std::string::npos; });
    }
};

void bring_everything(const Place& place) {
    place.bring(".thole/commands/row.md", "Row $ARGUMENTS.\n");
    place.bring(".thole/skills/sew/SKILL.md", a_skill);
    place.bring(".thole/skills/sew/stitches.md", "Back stitch.\n");
    place.bring(".claude/skills/knot/SKILL.md", "---\ndescription: Knots\n---\nTie.\n");
    place.bring(".thole/agents/mate.md", "Help.\n");
    place.bring(".thole/hooks/check", "#!/bin/sh\nexit 2\n");
    place.bring(".thole/config.toml", a_hook + "[permissions]\ndeny = [\"read(.env)\"]\n");
}

}  // namespace

TEST_CASE("what a workspace brings is inert, and named, until it is trusted") {
    Place place;
    bring_everything(place);
    Extensions before = place.found();
    CHECK(before.commands.empty());
    CHECK(before.skills.empty());
    CHECK(before.hooks.empty());
    CHECK(before.narrowing == Rules{});
    CHECK(before.complaints.empty());
    CHECK(before.inert == Lines{".claude/skills/knot/SKILL.md", ".thole/agents/mate.md",
                                ".thole/commands/row.md", ".thole/config.toml",
                                ".thole/hooks/check", ".thole/skills/sew/SKILL.md"});
    place.trust_all();
    Extensions after = place.found();
    CHECK(after.inert.empty());
    REQUIRE(after.commands.size() == 1);
    CHECK(after.commands[0].name == "row");
    REQUIRE(after.skills.size() == 2);
    CHECK(after.skills[0].name == "sew");
    CHECK(after.skills[0].of_workspace == ".thole/skills/sew");
    REQUIRE(after.hooks.size() == 1);
    CHECK(after.hooks[0].directory == place.workspace);
    CHECK(after.narrowing.deny.size() == 1);
}

TEST_CASE("one byte more, and a file is inert again; so are the hooks with any of their scripts") {
    Place place;
    bring_everything(place);
    place.trust_all();
    place.bring(".thole/commands/row.md", "Row $ARGUMENTS!\n");
    CHECK(place.found().inert == Lines{".thole/commands/row.md"});
    CHECK(place.found().commands.empty());
    CHECK(place.found().hooks.size() == 1);
    place.bring(".thole/hooks/check", "#!/bin/sh\nexit 0\n");
    Extensions found = place.found();
    CHECK(found.hooks.empty());
    CHECK(found.narrowing.deny.size() == 1);
    CHECK(place.complains("its hooks do not run"));
    place.trust_all();
    place.bring(".thole/hooks/other", "new\n");
    CHECK(place.found().hooks.empty());
}

TEST_CASE("a workspace cannot widen what may be done, trusted or not") {
    for (const char* line : {"allow = [\"bash\"]", "mode = \"bypass-permissions\""}) {
        Place place;
        place.bring(".thole/config.toml", std::string("[permissions]\n") + line + "\n");
        place.trust_all();
        Extensions found = place.found();
        CHECK(found.narrowing == Rules{});
        CHECK(place.complains(".thole/config.toml:2: "));
        CHECK(place.complains("a workspace can only narrow"));
    }
    Place place;
    place.bring(".thole/config.toml", "[providers.evil]\nkind = \"openai\"\n");
    place.trust_all();
    CHECK(place.complains("providers"));
}

TEST_CASE("the user's own files need no trust, and win") {
    Place place;
    place.scratch.write("config/commands/row.md", "Mine.\n");
    place.scratch.write("config/skills/sew/SKILL.md", a_skill);
    place.scratch.write("home/.claude/skills/sew/SKILL.md", a_skill);
    place.bring(".thole/commands/row.md", "Theirs.\n");
    place.trust_all();
    Extensions found = place.found();
    REQUIRE(found.commands.size() == 1);
    CHECK(found.commands[0].body == "Mine.");
    REQUIRE(found.skills.size() == 1);
    CHECK(found.skills[0].of_workspace == "");
    CHECK(place.complains("work/.thole/commands/row.md: there is a command /row already"));
    CHECK(place.complains("home/.claude/skills/sew/SKILL.md: there is a skill 'sew' already"));
}

TEST_CASE("a name of thole's own is kept, and the loser is told") {
    Place place;
    for (const char* name : {"help", "trust", "exit", "plan"}) {
        place.scratch.write(std::string("config/commands/") + name + ".md", "x\n");
    }
    place.scratch.write("config/skills/compact/SKILL.md", a_skill);
    Extensions found = place.found();
    CHECK(found.commands.empty());
    CHECK(found.complaints.size() == 5);
    CHECK(place.complains("commands/exit.md: there is a command /exit already"));
    REQUIRE(found.skills.size() == 1);
    CHECK_FALSE(found.skills[0].is_command);
    CHECK(command_names(found).empty());
}

TEST_CASE(
    "heads of skills may hold what other programs read; without a description they do not count") {
    Place place;
    place.scratch.write("config/skills/sew/SKILL.md",
                        "---\nname: sew\nlicense: MIT\nmetadata:\n  author: x\n  tags: [a, [b]]\n"
                        "list: [{a: b}, c]\ndescription: Sews\n---\nBody\n");
    place.scratch.write("config/skills/bad/SKILL.md", "Just words.\n");
    place.scratch.write("config/skills/Bad Name/SKILL.md", a_skill);
    Extensions found = place.found();
    REQUIRE(found.skills.size() == 1);
    CHECK(found.skills[0].description == "Sews");
    CHECK(place.complains("bad/SKILL.md: its head has no description"));
    CHECK(place.complains("Bad Name/SKILL.md: the name"));
}

TEST_CASE("links of a workspace that lead out of it are not followed") {
    Place place;
    place.scratch.write("outside/SKILL.md", a_skill);
    place.scratch.write("outside/row.md", "Secret.\n");
    fs::create_directories(place.workspace + "/.thole/skills/sew");
    fs::create_directories(place.workspace + "/.thole/commands");
    fs::create_symlink("/etc/passwd", place.workspace + "/.thole/skills/sew/SKILL.md");
    fs::create_symlink(place.scratch / "outside", place.workspace + "/.thole/skills/out");
    fs::create_symlink("../../../outside/row.md", place.workspace + "/.thole/commands/row.md");
    fs::create_symlink(place.scratch / "outside", place.workspace + "/.thole/hooks");
    fs::create_symlink("/etc/passwd", place.workspace + "/.thole/config.toml");
    for (const TrustedFile& file : files_to_trust(place.workspace)) {
        CHECK_MESSAGE(file.content == "", file.path);
        CHECK(file.fault.find("leads out of the workspace") != std::string::npos);
    }
    place.trust_all();
    Extensions found = place.found();
    CHECK(found.commands.empty());
    CHECK(found.skills.empty());
    CHECK(place.complains("skills/sew/SKILL.md: '"));
    CHECK(place.complains("hooks' leads out of the workspace"));
    fs::remove_all(place.workspace + "/.thole");
    fs::create_symlink(place.scratch / "outside", place.workspace + "/.thole");
    CHECK(files_to_trust(place.workspace).empty());
}

TEST_CASE("pipes, huge files, broken text and thousands of files are told and bounded") {
    Place place;
    fs::create_directories(place.workspace + "/.thole/commands");
    REQUIRE(::mkfifo((place.workspace + "/.thole/commands/pipe.md").c_str(), 0600) == 0);
    place.bring(".thole/commands/huge.md", std::string(300 * 1024, 'x'));
    place.bring(".thole/commands/latin.md", "caf\xe9\n");
    CHECK(place.complains("huge.md: "));
    CHECK(place.complains("pipe.md: "));
    CHECK(place.complains("latin.md' is not UTF-8"));
    for (int i = 0; i < 3000; ++i) {
        place.bring(".thole/commands/c" + std::to_string(i) + ".md", "Run.\n");
    }
    CHECK(place.complains("holds 3003 files; only the first 200 by name are read"));
    place.trust_all();
    CHECK(place.found().commands.size() == 200);
    CHECK(place.found().complaints.size() <= 21);
}

TEST_CASE("the notice names kinds and files, and what to do") {
    CHECK(trust_notice({}) == "");
    CHECK(trust_notice({".thole/agents/a.md", ".thole/config.toml", ".claude/skills/x/SKILL.md"}) ==
          "this workspace brings agents, configuration, skills that you have not looked at "
          "(.thole/agents/a.md, .thole/config.toml, .claude/skills/x/SKILL.md); they do nothing "
          "until you review and trust them: /trust here, or in a terminal: thole trust");
    Lines many(12, ".thole/commands/x.md");
    const std::string named = trust_notice({".thole/config.toml"}, {"a", "b"});
    CHECK(named.find("brings MCP servers, configuration that") != std::string::npos);
    CHECK(named.find("(.thole/config.toml; MCP servers: a, b); they do nothing") !=
          std::string::npos);
    CHECK(trust_notice(many).find(" and 4 more)") != std::string::npos);
}

TEST_CASE("extensions are found anew when a file has changed, and only then") {
    Place place;
    place.bring(".thole/commands/row.md", "Row.\n");
    KnownExtensions known(place.scratch / "state", place.scratch / "config", place.scratch / "home",
                          place.configured);
    CHECK(known.of(place.workspace)->commands.empty());
    place.trust_all();
    CHECK(known.of(place.workspace)->commands.size() == 1);
    place.bring(".thole/commands/bail.md", "Bail.\n");
    CHECK(known.of(place.workspace)->inert == Lines{".thole/commands/bail.md"});
    place.bring(".thole/commands/row.md", "Raw.\n");
    CHECK(known.of(place.workspace)->commands.empty());
    ExtensionsNow now = known.of(place.workspace);
    for (int i = 0; now != known.of(place.workspace) && i < 1'000'000; ++i) {
        now = known.of(place.workspace);  // until the files have been as they are for a moment
    }
    CHECK(now == known.of(place.workspace));
    fs::remove(place.workspace + "/.thole/commands/bail.md");
    CHECK(known.of(place.workspace) != now);
}

TEST_CASE(
    "the tool reads a skill's files, none outside, and none that changed since it was trusted") {
    Place place;
    bring_everything(place);
    place.trust_all();
    fs::create_symlink("/etc/passwd", place.workspace + "/.thole/skills/sew/link");
    KnownExtensions known(place.scratch / "state", place.scratch / "config", place.scratch / "home",
                          place.configured);
    SkillShelf shelf = known.shelf(place.workspace);
    SkillList skills = shelf.current();
    const Skill& sew = (*skills)[0];
    Result<std::string> all = skill_instructions(shelf, sew);
    REQUIRE(all);
    CHECK(*all == "Use a needle.\n\n[skill 'sew', folder " + sew.folder +
                      "; other files in it:]\n- stitches.md\n");
    CHECK(*read_skill_file(shelf, sew, "stitches.md") == "Back stitch.\n");
    for (const char* file : {"../knot/SKILL.md", "link", "/etc/passwd", "..", ""}) {
        Result<std::string> text = read_skill_file(shelf, sew, file);
        REQUIRE_FALSE(text);
        CHECK_MESSAGE(text.error().code == Code::invalid_argument, file);
    }
    place.bring(".thole/skills/sew/stitches.md", "Cut the sail.\n");
    CHECK(read_skill_file(shelf, sew, "stitches.md").error().code == Code::denied);
    place.bring(".thole/skills/sew/new.md", "x\n");
    CHECK(read_skill_file(shelf, sew, "new.md").error().code == Code::denied);
    CHECK(read_skill_file(shelf, sew, "nothing.md").error().code == Code::not_found);
}

TEST_CASE("the index of skills stays short") {
    std::vector<Skill> skills;
    for (int i = 0; i < 200; ++i) {
        Skill skill;
        skill.name = "s" + std::to_string(i);
        skill.description = std::string(900, 'd');
        skills.push_back(skill);
    }
    std::string index = skill_index(skills);
    CHECK(index.size() < 9 * 1024);
    CHECK(index.find("more are not listed here") != std::string::npos);
}
