#include "journal/changes.hpp"

#include <doctest/doctest.h>

#include <random>

#include "base/json.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;

namespace {

using Text = std::optional<std::string>;

// A session's log so far: what it folds to, and what there is to review.
struct Log {
    State state;
    Changes changes;

    std::uint64_t add(const Event& event) {
        const Envelope envelope = test::envelope(state.last_event_id + 1, event);
        apply(state, envelope);
        changes.take(envelope);
        return envelope.id;
    }
    // A call that turns `before` into `after`; gives the id of its end.
    std::uint64_t write(const Text& before, const Text& after,
                        const std::string& tool = "edit_file",
                        const std::string& status = "completed") {
        FileDiff diff{"/w/a.c", !before, !after, before.value_or(""), after.value_or(""), false};
        ToolCallStarted started;
        started.call_id = "c" + std::to_string(state.last_event_id);
        started.tool = tool;
        started.diffs = {diff};
        add(started);
        return add(ToolCallCompleted{.call_id = started.call_id, .status = status});
    }
    std::uint64_t review(const Text& baseline, const Text& latest) {
        ChangesReviewed reviewed{"/w/a.c",
                                 baseline.value_or(""),
                                 latest.value_or(""),
                                 !baseline,
                                 !latest,
                                 baseline == latest,
                                 0};
        if (!state.unreviewed.empty()) {
            reviewed.event_id = static_cast<std::int64_t>(state.unreviewed[0].event_id);
        }
        return add(reviewed);
    }
};

ChangedFile file(const Text& baseline, const Text& latest, std::uint64_t event_id) {
    return {"/w/a.c", baseline, latest, event_id, true};
}
using Files = std::vector<ChangedFile>;

}  // namespace

TEST_CASE("two changes of a file are one from the text before the first") {
    Log log;
    log.write("a\nb\n", "A\nb\n");
    const auto last = log.write("A\nb\n", "A\nB\n");
    CHECK(log.changes.files() == Files{file("a\nb\n", "A\nB\n", last)});
    CHECK(log.state.unreviewed == std::vector<UnreviewedFile>{{"/w/a.c", 1, last}});
}

TEST_CASE("a new file has no baseline, a deleted one no latest text") {
    Log log;
    const auto made = log.write({}, "new\n");
    CHECK(log.changes.files() == Files{file({}, "new\n", made)});
    Log other;
    const auto gone = other.write("old\n", {});
    CHECK(other.changes.files() == Files{file("old\n", {}, gone)});
}

TEST_CASE("what failed, was denied or was only shown changes nothing") {
    Log log;
    for (const char* status : {"failed", "denied", "cancelled", "interrupted"}) {
        log.write("a\n", "b\n", "edit_file", status);
    }
    CHECK(log.changes.files().empty());
    CHECK(log.state.unreviewed.empty());
}

TEST_CASE("a merge counts once, by its own event, whoever wanted it") {
    const FileDiff diff{"/w/a.c", false, false, "a\n", "b\n", false};
    Log log;
    ToolCallStarted started{.call_id = "c1", .tool = "merge_subagent", .diffs = {diff}};
    log.add(started);
    WorktreeMerged merged{"child", "b", "changes", {"a.c"}, {}, {}, {diff}};
    const auto id = log.add(merged);
    log.add(ToolCallCompleted{.call_id = "c1", .status = "completed"});
    CHECK(log.changes.files() == Files{file("a\n", "b\n", id)});
    merged.result = "branch";
    Log other;
    other.add(merged);
    CHECK(other.changes.files().empty());
}

TEST_CASE("the user's edits between two changes are the baseline's") {
    Log log;
    log.write("1\n2\n3\n4\n5\n", "1\nTWO\n3\n4\n5\n");
    const auto last =
        log.write("1\nTWO\n3\n4\nfive, says the user\n", "ONE\nTWO\n3\n4\nfive, says the user\n");
    CHECK(log.changes.files() == Files{file("1\n2\n3\n4\nfive, says the user\n",
                                            "ONE\nTWO\n3\n4\nfive, says the user\n", last)});
}

TEST_CASE("lines of the session that the user has edited are the user's") {
    Log log;
    log.write("1\n2\n3\n", "1\nTWO\n3\n");
    const auto last = log.write("1\nzwei\n3\n", "1\nzwei\nTHREE\n");
    CHECK(log.changes.files() == Files{file("1\nzwei\n3\n", "1\nzwei\nTHREE\n", last)});
}

TEST_CASE("files that the user made, deleted or edited anew in between") {
    Log made_again;
    made_again.write("old\n", {});
    auto last = made_again.write("mine\n", "mine\nand more\n");
    CHECK(made_again.changes.files() == Files{file("mine\n", "mine\nand more\n", last)});
    Log deleted;
    deleted.write("old\n", "new\n");
    last = deleted.write({}, "again\n");
    CHECK(deleted.changes.files() == Files{file({}, "again\n", last)});
    Log still_new;
    still_new.write({}, "one\n");
    last = still_new.write("one\nmine\n", "ONE\nmine\n");
    CHECK(still_new.changes.files() == Files{file({}, "ONE\nmine\n", last)});
}

TEST_CASE("a change that is undone leaves nothing to review") {
    Log log;
    log.write("a\n", "b\n");
    log.write("b\n", "a\n");
    CHECK(log.changes.files().empty());
}

