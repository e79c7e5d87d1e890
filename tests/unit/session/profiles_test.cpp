#include "session/profiles.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/sha256.hpp"
#include "support/scratch.hpp"

using namespace thole;
using Lines = std::vector<std::string>;

namespace {

std::string error_of(const std::string& text, const std::string& name = "reviewer") {
    Result<Profile> profile = read_profile(name, text, "/u/" + name + ".md");
    if (profile) return "no error";
    CHECK(profile.error().code == Code::configuration);
    return profile.error().message;
}

std::string with_head(const std::string& head) {
    return "---\n" + head + "---\nYou review.\n";
}

Profile named(const std::string& name, const std::string& source) {
    Profile profile;
    profile.name = name;
    profile.source = source;
    profile.instruction = "from " + source;
    return profile;
}

// A workspace that brings agents, and what is trusted of them.
struct Place {
    test::Scratch scratch;
    std::string workspace = scratch / "work";
    Trust trust{scratch / "state"};

    void bring(const std::string& name, const std::string& text) const {
        scratch.write("work/.thole/agents/" + name, text);
    }
    void trust_all() { REQUIRE(trust.set(workspace, agent_files(workspace))); }
    FoundProfiles found(Profiles known = builtin_profiles()) const {
        return with_workspace_files(std::move(known), workspace, trust);
    }
};

}  // namespace

TEST_CASE("a file is a profile: its head says what it may, its body what it is to do") {
    Result<Profile> profile = read_profile("reviewer",
                                           "---\n"
                                           "name: reviewer\n"
                                           "description: >\n"
                                           "  Reviews\n"
                                           "  changes.\n"
                                           "model: demo/demo\n"
                                           "tools: [read_file, grep, mcp__github__search]\n"
                                           "read_only: true\n"
                                           "color: red\n"
                                           "---\n"
                                           "You review.\n",
                                           "/u/reviewer.md");
    REQUIRE(profile);
    CHECK((*profile == Profile{"reviewer",
                               "Reviews changes.",
                               "You review.",
                               "demo/demo",
                               {"read_file", "grep", "mcp__github__search"},
                               true,
                               "/u/reviewer.md"}));
}

TEST_CASE("a file without a head has only what it is to do") {
    Result<Profile> profile = read_profile("a-b_2", "You review.\n", "/u/a-b_2.md");
    REQUIRE(profile);
    Profile expected;
    expected.name = "a-b_2";
    expected.instruction = "You review.";
    expected.source = "/u/a-b_2.md";
    CHECK((*profile == expected));
    CHECK(read_profile("x", with_head("read_only: false\n"), "/u/x.md")->is_read_only == false);
}

TEST_CASE("tools may be a list or names with commas between them") {
    for (const char* head : {"tools: read_file, grep\n", "tools: [read_file, grep]\n",
                             "tools:\n  - read_file\n  - grep\n", "tools: 'read_file,,grep,'\n",
                             "tools: [\"read_file, grep\"]\n"}) {
        CAPTURE(head);
        Result<Profile> profile = read_profile("x", with_head(head), "/u/x.md");
        REQUIRE(profile);
        CHECK(profile->tools == Lines{"read_file", "grep"});
    }
}

TEST_CASE("a list of tools that names none is refused, as it would mean all of them") {
    for (const char* head : {"tools:\n", "tools: []\n", "tools: ''\n", "tools: ','\n"}) {
        CAPTURE(head);
        CHECK(error_of(with_head(head)) ==
              "/u/reviewer.md: tools names none; leave the key out for all of them");
    }
}

TEST_CASE("a tool that there is not is named, with those that there are") {
    std::string error = error_of(with_head("tools: [read_file, rm]\n"));
    CHECK(error.starts_with("/u/reviewer.md: there is no tool 'rm'; the tools are read_file, "));
    CHECK(error.find("write_session_plan") != std::string::npos);
    CHECK(error_of(with_head("tools: [Read]\n")).find("there is no tool 'Read'") !=
          std::string::npos);
}

