#include "journal/secrets.hpp"

#include <doctest/doctest.h>

#include <set>

#include "unit/journal/canaries.hpp"

using namespace thole;

namespace {

using Values = std::vector<SecretValue>;

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// What is written when `text` comes in pieces of `size` bytes and is written as soon as it can be.
std::string streamed(const Secrets& secrets, std::string_view text, std::size_t size) {
    std::string written, waiting;
    for (std::size_t at = 0; at < text.size(); at += size) {
        waiting += text.substr(at, size);
        const std::size_t whole = secrets.whole_size(waiting);
        written += secrets.redact(std::string_view(waiting).substr(0, whole));
        waiting.erase(0, whole);
    }
    return written + secrets.redact(waiting);
}

}  // namespace

TEST_CASE("a secret of each kind is replaced by a token that names the kind") {
    const Secrets secrets;
    std::set<std::string> kinds;
    for (const test::Canary& canary : test::canaries()) {
        CAPTURE(canary.text);
        const std::string before = canary.text.substr(0, canary.text.find(canary.secret));
        const std::string behind = canary.text.substr(before.size() + canary.secret.size());
        CHECK(secrets.redact(canary.text) == before + "[redacted " + canary.kind + "]" + behind);
        kinds.insert(canary.kind);
    }
    CHECK(kinds.size() >= 60);
}

TEST_CASE("a secret is found wherever it stands in a text") {
    const Secrets secrets;
    const std::vector<std::pair<std::string, std::string>> places{
        {"", " and more"},   {"first line\n", "\nlast line"}, {"say \"", "\""},   {"(", ")"},
        {"ünï ", " ✓"},      {R"({\"a\":\")", R"(\"})"},      {"x=1;\t", "\r\n"}, {"<b>", "</b>"},
        {R"(a\n)", R"(\n)"}, {"\x1b[31m", "\x1b[0m"}};
    for (const test::Canary& canary : test::canaries()) {
        for (const auto& [before, behind] : places) {
            const std::string text = before + canary.text + behind;
            CAPTURE(text);
            const std::string kept = secrets.redact(text);
            CHECK_FALSE(holds(kept, canary.secret));
            CHECK(has_redaction(kept));
            CHECK(kept.starts_with(before));
            CHECK(kept.ends_with(behind));
            CHECK(secrets.redact(kept) == kept);
        }
    }
}

TEST_CASE("a secret that comes in pieces is written as if it had come at once") {
    const Values values{{"NOTE_KEY", "first second\nthird fourth"}};
    const Secrets secrets(values);
    std::vector<std::string> texts{"a first second\nthird fourth z"};
    for (const test::Canary& canary : test::canaries()) {
        texts.push_back("Some words, then " + canary.text + " and others.\nA line.");
    }
    for (const std::string& text : texts) {
        CAPTURE(text);
        const std::string whole = secrets.redact(text);
        for (const std::size_t size : {1, 2, 3, 7, 20, 64}) {
            CHECK(streamed(secrets, text, size) == whole);
        }
    }
}

