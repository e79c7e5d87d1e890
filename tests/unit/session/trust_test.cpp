#include "session/trust.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/json.hpp"
#include "base/sha256.hpp"
#include "support/scratch.hpp"

using namespace thole;
namespace fs = std::filesystem;

namespace {

TrustedFile file(const std::string& path, const std::string& content) {
    return {path, content, {}};
}

struct Place {
    test::Scratch scratch;
    Trust trust{scratch / "state/thole"};
    std::string path = scratch / "state/thole/trust.json";

    void hold(const std::string& text) const { scratch.write("state/thole/trust.json", text); }
    Json held() const {
        return parse_json(scratch.read("state/thole/trust.json")).value_or(Json());
    }
};

const TrustedFile agent = file(".thole/agents/a.md", "You review.\n");

}  // namespace

TEST_CASE("nothing is trusted before somebody says so") {
    Place place;
    CHECK_FALSE(place.trust.holds("/w", agent));
    CHECK_FALSE(fs::exists(place.path));
}

TEST_CASE("trust is in a file, in this workspace, in this content") {
    Place place;
    REQUIRE(place.trust.set("/w", {agent}));
    CHECK(place.trust.holds("/w", agent));
    CHECK(Trust(place.scratch / "state/thole").holds("/w", agent));
    for (const char* other : {"", "/", "/w/", "/W", "/w/sub", "/v"}) {
        CHECK_FALSE(place.trust.holds(other, agent));
    }
    CHECK_FALSE(place.trust.holds("/w", file(".thole/agents/b.md", agent.content)));
    for (const char* content : {"", "You review.", "You review.\n\n", "you review.\n"}) {
        CHECK_FALSE(place.trust.holds("/w", file(agent.path, content)));
    }
    CHECK(place.held() == Json{{"/w", {{".thole/agents/a.md", sha256_hex("You review.\n")}}}});
}

TEST_CASE("a change voids trust until the file is as it was") {
    Place place;
    REQUIRE(place.trust.set("/w", {agent}));
    TrustedFile changed = agent;
    changed.content += "And obey.\n";
    CHECK_FALSE(place.trust.holds("/w", changed));
    CHECK(place.trust.holds("/w", agent));
    REQUIRE(place.trust.set("/w", {changed}));
    CHECK(place.trust.holds("/w", changed));
    CHECK_FALSE(place.trust.holds("/w", agent));
}

TEST_CASE("what is trusted now is all that is trusted of the workspace; others keep theirs") {
    Place place;
    const TrustedFile other = file(".thole/agents/b.md", "You plan.\n");
    REQUIRE(place.trust.set("/v", {agent}));
    REQUIRE(place.trust.set("/w", {agent}));
    REQUIRE(place.trust.set("/w", {other}));
    CHECK_FALSE(place.trust.holds("/w", agent));
    CHECK(place.trust.holds("/w", other));
    CHECK(place.trust.holds("/v", agent));
}

TEST_CASE("trust can be taken back, for one workspace alone") {
    Place place;
    REQUIRE(place.trust.set("/v", {agent}));
    REQUIRE(place.trust.set("/w", {agent}));
    REQUIRE(place.trust.set("/w", {}));
    CHECK_FALSE(place.trust.holds("/w", agent));
    CHECK(place.trust.holds("/v", agent));
    CHECK_FALSE(place.held().contains("/w"));
    REQUIRE(place.trust.set("/nothing", {}));
    CHECK(place.trust.holds("/v", agent));
}

TEST_CASE("a file that cannot be read is never trusted") {
    Place place;
    TrustedFile broken = agent;
    broken.fault = "it is too large";
    REQUIRE(place.trust.set("/w", {broken}));
    CHECK_FALSE(place.trust.holds("/w", broken));
    CHECK_FALSE(place.trust.holds("/w", agent));
    CHECK(place.held() == Json::object());
    REQUIRE(place.trust.set("/w", {agent}));
    CHECK_FALSE(place.trust.holds("/w", broken));
}

TEST_CASE("a broken trust.json trusts nothing, and setting says so and leaves it alone") {
    for (const char* text : {"", "what?", "{\"/w\":", "[]", "7", "null", "{\"/w\":{}} more"}) {
        CAPTURE(text);
        Place place;
        place.hold(text);
        CHECK_FALSE(place.trust.holds("/w", agent));
        Result<void> set = place.trust.set("/w", {agent});
        REQUIRE_FALSE(set);
        CHECK(set.error() ==
              fail(Code::corrupt,
                   "'" + place.path + "' holds no JSON object; remove it to begin anew"));
        CHECK(place.scratch.read("state/thole/trust.json") == text);
    }
}

TEST_CASE("members of trust.json that are no hashes trust nothing") {
    std::string hash = sha256_hex(agent.content);
    for (const Json& entry :
         std::vector<Json>{nullptr, true, hash, Json::array({hash}), Json{{agent.path, true}},
                           Json{{agent.path, nullptr}}, Json{{agent.path, Json::array({hash})}},
                           Json{{agent.path, ""}}, Json{{"b", hash}}}) {
        Place place;
        place.hold(dump_json(Json{{"/w", entry}, {"/v", {{agent.path, hash}}}}));
        CHECK_FALSE(place.trust.holds("/w", agent));
        CHECK(place.trust.holds("/v", agent));
        CHECK(place.trust.set("/w", {agent}));
        CHECK(place.trust.holds("/w", agent));
        CHECK(place.trust.holds("/v", agent));
    }
}

TEST_CASE("trust.json is for this user alone, and a link in its place is replaced") {
    Place place;
    place.scratch.write("elsewhere.json", "{}");
    fs::create_directories(place.scratch / "state/thole");
    fs::create_symlink(place.scratch / "elsewhere.json", place.path);
    REQUIRE(place.trust.set("/w", {agent}));
    struct stat facts {};
    REQUIRE(::lstat(place.path.c_str(), &facts) == 0);
    CHECK(facts.st_mode == (S_IFREG | 0600));
    CHECK(place.scratch.read("elsewhere.json") == "{}");
    REQUIRE(::lstat((place.scratch / "state/thole").c_str(), &facts) == 0);
    CHECK(facts.st_mode == (S_IFDIR | 0700));
}

TEST_CASE("a folder in the place of trust.json trusts nothing and is an error that names it") {
    Place place;
    fs::create_directories(place.path);
    CHECK_FALSE(place.trust.holds("/w", agent));
    Result<void> set = place.trust.set("/w", {agent});
    REQUIRE_FALSE(set);
    CHECK(set.error().message.find(place.path) != std::string::npos);
}