TEST_CASE("what is wrong with a file is said with its name") {
    CHECK(error_of(with_head("tool: grep\n")) ==
          "/u/reviewer.md: unknown key 'tool'; known are description, model, tools, read_only");
    for (const char* value : {"yes", "True", "1", "", "[true, false]", "[]"}) {
        CHECK(error_of(with_head(std::string("read_only: ") + value + "\n")) ==
              "/u/reviewer.md: read_only must be true or false");
    }
    CHECK(error_of(with_head("name: other\n")) == "/u/reviewer.md: name must be that of the file");
    CHECK(error_of("You \xff review.\n") == "/u/reviewer.md: it is not UTF-8");
    CHECK(error_of("---\na: b\n") ==
          "/u/reviewer.md: line 1: the head has no end; close it with ---");
    CHECK(error_of(with_head("model: {a: b}\n")) ==
          "/u/reviewer.md: line 2: maps within values are unknown");
}

TEST_CASE("names of profiles are lower-case letters, digits, - and _") {
    for (const std::string& name : {std::string("Reviewer"), std::string("a.b"), std::string("a b"),
                                    std::string("ü"), std::string(65, 'a')}) {
        CAPTURE(name);
        CHECK(error_of("You review.\n", name) ==
              "/u/" + name + ".md: the name '" + name +
                  "' must be lower-case letters, digits, - and _");
    }
    CHECK(error_of("You review.\n", std::string(64, 'a')) == "no error");
    CHECK(check_profile(Profile()).error().code == Code::configuration);
}

TEST_CASE("the planner is built in") {
    const Profiles profiles = builtin_profiles();
    REQUIRE(profiles.size() == 1);
    CHECK(profiles[0].name == "planner");
    CHECK(profiles[0].source == "built in");
    CHECK(profiles[0].tools.empty());
    CHECK(profiles[0].instruction.find("exit_plan_mode") != std::string::npos);
    CHECK(check_profile(profiles[0]));
}

TEST_CASE("files of the user replace what is configured and built in, by name") {
    test::Scratch scratch;
    scratch.write("agents/planner.md", "Mine.\n");
    scratch.write("agents/b.md", "B.\n");
    scratch.write("agents/notes.txt", "no agent\n");
    scratch.write("agents/deeper/c.md", "no agent\n");
    Profiles configured = builtin_profiles();
    configured.push_back(named("b", "/config.toml"));
    configured.push_back(named("d", "/config.toml"));
    Result<Profiles> all = with_user_files(configured, scratch / "agents");
    REQUIRE(all);
    Lines told;
    for (const Profile& one : *all) told.push_back(one.name + ": " + one.instruction);
    std::sort(told.begin(), told.end());
    CHECK(told == Lines{"b: B.", "d: from /config.toml", "planner: Mine."});
    CHECK(find_profile(*all, "b")->source == scratch / "agents/b.md");
}

TEST_CASE("no folder of agents is fine, a bad file in it is an error that names it") {
    test::Scratch scratch;
    CHECK(with_user_files(builtin_profiles(), scratch / "agents").value() == builtin_profiles());
    scratch.write("agents/bad.md", "---\nfoo: x\n---\n");
    Result<Profiles> all = with_user_files({}, scratch / "agents");
    REQUIRE_FALSE(all);
    CHECK(all.error().code == Code::configuration);
    CHECK(all.error().message.starts_with(scratch / "agents/bad.md" + ": unknown key 'foo'"));
    scratch.write("agents/bad.md", std::string(300 * 1024, 'x'));
    all = with_user_files({}, scratch / "agents");
    REQUIRE_FALSE(all);
    CHECK(all.error().message.find("the limit is 262144") != std::string::npos);
    std::filesystem::remove(scratch / "agents/bad.md");
    REQUIRE(::mkfifo((scratch / "agents/bad.md").c_str(), 0600) == 0);
    CHECK_FALSE(with_user_files({}, scratch / "agents"));
}

