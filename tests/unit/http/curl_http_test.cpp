#include "http/curl_http.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "async/signal.hpp"
#include "async/sleep.hpp"
#include "http/curl_library.hpp"
#include "support/http_server.hpp"

using namespace thole::http;
using std::chrono::milliseconds;
using thole::Code;
using thole::Result;
using thole::async::Loop;
using thole::async::Scope;
using thole::async::Signal;
using thole::async::Task;
using thole::test::HttpPeer;
using thole::test::HttpRequest;
using thole::test::HttpServer;

namespace {

struct Outcome {
    Result<Response> answer = thole::fail(Code::internal, "never answered");
    std::vector<std::string> chunks;

    std::string streamed() const {
        std::string all;
        for (const auto& chunk : chunks) all += chunk;
        return all;
    }
};

Task<void> send(CurlHttp& http, Request request, BodySink sink, Outcome& outcome) {
    outcome.answer = co_await http.send(std::move(request), std::move(sink));
}

Task<void> send_alone(Loop& loop, Request request, bool streams, Outcome& outcome) {
    CurlHttp http(loop);
    BodySink sink;
    if (streams) {
        sink = [&outcome](int, std::string_view chunk) { outcome.chunks.emplace_back(chunk); };
    }
    co_await send(http, std::move(request), std::move(sink), outcome);
}

Outcome ask(Request request, bool streams = false) {
    ::setenv("no_proxy", "127.0.0.1,localhost", 1);
    Outcome outcome;
    Loop loop;
    loop.run(send_alone(loop, std::move(request), streams, outcome));
    return outcome;
}

Request get(std::string url) {
    Request request;
    request.method = "GET";
    request.url = std::move(url);
    return request;
}

std::string host_of(const HttpServer& server) {
    return server.url("");
}

// A port where nobody listens.
int closed_port() {
    HttpServer server([](const HttpRequest&, HttpPeer&) {});
    return server.port();
}

Task<void> stop_after_first_byte(Loop& loop, std::string url, Outcome& outcome) {
    CurlHttp http(loop);
    Signal began(loop);
    Scope scope;
    BodySink sink = [&](int, std::string_view chunk) {
        outcome.chunks.emplace_back(chunk);
        began.notify();
    };
    Request request = get(std::move(url));
    scope.spawn(send(http, std::move(request), std::move(sink), outcome));
    co_await began.wait();
    scope.request_stop();
    co_await scope.join();
}

Task<void> stop_before_start(Loop& loop, std::string url, Outcome& outcome) {
    CurlHttp http(loop);
    Scope scope;
    Request request = get(std::move(url));
    scope.spawn(send(http, std::move(request), BodySink(), outcome));
    scope.request_stop();
    co_await scope.join();
}

Task<void> ask_in_turn(Loop& loop, std::string url, std::vector<std::string>& bodies) {
    CurlHttp http(loop);
    http.warm_up();
    http.warm_up();
    for (int i = 0; i < 3; ++i) {
        Outcome outcome;
        Request request = get(url);
        BodySink none;
        co_await send(http, std::move(request), std::move(none), outcome);
        bodies.push_back(outcome.answer ? outcome.answer->body : outcome.answer.error().message);
    }
}

Task<void> ask_together(Loop& loop, std::string url, std::vector<Outcome>& outcomes) {
    CurlHttp http(loop);
    Scope scope;
    for (auto& outcome : outcomes) {
        Request request = get(url);
        scope.spawn(send(http, std::move(request), BodySink(), outcome));
    }
    co_await scope.join();
}

Task<void> only_warm_up(Loop& loop) {
    CurlHttp http(loop);
    http.warm_up();
    co_return;
}

Task<void> load_missing(Loop& loop, std::vector<thole::Error>& errors) {
    CurlLibrary library(loop, "libno-such-curl.so.4");
    for (int i = 0; i < 2; ++i) {
        Result<const CurlApi*> api = co_await library.api();
        if (!api) errors.push_back(api.error());
    }
}

}  // namespace

