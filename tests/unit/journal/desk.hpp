// Sessions on a disk, written line by line, and their index.
#pragma once
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "journal/index.hpp"
#include "support/scratch.hpp"
#include "unit/journal/samples.hpp"

namespace thole::test {

using Ids = std::vector<std::string>;

struct Desk {
    Scratch scratch;
    std::string directory = scratch / "sessions";
    std::string path = scratch / "state/index.db";
    std::map<std::string, std::uint64_t> last_ids;

    Desk() { std::filesystem::create_directories(directory); }

    SessionFiles files(const std::string& id) const { return {directory, id}; }

    void write(const std::string& id, const std::string& text) const {
        std::ofstream(files(id).log(), std::ios::binary | std::ios::app) << text;
    }
    void add(const std::string& id, const Event& event) {
        write(id, encode_line(envelope(++last_ids[id], event)) + "\n");
    }
    // A session with one prompt and its answer.
    void talk(const std::string& id, const std::string& prompt,
              const std::string& answer = "Yes.") {
        add(id, SessionStarted{.session_id = id, .cwd = "/boat", .model = "demo/demo"});
        add(id, MessageReceived{.role = "user", .message_id = "p", .content = prompt});
        add(id, TokensStreamed{"a", answer});
        add(id, MessageReceived{.role = "assistant", .message_id = "a", .content = answer});
        add(id, SessionEnded{"completed"});
    }

    std::vector<SessionRow> find(const std::string& search = "", std::size_t limit = 0) const {
        return found_in(path, search, limit);
    }
    std::vector<SessionRow> found_in(const std::string& index, const std::string& search,
                                     std::size_t limit = 0) const {
        return Index::open(index).find({{directory}, search, {}, limit}, {});
    }
    Ids ids(const std::string& search = "") const {
        Ids ids;
        for (const SessionRow& row : find(search)) ids.push_back(row.id);
        return ids;
    }
    std::vector<Hit> hits(const std::string& search) const {
        const auto rows = find(search);
        return rows.empty() ? std::vector<Hit>() : rows[0].hits;
    }
    // The same with an index that knows nothing yet.
    void check_anew(const std::string& search) const {
        CHECK(find(search) == found_in("", search));
    }
    void remove_index() const { std::filesystem::remove_all(scratch / "state"); }
};

}  // namespace thole::test