TEST_CASE("agents of a workspace do nothing before they are trusted, and wait") {
    Place place;
    place.bring("planner.md", "Obey me.\n");
    place.bring("thief.md", "---\nfoo: nonsense\n---\n");
    FoundProfiles found = place.found();
    CHECK(found.profiles == builtin_profiles());
    CHECK(found.complaints.empty());
    CHECK(found.inert == Lines{".thole/agents/planner.md", ".thole/agents/thief.md"});
}

TEST_CASE("a trusted agent counts, and may replace the one that is built in") {
    Place place;
    place.bring("planner.md", "Plan our way.\n");
    place.bring("reviewer.md", "Review.\n");
    place.trust_all();
    FoundProfiles found = place.found();
    CHECK(found.complaints.empty());
    CHECK(found.profiles.size() == 2);
    const Profile* planner = find_profile(found.profiles, "planner");
    REQUIRE(planner);
    CHECK(planner->instruction == "Plan our way.");
    CHECK(planner->source == place.workspace + "/.thole/agents/planner.md");
    CHECK(find_profile(found.profiles, "reviewer"));
}

TEST_CASE("a workspace replaces none of the user's agents, trusted or not") {
    Place place;
    place.bring("mine.md", "Theirs.\n");
    place.bring("planner.md", "Theirs.\n");
    place.trust_all();
    const Profiles users = {named("mine", "/u/mine.md"), named("planner", "/config.toml")};
    FoundProfiles found = place.found(users);
    CHECK(found.profiles == users);
    CHECK(found.complaints.empty());
}

TEST_CASE("a change takes the trust away from the file that changed, and from no other") {
    Place place;
    place.bring("a.md", "A.\n");
    place.bring("b.md", "B.\n");
    place.trust_all();
    place.bring("a.md", "A, and more.\n");
    place.bring("c.md", "C.\n");
    FoundProfiles found = place.found({});
    CHECK(found.inert == Lines{".thole/agents/a.md", ".thole/agents/c.md"});
    REQUIRE(found.profiles.size() == 1);
    CHECK(found.profiles[0].name == "b");
    place.bring("a.md", "A.\n");
    CHECK(place.found({}).profiles.size() == 2);
}

TEST_CASE("a trusted file that is no agent is complained of and the others count") {
    Place place;
    place.bring("bad.md", "---\nfoo: x\n---\n");
    place.bring("good.md", "Good.\n");
    place.trust_all();
    FoundProfiles found = place.found({});
    REQUIRE(found.complaints.size() == 1);
    CHECK(found.complaints[0].starts_with(place.workspace + "/.thole/agents/bad.md: unknown key"));
    CHECK(found.profiles.size() == 1);
}

TEST_CASE("files that cannot be read are never trusted, and are complained of with the reason") {
    Place place;
    place.bring("big.md", std::string(300 * 1024, 'x'));
    REQUIRE(::mkfifo((place.workspace + "/.thole/agents/pipe.md").c_str(), 0600) == 0);
    place.trust_all();
    FoundProfiles found = place.found({});
    CHECK(found.profiles.empty());
    REQUIRE(found.complaints.size() == 2);
    CHECK(found.complaints[0].find("big.md: ") != std::string::npos);
    CHECK(found.complaints[0].find("the limit is 262144") != std::string::npos);
    CHECK(found.complaints[1].find("it is no regular file") != std::string::npos);
    for (const TrustedFile& file : agent_files(place.workspace)) {
        CHECK(file.fault != "");
        CHECK(file.content == "");
    }
}

TEST_CASE("files to trust are those of the folder of agents, in order, with what they hold") {
    Place place;
    CHECK(agent_files(place.workspace).empty());
    place.bring("b.md", "B");
    place.bring("a.md", "A");
    place.bring("notes.txt", "no agent");
    std::vector<TrustedFile> files = agent_files(place.workspace);
    REQUIRE(files.size() == 2);
    CHECK(files[0].path == ".thole/agents/a.md");
    CHECK(files[0].content == "A");
    CHECK(files[0].fault == "");
    CHECK(files[1].path == ".thole/agents/b.md");
}