TEST_CASE("a request arrives as it was given, and its answer comes back") {
    HttpServer server([](const HttpRequest&, HttpPeer& peer) {
        peer.answer(200, "hello", "X-Answer:  yes \r\nX-Answer: no\r\n");
    });
    Request request;
    request.url = server.url("/path?query=1");
    request.headers = {{"X-Key", "abc"}, {"X-Empty", ""}, {"Content-Type", "application/json"}};
    request.body = std::string("{\"zero\":\"\0\"}", 12);
    Outcome outcome = ask(request);
    REQUIRE(outcome.answer);
    CHECK(outcome.answer->status == 200);
    CHECK(outcome.answer->body == "hello");
    CHECK(outcome.answer->url == request.url);
    CHECK(outcome.answer->header("X-ANSWER") == "yes");
    CHECK(outcome.answer->header("missing").empty());
    CHECK(outcome.answer->headers ==
          Headers{{"x-answer", "yes"}, {"x-answer", "no"}, {"content-length", "5"}});
    HttpRequest seen = server.requests().at(0);
    CHECK(seen.method == "POST");
    CHECK(seen.target == "/path?query=1");
    CHECK(seen.body == request.body);
    CHECK(seen.header("X-Key") == "abc");
    CHECK(seen.headers.find("\r\nX-Empty:") != std::string::npos);
    CHECK(seen.header("Content-Type") == "application/json");
    CHECK(seen.header("User-Agent") == "thole/" THOLE_VERSION);
    CHECK(seen.header("Expect").empty());
}

TEST_CASE("other methods keep their name and body") {
    HttpServer server([](const HttpRequest&, HttpPeer& peer) { peer.answer(204, ""); });
    for (std::string method : {"GET", "PUT", "DELETE", "PATCH"}) {
        Request request = get(server.url());
        request.method = method;
        if (method != "GET") request.body = "body of " + method;
        CHECK(ask(request).answer->status == 204);
        CHECK(server.requests().back().method == method);
        CHECK(server.requests().back().body == request.body);
        CHECK(server.requests().back().header("Content-Type").empty());
    }
}

TEST_CASE("a body of 3 MB is sent whole, without waiting to be asked for it") {
    HttpServer server([](const HttpRequest&, HttpPeer& peer) { peer.answer(200, "ok"); });
    Request request;
    request.url = server.url();
    request.body = std::string(3'000'000, 'b');
    CHECK(ask(request).answer->body == "ok");
    CHECK(server.requests().at(0).body == request.body);
}

TEST_CASE("a streamed body comes piece by piece, and is not collected") {
    std::atomic<int> seen = 0;
    HttpServer server([&seen](const HttpRequest&, HttpPeer& peer) {
        peer.begin_chunks();
        for (int i = 0; i < 5; ++i) {
            peer.chunk("piece " + std::to_string(i) + ";");
            while (seen <= i) std::this_thread::yield();
        }
        peer.end_chunks();
    });
    ::setenv("no_proxy", "127.0.0.1", 1);
    Outcome outcome;
    Loop loop;
    CurlHttp http(loop);
    BodySink sink = [&](int status, std::string_view chunk) {
        CHECK(status == 200);
        outcome.chunks.emplace_back(chunk);
        ++seen;
    };
    loop.run(send(http, get(server.url()), sink, outcome));
    REQUIRE(outcome.answer);
    CHECK(outcome.answer->body.empty());
    CHECK(outcome.chunks.size() == 5);
    CHECK(outcome.streamed() == "piece 0;piece 1;piece 2;piece 3;piece 4;");
}

TEST_CASE("an error's body is collected even when the caller wants a stream") {
    HttpServer server([](const HttpRequest&, HttpPeer& peer) {
        peer.answer(500, "{\"error\":\"overloaded\"}", "Retry-After: 3\r\n");
    });
    Outcome outcome = ask(get(server.url()), true);
    REQUIRE(outcome.answer);
    CHECK(outcome.answer->status == 500);
    CHECK(outcome.answer->body == "{\"error\":\"overloaded\"}");
    CHECK(outcome.answer->header("retry-after") == "3");
    CHECK(outcome.chunks.empty());
}

TEST_CASE("an error's body is cut at 1 MiB, another's over the limit is an error") {
    HttpServer server([](const HttpRequest& request, HttpPeer& peer) {
        peer.answer(request.target == "/bad" ? 400 : 200, std::string(3U << 20U, 'x'));
    });
    Outcome bad = ask(get(server.url("/bad")));
    REQUIRE(bad.answer);
    CHECK(bad.answer->status == 400);
    CHECK(bad.answer->body.size() == 1U << 20U);
    Request request = get(server.url("/good"));
    request.max_body = 2U << 20U;
    CHECK(ask(request).answer.error() ==
          thole::fail(Code::too_large,
                      "the answer of " + host_of(server) + " has more than 2097152 bytes"));
    request.max_body = 3U << 20U;
    CHECK(ask(request).answer->body.size() == 3U << 20U);
}