TEST_CASE("a review stands until the session changes the file again") {
    Log log;
    const auto first = log.write("1\n2\n3\n", "ONE\n2\nTHREE\n");
    const auto reviewed = log.review("ONE\n2\n3\n", "ONE\n2\nTHREE\n");
    CHECK(log.changes.files() == Files{file("ONE\n2\n3\n", "ONE\n2\nTHREE\n", first)});
    CHECK(log.state.unreviewed == std::vector<UnreviewedFile>{{"/w/a.c", reviewed, first}});
    const auto second = log.write("ONE\n2\nTHREE\n", "ONE\nTWO\nTHREE\n");
    CHECK(log.changes.files() == Files{file("ONE\n2\n3\n", "ONE\nTWO\nTHREE\n", second)});
    log.review("x\n", "x\n");
    CHECK(log.changes.files().empty());
    CHECK(log.state.unreviewed.empty());
    const auto third = log.write("x\n", "y\n");
    CHECK(log.changes.files() == Files{file("x\n", "y\n", third)});
}

TEST_CASE("a stale review, and one of nothing, are refused") {
    Log log;
    const auto first = static_cast<std::int64_t>(log.write("a\n", "b\n"));
    CHECK(check_review(log.state, "/w/a.c", first));
    const auto second = static_cast<std::int64_t>(log.write("b\n", "c\n"));
    CHECK(check_review(log.state, "/w/a.c", second));
    CHECK(check_review(log.state, "/w/a.c", first).error().message ==
          "the change 2 of '/w/a.c' was reviewed, but the session has changed it again (change 4); "
          "list the changes and review again");
    CHECK(check_review(log.state, "/w/b.c", second).error().code == Code::not_found);
}

TEST_CASE("texts that the log does not hold are not known") {
    Log log;
    FileDiff diff{"/w/a.c", false, false, "part", "other part", true};
    WorktreeMerged merged{"child", "b", "changes", {"a.c"}, {}, {}, {diff}};
    log.add(merged);
    REQUIRE(log.changes.files().size() == 1);
    CHECK(!log.changes.files()[0].is_known);
}

TEST_CASE("reading from where the state says gives what reading all gives") {
    std::mt19937 random(7);
    const auto pick = [&](int count) {
        return std::uniform_int_distribution<>(0, count - 1)(random);
    };
    for (int round = 0; round < 200; ++round) {
        Log log;
        std::vector<Envelope> all;
        std::map<std::string, std::string> disk{{"/w/a", "1\n2\n3\n4\n"}, {"/w/b", "5\n6\n7\n"}};
        const auto add = [&](const Event& event) {
            log.add(event);
            all.push_back(test::envelope(log.state.last_event_id, event));
        };
        for (int step = 0; step < 12; ++step) {
            auto& [path, text] = *std::next(disk.begin(), pick(2));
            const std::string before = text;
            text += std::to_string(pick(1000)) + "\n";
            if (pick(3) == 0) continue;  // the user
            if (pick(3) > 0) {
                ToolCallStarted started{.call_id = std::to_string(step), .tool = "edit_file"};
                started.diffs = {FileDiff{path, false, false, before, text, false}};
                add(started);
                add(ToolCallCompleted{.call_id = started.call_id, .status = "completed"});
            } else {
                text = before;
                ChangesReviewed reviewed{path, before, before, false, false, true, 1};
                if (pick(2) == 0) reviewed.settled = false, reviewed.baseline = "5\n";
                if (check_review(log.state, path, 0).error().code != Code::not_found) add(reviewed);
            }
        }
        std::uint64_t from = log.state.last_event_id;
        for (const UnreviewedFile& one : log.state.unreviewed) from = std::min(from, one.from_id);
        Changes tail;
        for (const Envelope& envelope : all) {
            if (envelope.id >= from) tail.take(envelope);
        }
        if (!log.state.unreviewed.empty()) CHECK(tail.files() == log.changes.files());
    }
}

TEST_CASE("both sides' changes come together, the other's where they meet") {
    CHECK(with_both("", "", "") == "");
    CHECK(with_both("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n") == "A\nb\nC\n");
    CHECK(with_both("a\nb\nc\n", "a\nB\nc\n", "a\nb!\nc\n") == "a\nb!\nc\n");
    CHECK(with_both("a\nb\n", "A\nb\n", "a\nB\n") == "A\nB\n");
    CHECK(with_both("a\nb\n", "0\na\nb\n", "a\nb\n1\n") == "0\na\nb\n1\n");
    CHECK(with_both("a\n", "0\na\n", "1\na\n") == "1\na\n");
    CHECK(with_both("a\nb\nc", "a\nc", "a\nb\nc\nd") == "a\nc\nd");
    CHECK(with_both("a\r\nb\r\n", "A\r\nb\r\n", "a\r\nB\r\n") == "A\r\nB\r\n");
}

TEST_CASE("with one side as it was, the other comes out, of 500 random texts") {
    std::mt19937 random(11);
    const auto text = [&] {
        std::string lines;
        for (int i = std::uniform_int_distribution<>(0, 8)(random); i > 0; --i) {
            lines += "abc"[std::uniform_int_distribution<>(0, 2)(random)];
            lines += i > 1 || random() % 2 ? "\n" : "";
        }
        return lines;
    };
    for (int round = 0; round < 500; ++round) {
        const std::string base = text(), other = text();
        CHECK(with_both(base, other, base) == other);
        CHECK(with_both(base, base, other) == other);
        CHECK(with_both(base, other, other) == other);
    }
}
