#include "acp/plan_reviews.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;
using acp::PlanReviews;

namespace {

PlanUpdated plan(std::int64_t revision, const std::string& content, const char* by = "agent") {
    return {"/s/p.md", content, "sha" + std::to_string(revision), "thole", revision, by};
}
const PlanStatusChanged handed_in{"in_review", "", "", 0};
const BusyStateChanged begins{true, "u1", "", "", ""};
const BusyStateChanged ends{false, "u1", "end_turn", "", ""};

PlanReviewed reviewed(const char* decision, const std::string& words = "") {
    return {decision, words, "", 1, {}};
}

// Follows events as a view does, with the fold of the session beside it.
struct Following {
    PlanReviews reviews;
    State session;

    PlanReviews::Change take(Event event) {
        Envelope envelope{session.last_event_id + 1, {}, std::move(event)};
        apply(session, envelope);
        return reviews.take(envelope);
    }
    // "begun plan-review-3", "ended plan-review-3: failed", both, or ""
    std::string told(Event event) {
        PlanReviews::Change change = take(std::move(event));
        std::string text;
        if (!change.ended.is_absent()) {
            text += "ended " + text_member(*change.ended, "toolCallId") + ": " +
                    text_member(*change.ended, "status");
        }
        if (!change.begun.is_absent()) {
            text += (text.empty() ? "" : ", ") + std::string("begun ") +
                    text_member(*change.begun, "toolCallId");
            CHECK(reviews.open_call() == *change.begun);
            CHECK(text_member(*change.begun, "toolCallId") == reviews.open_id());
        }
        return text;
    }
    void through(std::vector<Event> events) {
        for (Event& event : events) take(std::move(event));
    }
};

Json text_item(const std::string& text) {
    return {{"type", "content"}, {"content", {{"type", "text"}, {"text", text}}}};
}

std::string last_words(const Json& ended) {
    return ended["content"].back()["content"]["text"].get<std::string>();
}

}  // namespace

TEST_CASE("a review is a pending call with the plan while a turn waits for it") {
    Following following;
    CHECK(following.told(begins) == "");
    CHECK(following.told(plan(1, "# Plan\n")) == "");
    CHECK_FALSE(following.reviews.open_call());
    PlanReviews::Change change = following.take(handed_in);
    CHECK(change.ended.is_absent());
    REQUIRE(!change.begun.is_absent());
    Json expected = *parse_json(R"({"toolCallId":"plan-review-3","title":"Review the plan",
        "kind":"switch_mode","status":"pending","rawInput":{"plan":"# Plan\n"},
        "content":[{"type":"content","content":{"type":"text","text":"# Plan\n"}}],
        "_meta":{"thole":{"plan":{"revision":1,"path":"/s/p.md","sha256":"sha1"}}}})");
    CHECK(*change.begun == expected);
    CHECK(following.reviews.open_call() == expected);
    CHECK(following.reviews.open_id() == "plan-review-3");
}

TEST_CASE("an approval completes the call, any other end fails it, and each says why") {
    auto ended = [](const PlanReviewed& review) {
        Following following;
        following.through({begins, plan(1, "# Plan\n"), handed_in});
        PlanReviews::Change change = following.take(review);
        CHECK(change.begun.is_absent());
        CHECK_FALSE(following.reviews.open_call());
        CHECK(following.reviews.open_id() == "");
        REQUIRE(!change.ended.is_absent());
        return *change.ended;
    };
    Json expected = *parse_json(R"({"toolCallId":"plan-review-3","title":"Review the plan",
        "kind":"switch_mode","status":"completed","rawInput":{"plan":"# Plan\n"},
        "content":[{"type":"content","content":{"type":"text","text":"# Plan\n"}},
                   {"type":"content","content":{"type":"text","text":"Approved."}}],
        "_meta":{"thole":{"plan":{"revision":1,"path":"/s/p.md","sha256":"sha1"}}}})");
    CHECK(ended(reviewed("approved")) == expected);
    expected["status"] = "failed";
    auto failed = [&](const PlanReviewed& review, const std::string& words) {
        expected["content"][1] = text_item(words);
        CHECK(ended(review) == expected);
    };
    failed(reviewed("rejected", "too much"), "Rejected; nothing of it is carried out.");
    failed(reviewed("feedback", "shorter"), "shorter");
    failed(reviewed("feedback"), "Say what should be different with your next message.");
    PlanReviewed commented = reviewed("feedback", "shorter");
    commented.comments = {{2, 2, "why?", "- [ ] a\n"}, {4, 6, "no", "…"}};
    failed(commented, "shorter\n\nLine 2: why?\n\nLine 4: no");
    commented.feedback = "";
    failed(commented, "Line 2: why?\n\nLine 4: no");
}

