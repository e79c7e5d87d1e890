#include "session/sessions.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "async/one_shot.hpp"
#include "base/json.hpp"
#include "http/http.hpp"
#include "support/scratch.hpp"

using namespace thole;

namespace {

class NoHttp final : public http::Http {
public:
    async::Task<Result<http::Response>> send(http::Request, http::BodySink) override {
        co_return fail(Code::unavailable, "there is no network in this test");
    }
};

// Watches a session, answers its approvals, and lets a test wait for the end of a prompt.
class Watcher final : public Subscriber {
public:
    Watcher(async::Loop& loop, Session& session) : loop_(loop), session_(session), ended_(loop) {
        session_.subscribe(*this);
    }
    ~Watcher() { session_.unsubscribe(*this); }

    void on_event(const Envelope& envelope) override {
        ids.push_back(envelope.id);
        types.push_back(std::string(event_type(envelope.event)));
        if (const auto* request = std::get_if<ApprovalRequested>(&envelope.event)) asked(*request);
        const auto* busy = std::get_if<BusyStateChanged>(&envelope.event);
        if (busy && !busy->busy) ends.push_back(*busy);
        if (busy && !busy->busy && ends.size() == awaited) ended_.set(true);
    }
    void on_delta(const Event& piece) override {
        if (const auto* tokens = std::get_if<TokensStreamed>(&piece)) text += tokens->text;
    }
    async::Task<void> wait() {
        Result<bool> ended = co_await ended_.wait();
        CHECK(ended);
    }

    std::string answer_with;  // allow, always, deny, cancel; "" = do not answer
    std::size_t awaited = 1;
    std::vector<std::uint64_t> ids;
    std::vector<std::string> types;
    std::vector<ApprovalRequested> requests;
    std::vector<BusyStateChanged> ends;
    std::string text;

private:
    void asked(const ApprovalRequested& request) {
        requests.push_back(request);
        std::string id = request.call_id;
        // Not from inside the event: a front end answers later, too.
        loop_.post([this, id] { answer(id); });
    }
    void answer(const std::string& id) {
        if (answer_with == "allow") CHECK(session_.submit(Approve{id, false}));
        if (answer_with == "always") CHECK(session_.submit(Approve{id, true}));
        if (answer_with == "deny") CHECK(session_.submit(Deny{id, "not today"}));
        if (answer_with == "cancel") CHECK(session_.submit(Cancel{}));
    }

    async::Loop& loop_;
    Session& session_;
    async::OneShot<bool> ended_;
};

// A process with the demo model, in a scratch workspace.
struct Bench {
    Bench() {
        config.models.providers = model::builtin_providers([](const char*) { return ""; });
        config.models.default_model = "demo/demo";
        config.models.demo_pause = std::chrono::milliseconds(0);
        models = std::make_unique<model::Models>(loop, http, config.models);
        sessions = std::make_unique<Sessions>(Sessions::Parts{loop,
                                                              clock,
                                                              http,
                                                              *models,
                                                              config,
                                                              secrets,
                                                              scratch / "state",
                                                              {"PATH=/usr/bin:/bin"}});
        work = scratch / "work";
        scratch.write("work/a.txt", "alpha\n");
    }
    void run(async::Task<void> task) { loop.run(whole(std::move(task))); }
    async::Task<void> whole(async::Task<void> task) {
        co_await task;
        co_await sessions->close_all();
    }

    test::Scratch scratch;
    std::string work;
    async::Loop loop;
    SystemClock clock;
    NoHttp http;
    Config config;
    Secrets secrets;
    std::unique_ptr<model::Models> models;
    std::unique_ptr<Sessions> sessions;
};

async::Task<Session*> new_session(Bench& bench) {
    NewSession options;
    options.cwd = bench.work;
    options.limits = bench.config.limits;
    Result<Session*> session = co_await bench.sessions->create(options);
    REQUIRE(session);
    co_return *session;
}

async::Task<void> ask_once(Bench& bench, std::string& answer, std::string& id) {
    Session* session = co_await new_session(bench);
    Watcher watcher(bench.loop, *session);
    CHECK(session->submit(SendMessage{"What is here?", {}, "u1"}));
    co_await watcher.wait();
    answer = watcher.text;
    id = session->state().id;
    CHECK(watcher.ends[0].stop_reason == "end_turn");
    CHECK(watcher.ends[0].message_id == "u1");
    CHECK(session->is_idle());
    CHECK(session->state().title == "What is here?");
}

async::Task<void> reopen(Bench& bench, std::string id) {
    OpenSession options;
    options.id = id;
    options.cwd = bench.work;
    Result<Session*> session = co_await bench.sessions->open(options);
    REQUIRE(session);
    CHECK((*session)->damage().is_whole());
    CHECK((*session)->state().prompts == 1);
    CHECK((*session)->state().status == "running");
    Result<Session*> again = co_await bench.sessions->open(options);
    REQUIRE(again);
    CHECK(*again == *session);
}

}  // namespace

