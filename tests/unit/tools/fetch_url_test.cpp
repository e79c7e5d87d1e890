#include <doctest/doctest.h>

#include "support/http_server.hpp"
#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

namespace {

const std::string as_html = "Content-Type: text/html; charset=utf-8\r\n";
const std::string as_text = "Content-Type: text/plain\r\n";

void answer(const HttpRequest& request, HttpPeer& peer) {
    const std::string& target = request.target;
    if (target == "/page") peer.answer(200, "<h1>Oars</h1><p>a <b>b</b>", as_html);
    if (target == "/json") peer.answer(200, "{\"a\":1}", "Content-Type: application/json\r\n");
    if (target == "/bare") peer.answer(200, "plain \xff");
    if (target == "/empty") peer.answer(200, "", as_text);
    if (target == "/pdf") peer.answer(200, "%PDF", "Content-Type: application/pdf\r\n");
    if (target == "/binary") peer.answer(200, std::string("a\0b", 3), as_text);
    if (target == "/gone") peer.answer(404, "<p>Not here</p>", as_html);
    if (target == "/long") peer.answer(200, std::string(40'000, 'x'), as_text);
    if (target == "/here") peer.answer(302, "", "Location: /page\r\n");
    if (target == "/there") peer.answer(301, "", "Location: http://other.test/x\r\n");
    if (target == "/file") peer.answer(301, "", "Location: file:///etc/passwd\r\n");
    if (target == "/loop") peer.answer(307, "", "Location: loop\r\n");
    if (target == "/hang") peer.wait_for_close();
}

ToolOutcome fetch(ToolRig& rig, const HttpServer& server, const std::string& target) {
    return rig.call("fetch_url", {{"url", server.url(target)}});
}

}  // namespace

TEST_CASE("fetch_url gives pages as readable text, and other text as it is") {
    HttpServer server(answer);
    ToolRig rig;
    const ToolOutcome page = fetch(rig, server, "/page");
    CHECK(page.output == "# Oars\n\na b");
    CHECK_FALSE(page.failed);
    CHECK(fetch(rig, server, "/json").output == "{\"a\":1}");
    CHECK(fetch(rig, server, "/bare").output == "plain \ufffd");
    CHECK(fetch(rig, server, "/empty").output == "[empty]");
    CHECK(server.requests()[0].method == "GET");
    CHECK(server.requests()[0].header("User-Agent") == "thole/" THOLE_VERSION);
}

TEST_CASE("fetch_url refuses what is not text") {
    HttpServer server(answer);
    ToolRig rig;
    const ToolOutcome pdf = fetch(rig, server, "/pdf");
    CHECK(pdf.failed);
    CHECK(pdf.output ==
          "'" + server.url("/pdf") + "' (HTTP 200) is application/pdf, not text, 4 bytes");
    CHECK(fetch(rig, server, "/binary").failed);
}

TEST_CASE("fetch_url shows the error page of a failed request") {
    HttpServer server(answer);
    ToolRig rig;
    const ToolOutcome gone = fetch(rig, server, "/gone");
    CHECK(gone.failed);
    CHECK(gone.output == "Not here\n[HTTP 404]");
}

TEST_CASE("fetch_url bounds what it shows and keeps the whole") {
    HttpServer server(answer);
    ToolRig rig;
    const ToolOutcome whole = fetch(rig, server, "/long");
    CHECK(whole.output.size() <= 30'000);
    CHECK(whole.output.ends_with("x\n[the first 29900 of 40000 bytes of text]"));
    CHECK(rig.host.blobs[whole.full_output] == std::string(40'000, 'x'));
    const ToolOutcome part =
        rig.call("fetch_url", {{"url", server.url("/long")}, {"max_bytes", 10}});
    CHECK(part.output == "xxxxxxxxxx\n[the first 10 of 40000 bytes of text]");
}

TEST_CASE("fetch_url follows redirects on the same host only") {
    HttpServer server(answer);
    ToolRig rig;
    CHECK(fetch(rig, server, "/here").output == "# Oars\n\na b");
    CHECK(fetch(rig, server, "/there").output ==
          "It redirects to http://other.test/x, another host, which was not followed. Fetch that "
          "address if you want it.");
    CHECK(fetch(rig, server, "/file").failed);
    CHECK(fetch(rig, server, "/loop").output ==
          "'" + server.url("/loop") + "' redirects more than 10 times");
}

TEST_CASE("fetch_url fails with a message when nobody answers, and ends at a stop") {
    HttpServer server(answer);
    ToolRig rig;
    const ToolOutcome outcome = rig.call("fetch_url", {{"url", "http://127.0.0.1:1/"}});
    CHECK(outcome.failed);
    CHECK_FALSE(outcome.output.empty());
    Result<Prepared> prepared = rig.prepare("fetch_url", {{"url", server.url("/hang")}});
    REQUIRE(prepared);
    const ToolOutcome stopped = rig.run_stopped("fetch_url", *prepared);
    CHECK(stopped.failed);
    CHECK(stopped.output == "cancelled");
}

TEST_CASE("policy sees the address, and bad ones are refused") {
    ToolRig rig;
    Result<Prepared> prepared = rig.prepare("fetch_url", {{"url", " https://x.test/a "}});
    REQUIRE(prepared);
    CHECK(prepared->url == "https://x.test/a");
    CHECK(prepared->title == "Fetch https://x.test/a");
    for (const Json& input : std::vector<Json>{{},
                                               {{"url", ""}},
                                               {{"url", 1}},
                                               {{"url", "x.test"}},
                                               {{"url", "file:///etc/passwd"}},
                                               {{"url", "http://a@b/"}},
                                               {{"url", "http://a/"}, {"max_bytes", 0}},
                                               {{"url", "http://a/"}, {"max_bytes", 30'001}},
                                               {{"url", "http://a/"}, {"method", "POST"}}}) {
        CAPTURE(input.dump());
        CHECK_FALSE(rig.prepare("fetch_url", input));
    }
}