TEST_CASE("a revision shows what has changed since the review before") {
    Following following;
    following.through({begins, plan(1, "one\n"), handed_in, reviewed("feedback", "x")});
    following.through({plan(2, "two\n"), plan(3, "three\n")});
    PlanReviews::Change change = following.take(handed_in);
    REQUIRE(!change.begun.is_absent());
    Json call = *change.begun;
    CHECK(call["title"] == Json("Review the plan (revision 3)"));
    CHECK(call["content"] ==
          *parse_json(R"([{"type":"content","content":{"type":"text","text":"three\n"}},
            {"type":"diff","path":"/s/p.md","oldText":"one\n","newText":"three\n"}])"));
    Following same;
    same.through({begins, plan(1, "one\n"), handed_in, reviewed("feedback", "x")});
    same.through({plan(2, "one\n"), handed_in});
    CHECK((*same.reviews.open_call())["content"].size() == 1);
}

TEST_CASE("a plan that the agent writes or somebody changes in its file ends the review") {
    Following following;
    following.through({begins, plan(1, "one\n"), handed_in});
    CHECK(following.told(plan(2, "two\n", "file")) ==
          "ended plan-review-3: failed, begun plan-review-4");
    CHECK(following.told(plan(3, "three\n")) == "ended plan-review-4: failed");
    CHECK(following.told(handed_in) == "begun plan-review-6");
    PlanReviews::Change change = following.take(plan(4, "four\n", "file"));
    REQUIRE(!change.ended.is_absent());
    CHECK(last_words(*change.ended) == "Not reviewed: the plan's file was changed meanwhile.");
}

TEST_CASE("what the user writes in a review is part of it") {
    Following following;
    following.through({begins, plan(1, "one\n"), handed_in});
    CHECK(following.told(plan(2, "two\n", "user")) == "");
    CHECK((*following.reviews.open_call())["rawInput"]["plan"] == Json("two\n"));
    CHECK(following.told(reviewed("approved")) == "ended plan-review-3: completed");
}

TEST_CASE("an approved plan that was changed is reviewed again, and the call says why") {
    Following following;
    following.through({begins, plan(1, "one\n"), handed_in, reviewed("approved")});
    CHECK(following.told(plan(2, "two\n", "file")) == "begun plan-review-5");
    CHECK((*following.reviews.open_call())["_meta"]["thole"]["plan"] ==
          *parse_json(R"({"revision":2,"path":"/s/p.md","sha256":"sha2",
            "why":"the plan was changed after it had been approved"})"));
    CHECK(following.told(reviewed("approved")) == "ended plan-review-5: completed");
    CHECK(following.told(PlanStatusChanged{"in_review", "its file is gone", "", 2}) ==
          "begun plan-review-7");
    CHECK((*following.reviews.open_call())["_meta"]["thole"]["plan"]["why"] ==
          Json("its file is gone"));
}

TEST_CASE(
    "a turn that ends ends the call, and one that begins while the plan waits begins another") {
    Following following;
    following.through({begins, plan(1, "one\n"), handed_in});
    CHECK(following.told(ends) == "ended plan-review-3: failed");
    CHECK_FALSE(following.reviews.open_call());
    CHECK(following.told(begins) == "begun plan-review-5");
    CHECK(following.told(begins) == "");
    CHECK(following.told(reviewed("rejected")) == "ended plan-review-5: failed");
    CHECK(following.told(ends) == "");
    CHECK(following.told(begins) == "");
    Following died;
    died.through({begins, plan(1, "one\n"), handed_in});
    CHECK(died.told(SessionStarted{.session_id = "s", .resumed = true}) ==
          "ended plan-review-3: failed");
    CHECK(died.told(begins) == "begun plan-review-5");
    CHECK(died.told(SessionEnded{"completed"}) == "ended plan-review-5: failed");
    Following idle;
    CHECK(idle.told(plan(1, "one\n")) == "");
    CHECK(idle.told(handed_in) == "");
}