TEST_CASE("a body that is cut off says after how many bytes") {
    HttpServer server([](const HttpRequest& request, HttpPeer& peer) {
        if (request.target == "/chunks") {
            peer.begin_chunks();
            peer.chunk("12345");
        } else {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
        }
        peer.close();
    });
    for (std::string target : {"/chunks", "/length"}) {
        Outcome outcome = ask(get(server.url(target)), true);
        REQUIRE_FALSE(outcome.answer);
        CHECK(outcome.streamed() == "12345");
        CHECK(outcome.answer.error().code == Code::unavailable);
        CHECK(outcome.answer.error().message.starts_with("connection to " + host_of(server) +
                                                         " closed after 5 bytes: "));
    }
}

TEST_CASE("a server that hangs up, is not there, or does not speak HTTP is unavailable") {
    HttpServer silent([](const HttpRequest&, HttpPeer& peer) { peer.close(); });
    Outcome outcome = ask(get(silent.url("/?key=secret")));
    CHECK(outcome.answer.error() ==
          thole::fail(Code::unavailable,
                      "cannot reach " + host_of(silent) + ": Empty reply from server"));
    std::string nobody = "http://127.0.0.1:" + std::to_string(closed_port());
    outcome = ask(get(nobody + "/?key=secret"));
    CHECK(outcome.answer.error().code == Code::unavailable);
    CHECK(outcome.answer.error().message.starts_with("cannot reach " + nobody + ": Failed to"));
    HttpServer babble([](const HttpRequest&, HttpPeer& peer) {
        peer.send("good morning\r\n\r\n");
        peer.close();
    });
    CHECK(ask(get(babble.url())).answer.error().code == Code::unavailable);
    outcome = ask(get("https://user:word@127.0.0.1:" + std::to_string(closed_port()) + "/"));
    CHECK(outcome.answer.error().code == Code::unavailable);
    CHECK(outcome.answer.error().message.find("word") == std::string::npos);
}

TEST_CASE("a host without an address is unavailable and named") {
    ::setenv("no_proxy", "*", 1);
    Outcome outcome;
    Loop loop;
    loop.run(send_alone(loop, get("http://no-such-host.invalid/"), false, outcome));
    CHECK(outcome.answer.error() == thole::fail(Code::unavailable,
                                                "cannot reach http://no-such-host.invalid: "
                                                "Could not resolve host: no-such-host.invalid"));
}

TEST_CASE("silence is timed out, before the answer and in the middle of it") {
    HttpServer server([](const HttpRequest& request, HttpPeer& peer) {
        if (request.target == "/middle") {
            peer.begin_chunks();
            peer.chunk("begun");
        }
        peer.wait_for_close();
    });
    for (std::string target : {"/never", "/middle"}) {
        Request request = get(server.url(target));
        request.idle_timeout = milliseconds(60);
        Outcome outcome = ask(request, true);
        CHECK(outcome.answer.error() ==
              thole::fail(Code::timed_out, "no byte from " + host_of(server) + " for 0.06 s"));
        CHECK(outcome.streamed() == (target == "/middle" ? "begun" : ""));
    }
}

TEST_CASE("a slow answer that keeps coming is not timed out") {
    HttpServer server([](const HttpRequest&, HttpPeer& peer) {
        peer.begin_chunks();
        for (int i = 0; i < 8; ++i) {
            std::this_thread::sleep_for(milliseconds(25));
            peer.chunk("x");
        }
        peer.end_chunks();
    });
    Request request = get(server.url());
    request.idle_timeout = milliseconds(120);
    CHECK(ask(request).answer->body == "xxxxxxxx");
}