TEST_CASE("a prompt is answered, and the session can be opened again with all that was said") {
    Bench bench;
    std::string answer, id;
    bench.run(ask_once(bench, answer, id));
    CHECK(answer.find("a.txt") != std::string::npos);
    bench.run(reopen(bench, id));
}

namespace {

async::Task<void> say_hello(Bench& bench, Session& session) {
    Watcher watcher(bench.loop, session);
    CHECK(session.submit(SendMessage{"hello", {}, {}}));
    co_await watcher.wait();
}

async::Task<void> list_both(Bench& bench, std::vector<SessionRow>& rows) {
    Session* used = co_await new_session(bench);
    Session* unused = co_await new_session(bench);
    CHECK(used != unused);
    co_await say_hello(bench, *used);
    co_await bench.sessions->close_all();
    ListQuery query;
    rows = co_await bench.sessions->list(query);
}

}  // namespace

namespace {

async::Task<void> open_into(Bench& bench, std::string id, Result<Session*>& into) {
    OpenSession options;
    options.id = std::move(id);
    options.cwd = bench.work;
    into = co_await bench.sessions->open(std::move(options));
}

async::Task<void> open_twice(Bench& bench, std::string id) {
    Result<Session*> first = fail(Code::internal, "not opened"), second = first;
    async::Scope scope;
    scope.spawn(open_into(bench, id, first));
    scope.spawn(open_into(bench, id, second));
    co_await scope.join();
    REQUIRE_MESSAGE(first, first.error().message);
    REQUIRE_MESSAGE(second, second.error().message);
    CHECK(*first == *second);
}

}  // namespace

TEST_CASE("who opens a session while another opens it gets the same one") {
    Bench bench;
    std::string answer, id;
    bench.run(ask_once(bench, answer, id));
    bench.run(open_twice(bench, id));
}

TEST_CASE("the list shows sessions that were used, and how they ended") {
    Bench bench;
    std::vector<SessionRow> rows;
    bench.run(list_both(bench, rows));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].title == "hello");
    CHECK(rows[0].status == "completed");
    CHECK(rows[0].workspace == bench.work);
    CHECK(rows[0].model == "demo/demo");
}

namespace {

async::Task<void> cancel_queue(Bench& bench, std::vector<BusyStateChanged>& ends) {
    Session* session = co_await new_session(bench);
    Watcher watcher(bench.loop, *session);
    watcher.awaited = 4;
    CHECK(session->submit(SendMessage{"first", {}, "a"}));
    CHECK(session->submit(SendMessage{"second", {}, "b"}));
    CHECK(session->submit(SendMessage{"third", {}, "c"}));
    CHECK(session->submit(Cancel{}));
    CHECK(session->submit(SendMessage{"fourth", {}, "d"}));
    co_await watcher.wait();
    ends = watcher.ends;
}

}  // namespace

TEST_CASE("cancel ends every prompt received before it and none received after") {
    Bench bench;
    std::vector<BusyStateChanged> ends;
    bench.run(cancel_queue(bench, ends));
    std::map<std::string, std::string> reasons;
    for (const BusyStateChanged& end : ends) reasons[end.message_id] = end.stop_reason;
    CHECK(reasons ==
          std::map<std::string, std::string>{
              {"a", "cancelled"}, {"b", "cancelled"}, {"c", "cancelled"}, {"d", "end_turn"}});
}

