#include "acp/editor_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/json.hpp"
#include "unit/rpc/peer.hpp"

using namespace thole;
using thole::test::Peer;

namespace {

struct Rig {
    Rig() {
        char pattern[] = "/tmp/thole-editor-files-XXXXXX";
        root = std::filesystem::canonical(mkdtemp(pattern)).string();
        files.emplace(peer.loop, *peer.connection, "s1", std::vector<std::string>{root + "/in"},
                      acp::EditorFiles::Offers{});
        std::filesystem::create_directory(root + "/in");
    }
    ~Rig() { std::filesystem::remove_all(root); }
    void put(const std::string& path, const std::string& content) {
        std::ofstream(root + path, std::ios::binary) << content;
    }
    std::string content(const std::string& path) {
        std::ifstream in(root + path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }
    std::string root;
    rpc::MethodTable methods;
    Peer peer{methods};
    std::optional<acp::EditorFiles> files;
};

// What became of one call, and what the editor was asked for ("" when nothing).
struct Seen {
    std::string outcome, asked;
};

async::Task<void> keep_read(Rig& rig, std::string path, Seen& seen) {
    Result<std::string> read = co_await rig.files->read(rig.root + path);
    seen.outcome = read ? *read : "error: " + read.error().message;
    rig.peer.connection->notify("over", "{}");
}

async::Task<void> keep_write(Rig& rig, std::string path, Seen& seen) {
    Result<void> written = co_await rig.files->write(rig.root + path, "new");
    seen.outcome = written ? "written" : "error: " + written.error().message;
    rig.peer.connection->notify("over", "{}");
}

async::Task<void> answer_one(Rig& rig, async::Task<void> call, std::string answer, Seen& seen) {
    async::Scope scope;
    scope.spawn(std::move(call));
    while (true) {
        std::string line = co_await rig.peer.next();
        if (text_member(*parse_json(line), "method") == "over") break;
        seen.asked = line;
        rig.peer.send(R"({"id":1,)" + answer + "}");
    }
    co_await scope.join();
}

Seen read(Rig& rig, const std::string& path, const std::string& answer) {
    Seen seen;
    rig.peer.play(answer_one(rig, keep_read(rig, path, seen), answer, seen));
    return seen;
}

Seen write(Rig& rig, const std::string& path, const std::string& answer) {
    Seen seen;
    rig.peer.play(answer_one(rig, keep_write(rig, path, seen), answer, seen));
    return seen;
}

const std::string nothing = R"("error":{"code":-32603,"message":"broken"})";

}  // namespace

TEST_CASE("a read sees the unsaved buffer") {
    Rig rig;
    rig.put("/in/a", "saved");
    Seen seen = read(rig, "/in/a", R"("result":{"content":"unsaved"})");
    CHECK(seen.outcome == "unsaved");
    CHECK(seen.asked ==
          R"({"jsonrpc":"2.0","id":1,"method":"fs/read_text_file","params":{"path":")" + rig.root +
              R"(/in/a","sessionId":"s1"}})");
}

TEST_CASE("an editor that fails at a read leaves it to the disk") {
    Rig rig;
    rig.put("/in/a", "saved");
    CHECK(read(rig, "/in/a", nothing).outcome == "saved");
}

TEST_CASE("an answer without content leaves the read to the disk") {
    Rig rig;
    rig.put("/in/a", "saved");
    CHECK(read(rig, "/in/a", R"("result":null)").outcome == "saved");
}

TEST_CASE("a file that is not on the disk is not found, whatever the editor would say") {
    Rig rig;
    Seen seen = read(rig, "/in/a", R"("result":{"content":""})");
    CHECK(seen.outcome.starts_with("error: "));
    CHECK(seen.asked.empty());
}

TEST_CASE("binary files and files outside the roots are the disk's") {
    Rig rig;
    rig.put("/in/b", std::string("\x89PNG\0\0", 6));
    CHECK(read(rig, "/in/b", nothing).asked.empty());
    Rig other;
    other.put("/out", "outside");
    Seen seen = read(other, "/out", nothing);
    CHECK(seen.outcome == "outside");
    CHECK(seen.asked.empty());
}

TEST_CASE("a write goes through the editor, into a folder that exists") {
    Rig rig;
    Seen seen = write(rig, "/in/new/a", R"("result":{})");
    CHECK(seen.outcome == "written");
    CHECK(text_member((*parse_json(seen.asked))["params"], "content") == "new");
    CHECK(std::filesystem::is_directory(rig.root + "/in/new"));
    CHECK(!std::filesystem::exists(rig.root + "/in/new/a"));
}

TEST_CASE("a write that the editor refuses fails and leaves the disk alone") {
    Rig rig;
    rig.put("/in/a", "saved");
    std::string path = rig.root + "/in/a";
    CHECK(write(rig, "/in/a", nothing).outcome ==
          "error: the editor could not write '" + path + "': broken");
    CHECK(rig.content("/in/a") == "saved");
}

TEST_CASE("a string for a result is an editor's way to tell of a failure") {
    Rig rig;
    std::string path = rig.root + "/in/a";
    CHECK(write(rig, "/in/a", R"("result":"read-only buffer")").outcome ==
          "error: the editor could not write '" + path + "': read-only buffer");
}

TEST_CASE("a write outside the roots is the disk's") {
    Rig rig;
    CHECK(write(rig, "/out", nothing).outcome == "written");
    CHECK(rig.content("/out") == "new");
}