TEST_CASE("a stop closes the connection at once") {
    std::atomic<bool> was_closed = false;
    Outcome outcome;
    {
        HttpServer server([&was_closed](const HttpRequest&, HttpPeer& peer) {
            peer.begin_chunks();
            peer.chunk("begun");
            peer.wait_for_close();
            was_closed = true;
        });
        ::setenv("no_proxy", "127.0.0.1", 1);
        Loop loop;
        loop.run(stop_after_first_byte(loop, server.url(), outcome));
        while (!was_closed) std::this_thread::yield();
    }
    CHECK(outcome.answer.error() == thole::cancelled());
    CHECK(outcome.streamed() == "begun");
}

TEST_CASE("a stop before the library is loaded cancels too") {
    Outcome outcome;
    Loop loop;
    loop.run(stop_before_start(loop, "http://127.0.0.1:9/", outcome));
    CHECK(outcome.answer.error() == thole::cancelled());
}

TEST_CASE("requests one after another use one connection, those side by side several") {
    ::setenv("no_proxy", "127.0.0.1", 1);
    HttpServer server([](const HttpRequest&, HttpPeer& peer) { peer.answer(200, "again"); });
    std::vector<std::string> bodies;
    {
        Loop loop;
        loop.run(ask_in_turn(loop, server.url(), bodies));
    }
    CHECK(bodies == std::vector<std::string>{"again", "again", "again"});
    CHECK(server.connections() == 1);
    std::vector<Outcome> outcomes(20);
    {
        Loop loop;
        loop.run(ask_together(loop, server.url(), outcomes));
    }
    for (const auto& outcome : outcomes) CHECK(outcome.answer->body == "again");
}

TEST_CASE("redirects are followed only when asked, and not to other protocols") {
    HttpServer server([](const HttpRequest& request, HttpPeer& peer) {
        if (request.target == "/end") return peer.answer(200, "end");
        bool is_file = request.target == "/file";
        peer.answer(302, "moved",
                    is_file ? "Location: file:///etc/passwd\r\n" : "Location: /end\r\n");
    });
    Request request = get(server.url("/begin"));
    CHECK(ask(request).answer->status == 302);
    request.follow_redirects = true;
    Outcome outcome = ask(request);
    REQUIRE(outcome.answer);
    CHECK(outcome.answer->body == "end");
    CHECK(outcome.answer->url == server.url("/end"));
    CHECK(outcome.answer->headers == Headers{{"content-length", "3"}});
    request.url = server.url("/file");
    CHECK(ask(request).answer.error().code == Code::invalid_argument);
}

TEST_CASE("a proxy from the environment is used") {
    HttpServer proxy([](const HttpRequest&, HttpPeer& peer) { peer.answer(200, "by proxy"); });
    ::setenv("http_proxy", proxy.url().c_str(), 1);
    Outcome outcome = ask(get("http://models.invalid/v1"));
    ::unsetenv("http_proxy");
    REQUIRE(outcome.answer);
    CHECK(outcome.answer->body == "by proxy");
    CHECK(proxy.requests().at(0).target == "http://models.invalid/v1");
}

TEST_CASE("what cannot be sent is refused before anything is") {
    for (std::string url : {"", "ftp://x/", "file:///etc/passwd", "no url", "http://a b/"}) {
        CHECK(ask(get(url)).answer.error().code == Code::invalid_argument);
    }
    CHECK(ask(get("http://127.0.0.1:99999999/")).answer.error().code == Code::invalid_argument);
    for (std::string value :
         std::vector<std::string>{"a\nX-Injected: b", "a\r", std::string("a\0b", 3)}) {
        Request request = get("http://127.0.0.1:9/");
        request.headers = {{"x-api-key", value}};
        CHECK(ask(request).answer.error() ==
              thole::fail(Code::invalid_argument,
                          "cannot send the header 'x-api-key': its name is empty or it holds a "
                          "line break; check the key or setting that it comes from"));
    }
}

TEST_CASE("without libcurl every request says what to install") {
    std::vector<thole::Error> errors;
    Loop loop;
    loop.run(load_missing(loop, errors));
    REQUIRE(errors.size() == 2);
    CHECK(errors[0] == errors[1]);
    CHECK(errors[0].code == Code::configuration);
    CHECK(errors[0].message.find("install libcurl") != std::string::npos);
    CHECK(load_curl("libdl.so.2").error().message.find("it lacks curl_global_init") !=
          std::string::npos);
}

TEST_CASE("warming up and going at once is clean") {
    Loop loop;
    loop.run(only_warm_up(loop));
    CHECK(true);
}