namespace {

async::Task<void> refuse_commands(Bench& bench) {
    Session* session = co_await new_session(bench);
    std::uint64_t before = session->state().last_event_id;
    CHECK(session->submit(SetMode{"yolo"}).error().code == Code::invalid_argument);
    CHECK(session->submit(SetOption{"model", "nonsense"}).error().code == Code::not_found);
    CHECK(session->submit(SetOption{"colour", "red"}).error().code == Code::invalid_argument);
    CHECK(session->submit(SetOption{"thought_level", "huge"}).error().code ==
          Code::invalid_argument);
    CHECK(session->submit(Approve{"c9", false}).error().code == Code::not_found);
    CHECK(session->submit(Deny{"c9", ""}).error().code == Code::not_found);
    CHECK(session->submit(AnswerQuestion{"q9", {}}).error().code == Code::not_found);
    CHECK(session->submit(Cancel{}));
    CHECK(session->state().last_event_id == before);
    CHECK(session->submit(SetMode{"accept-edits"}));
    CHECK(session->submit(SetOption{"thought_level", "high"}));
    CHECK(session->state().mode == "accept-edits");
    CHECK(session->state().thought_level == "high");
}

async::Task<void> bad_openings(Bench& bench) {
    NewSession options;
    options.cwd = bench.work;
    options.model = "no-such-model";
    Result<Session*> session = co_await bench.sessions->create(options);
    CHECK(session.error().code == Code::not_found);
    options.model = "";
    options.mode = "yolo";
    session = co_await bench.sessions->create(options);
    CHECK(session.error().code == Code::invalid_argument);
    options.mode = "";
    options.cwd = bench.scratch / "nowhere";
    session = co_await bench.sessions->create(options);
    CHECK(!session);
    OpenSession open;
    open.cwd = bench.work;
    open.id = "20260101-0000-aaaa";
    session = co_await bench.sessions->open(open);
    CHECK(session.error().code == Code::not_found);
    open.id = "../../etc/passwd";
    session = co_await bench.sessions->open(open);
    CHECK(session.error().code == Code::invalid_argument);
    Result<void> removed = co_await bench.sessions->remove("20260101-0000-aaaa", bench.work);
    CHECK(removed);
    removed = co_await bench.sessions->remove("../x", bench.work);
    CHECK(removed.error().code == Code::invalid_argument);
}

}  // namespace

TEST_CASE("a command that cannot be carried out changes nothing and says why") {
    Bench bench;
    bench.run(refuse_commands(bench));
}

TEST_CASE("sessions that cannot be opened are clear errors") {
    Bench bench;
    bench.run(bad_openings(bench));
}

namespace {

// Files of this process may grow no further than `bytes`, as if the disk were full.
class FullDisk {
public:
    explicit FullDisk(std::uintmax_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        rlimit tight = before_;
        tight.rlim_cur = bytes;
        setrlimit(RLIMIT_FSIZE, &tight);
    }
    ~FullDisk() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

private:
    rlimit before_{};
    void (*handler_)(int);
};

async::Task<void> prompt_on_full_disk(Bench& bench, std::string& id) {
    Session* session = co_await new_session(bench);
    id = session->state().id;
    Watcher watcher(bench.loop, *session);
    FullDisk full(std::filesystem::file_size(session->files().log()) + 10);
    CHECK(session->submit(SendMessage{"What is here?", {}, "u1"}));
    co_await watcher.wait();
    REQUIRE(watcher.ends.size() == 1);
    CHECK(watcher.ends[0].message_id == "u1");
    CHECK(watcher.ends[0].stop_reason == "error");
    CHECK(watcher.ends[0].error_code == "io");
    CHECK(watcher.ends[0].error.find(session->files().log()) != std::string::npos);
    CHECK(watcher.types == std::vector<std::string>{"BusyStateChanged"});
    CHECK(session->submit(SendMessage{"And now?", {}, {}}).error().code == Code::io);
}

async::Task<void> go_on_after_full_disk(Bench& bench, std::string id) {
    OpenSession options;
    options.id = id;
    options.cwd = bench.work;
    Result<Session*> session = co_await bench.sessions->open(options);
    REQUIRE(session);
    CHECK((*session)->damage().is_whole());
    co_await say_hello(bench, **session);
    CHECK((*session)->state().prompts == 1);
}

}  // namespace

TEST_CASE("a full disk ends the turn with an error, takes no more, and loses nothing written") {
    Bench bench;
    std::string id;
    bench.run(prompt_on_full_disk(bench, id));
    bench.run(go_on_after_full_disk(bench, id));
}

TEST_CASE("the workspace of a folder is the nearest one with .git or sessions") {
    test::Scratch scratch;
    scratch.write("repo/.git/HEAD", "ref: refs/heads/main\n");
    scratch.write("repo/src/deep/x", "");
    scratch.write("plain/x", "");
    CHECK(workspace_of(scratch / "repo/src/deep") == scratch / "repo");
    CHECK(workspace_of(scratch / "repo") == scratch / "repo");
    CHECK(workspace_of(scratch / "plain") == scratch / "plain");
}