TEST_CASE("other events change nothing") {
    Following following;
    following.through({begins, plan(1, "one\n"), handed_in});
    for (const Event& event : std::vector<Event>{
             ModeChanged{"plan", "user"}, TokensStreamed{"m", "x"}, Checkpoint{1},
             MessageReceived{"user", "u2", "yes", {}, {}, {}}, PlanDrifted{"u1", {"/w/a"}, 1}}) {
        CHECK(following.told(event) == "");
    }
    CHECK(following.reviews.open_id() == "plan-review-3");
}

TEST_CASE("who comes later goes on with the same calls, from every point of a session") {
    const std::vector<Event> story = {
        begins,
        plan(1, "one\n"),
        handed_in,
        plan(2, "two\n", "user"),
        reviewed("feedback", "shorter"),
        plan(3, "three\n"),
        handed_in,
        ends,
        begins,
        SessionStarted{.session_id = "s", .resumed = true},
        begins,
        reviewed("approved"),
        plan(4, "four\n", "file"),
        plan(5, "five\n", "file"),
        reviewed("approved"),
        PlanStatusChanged{"in_review", "its file is gone", "", 5},
        reviewed("rejected"),
        ends,
    };
    for (std::size_t joins = 0; joins <= story.size(); ++joins) {
        CAPTURE(joins);
        Following first;
        first.through({story.begin(), story.begin() + static_cast<std::ptrdiff_t>(joins)});
        PlanReviews late;
        late.know(first.session);
        CHECK(late.open_id() == first.reviews.open_id());
        CHECK(late.open_call() == first.reviews.open_call());
        for (std::size_t i = joins; i < story.size(); ++i) {
            PlanReviews::Change early = first.take(story[i]);
            PlanReviews::Change seen = late.take({first.session.last_event_id, {}, story[i]});
            CHECK(seen.ended == early.ended);
            CHECK(seen.begun == early.begun);
        }
    }
}

TEST_CASE("our own clients are told the whole plan, and the optional parts when there are any") {
    State state;
    CHECK(PlanReviews::view(state) ==
          *parse_json(R"({"status":"none","revision":0,"sha256":"","path":"","content":"",
            "agent":""})"));
    state.plan = plan(2, "two\n");
    state.plan_status = "in_review";
    CHECK(PlanReviews::view(state) ==
          *parse_json(R"({"status":"in_review","revision":2,"sha256":"sha2","path":"/s/p.md",
            "content":"two\n","agent":"thole"})"));
    state.plan_before = "one\n";
    state.approved_sha256 = "sha1";
    state.plan_reason = "its file is gone";
    CHECK(PlanReviews::view(state) ==
          *parse_json(R"({"status":"in_review","revision":2,"sha256":"sha2","path":"/s/p.md",
            "content":"two\n","agent":"thole","previous":"one\n","approvedSha256":"sha1",
            "why":"its file is gone"})"));
}

TEST_CASE(
    "a huge plan does not make a huge call, which shows the beginning and where the rest is") {
    std::string content = "# Begin\n";
    while (content.size() < 1'000'000) content += "- [ ] one more step\n";
    content += "# End\n";
    Following following;
    following.through({begins, plan(1, content), handed_in});
    Json call = *following.reviews.open_call();
    CHECK(dump_json(call).size() < 400'000);
    for (const Json& shown : {call["content"][0]["content"]["text"], call["rawInput"]["plan"]}) {
        const auto text = shown.get<std::string>();
        CHECK(text.starts_with("[This is the beginning of a text of " +
                               std::to_string(content.size()) +
                               " bytes; all of it is in `/s/p.md`]\n\n# Begin\n- [ ] one"));
        CHECK(text.find("# End") == std::string::npos);
        CHECK(text.ends_with("bytes left out]; all of it is in `/s/p.md`\n"));
    }
    State state;
    state.plan = plan(1, content);
    CHECK(PlanReviews::view(state)["content"] == Json(content));
}