TEST_CASE("text without a beginning of a secret is held back for its last word only") {
    const Secrets secrets;
    CHECK(secrets.whole_size("") == 0);
    CHECK(secrets.whole_size("row the boat") == 8);
    CHECK(secrets.whole_size("row the boat ") == 13);
    CHECK(secrets.whole_size("use gh") == 4);
    CHECK(secrets.whole_size("use ghp_abc def") == 12);
    CHECK(secrets.whole_size("the password is ") == 4);
    CHECK(secrets.whole_size("the password is set.\n") == 21);
    CHECK(secrets.whole_size(std::string(100'000, 'x')) >= 99'000);
    const std::string open = "-----BEGIN PRIVATE KEY-----\n";
    CHECK(secrets.whole_size("a\n" + open + "abc\n") == 2);
    CHECK(secrets.whole_size("a\n-----BEGIN CERTIFICATE-----\nabc\n") == 34);
    CHECK(secrets.whole_size(open + std::string(20'000, '\n')) > 20'000);
}

TEST_CASE("what is held back never begins inside a character") {
    const Secrets secrets;
    std::string text;
    while (text.size() < 5000) text += "舟";
    for (std::size_t extra = 0; extra < 3; ++extra) {
        const std::size_t whole = secrets.whole_size(text);
        CHECK((static_cast<unsigned char>(text[whole]) & 0xC0) != 0x80);
        text.insert(text.begin(), 'x');
    }
}

TEST_CASE("known values are replaced by the name of their variable") {
    const Values values{{"BOAT_KEY", "opensesame"},
                        {"a b", "line 1\nline \"2\""},
                        {"", "nameless"},
                        {"SHORT_KEY", "sesame!"}};
    const Secrets secrets(values);
    CHECK(secrets.redact("say opensesame!") == "say [redacted BOAT_KEY]!");
    CHECK(secrets.redact("xopensesamex opensesame") == "x[redacted BOAT_KEY]x [redacted BOAT_KEY]");
    CHECK(secrets.redact("line 1\nline \"2\"") == "[redacted a-b]");
    CHECK(secrets.redact(R"({"v":"line 1\nline \"2\""})") == R"({"v":"[redacted a-b]"})");
    CHECK(secrets.redact("nameless") == "[redacted value]");
    CHECK(secrets.redact("sesame! and OPENSESAME") == "sesame! and OPENSESAME");
    CHECK(secrets.redact("it begins with opensesa… and") ==
          "it begins with [redacted BOAT_KEY]… and");
}

TEST_CASE("the beginning of a key that was shortened is replaced") {
    const Secrets secrets;
    CHECK(secrets.redact("curl ghp_AbCdEfGh… ok") == "curl [redacted github-token]… ok");
    CHECK(secrets.redact("x\nghp_AbCdEfGh\n… [3 lines, 900 bytes left out] …\n") ==
          "x\n[redacted github-token]\n… [3 lines, 900 bytes left out] …\n");
    CHECK(secrets.redact("keys begin with ghp_… as a rule") == "keys begin with ghp_… as a rule");
}

TEST_CASE("private keys are found with margins, cut off, and in one line") {
    const Secrets secrets;
    const std::string key = test::private_key("RSA PRIVATE KEY", 12);
    std::string numbered, added, escaped;
    int number = 1;
    for (std::size_t at = 0; at < key.size();) {
        const std::size_t end = std::min(key.find('\n', at), key.size());
        const std::string line = key.substr(at, end - at);
        numbered += "    " + std::to_string(number++) + "\t" + line + "\n";
        added += "+" + line + "\n";
        escaped += line + "\\n";
        at = end + 1;
    }
    CHECK(secrets.redact(numbered) == "    1\t[redacted private-key]\n");
    CHECK(secrets.redact(added) == "+[redacted private-key]\n");
    CHECK(secrets.redact("{\"k\": \"" + escaped + "\"}") ==
          "{\"k\": \"[redacted private-key]\\n\"}");
    const std::string head = key.substr(0, 500);
    const std::string tail = key.substr(500);
    CHECK(secrets.redact(head + "\n… [9 lines] …\n") == "[redacted private-key]\n… [9 lines] …\n");
    CHECK(secrets.redact("… [9 lines] …\n" + tail + "\nend") ==
          "… [9 lines] …\n[redacted private-key]\nend");
}

TEST_CASE("ordinary text and code stay as they are") {
    const Secrets secrets;
    for (const std::string text :
         {"",
          "a",
          "ab",
          "const char* password = read_password(stdin);",
          "token = parser.next_token();",
          "if (token == Token::kIdentifier) return 1;",
          "export API_KEY=$(cat key.txt)",
          "Authorization: Bearer $TOKEN",
          "curl -H \"Authorization: Bearer ${GITHUB_TOKEN}\" https://api.github.com",
          "https://user:password@example.com/",
          "git clone ssh://git@github.com:22/a/b.git",
          "password: required",
          "PASSWORD=changeme",
          "secret_key = os.environ['SECRET_KEY']",
          "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ0",
          "#define PEM \"-----BEGIN PRIVATE KEY-----\"",
          "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
          "commit 74432ae0d9c9fe1c1a2b3c4d5e6f708192a3b4c5",
          "key-value stores and sk-learn",
          "tokens: 1200, max_tokens=4096, token_type: bearer",
          "see [redacted token] = \"x\"",
          "private_key_path = /home/me/.ssh/id_ed25519",
          "https://[::1]:8080/a@b",
          "a basic example",
          "the token is valid for 3600 seconds",
          "api_key: YOUR_API_KEY_HERE"}) {
        CAPTURE(text);
        CHECK_FALSE(secrets.redacted(text));
        CHECK(secrets.redact(text) == text);
    }
}

TEST_CASE("bytes that are no UTF-8 hide nothing and harm nothing") {
    const Secrets secrets;
    const test::Canary canary = test::canaries().front();
    const std::string bytes = "\xff\xfe" + canary.text + "\xc3";
    CHECK(secrets.redact(bytes) == "\xff\xfe[redacted " + canary.kind + "]\xc3");
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    CHECK_FALSE(secrets.redacted(all));
    CHECK(secrets.whole_size(all) <= all.size());
}

TEST_CASE("the name of a JSON member can tell that its value is a secret") {
    const Secrets secrets;
    CHECK(secrets.redacted_member("apiKey", "a1B2c3D4e5F6g7H8") == "[redacted key]");
    CHECK(secrets.redacted_member("db_password", "sup3r&secret1x") == "[redacted password]");
    CHECK_FALSE(secrets.redacted_member("token", "identifier"));
    CHECK_FALSE(secrets.redacted_member("path", "a1B2c3D4e5F6g7H8"));
    CHECK(secrets.redacted_member("path", test::canaries().front().text) ==
          "[redacted anthropic-key]");
}

TEST_CASE("only a whole token counts as a redaction") {
    CHECK(has_redaction("a [redacted github-token] b"));
    CHECK(has_redaction("[redacted x y] [redacted BOAT_KEY]"));
    CHECK_FALSE(has_redaction("[redacted ] [redacted a b] redacted [redacted"));
    CHECK_FALSE(has_redaction(""));
}
