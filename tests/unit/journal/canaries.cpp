#include "unit/journal/canaries.hpp"

#include <random>
#include <string_view>

#include "base/text.hpp"

namespace thole::test {

namespace {

constexpr std::string_view any = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view hex = "0123456789abcdef";
constexpr std::string_view upper = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view digits = "123456789";

class Maker {
public:
    std::string some(std::size_t size, std::string_view of = any) {
        std::string text;
        while (text.size() < size) {
            const std::size_t at =
                std::uniform_int_distribution<std::size_t>(0, of.size() - 1)(random_);
            text += of[at];
        }
        return text;
    }
    // Letters and digits in turns, as chance would give them.
    std::string mixed(std::size_t size) {
        std::string text = some(size);
        for (std::size_t i = 0; i < size; i += 3) text[i] = some(1, digits)[0];
        return text;
    }
    // A key that begins with what tells its kind.
    void key(const std::string& kind, const std::string& start, std::size_t size,
             std::string_view of = any) {
        const std::string secret = start + some(size, of);
        list_.push_back({kind, secret, secret});
    }
    void in(const std::string& kind, const std::string& before, const std::string& secret,
            const std::string& behind = "") {
        list_.push_back({kind, before + secret + behind, secret});
    }
    std::vector<Canary> take() { return std::move(list_); }

private:
    std::mt19937 random_{42};
    std::vector<Canary> list_;
};

void add_model_keys(Maker& make) {
    make.key("anthropic-key", "sk-ant-api03-", 95);
    make.key("openai-key", "sk-proj-", 120);
    make.key("openai-key", "sk-svcacct-", 80);
    make.in("api-key", "", "sk-" + make.mixed(48));
    make.key("openrouter-key", "sk-or-v1-", 64, hex);
    make.key("groq-key", "gsk_", 52);
    make.key("xai-key", "xai-", 80);
    make.key("perplexity-key", "pplx-", 48);
    make.key("replicate-token", "r8_", 37);
    make.key("huggingface-token", "hf_", 34);
    make.key("google-key", "AIza", 35);
    make.key("tavily-key", "tvly-dev-", 32);
    make.in("langsmith-key", "", "lsv2_pt_" + make.some(32, hex) + "_" + make.some(10, hex));
}

void add_forge_keys(Maker& make) {
    for (const char* start : {"ghp_", "gho_", "ghu_", "ghs_", "ghr_"}) {
        make.key("github-token", start, 36);
    }
    make.key("github-token", "github_pat_", 82);
    make.key("gitlab-token", "glpat-", 20);
    make.key("bitbucket-token", "ATBB", 32);
    make.key("atlassian-token", "ATATT3", 180);
    make.key("npm-token", "npm_", 36);
    make.in("npm-token", "//registry.npmjs.org/:_authToken=", make.mixed(36));
    make.key("pypi-token", "pypi-AgEIcHlwaS5vcmc", 120);
    make.key("rubygems-key", "rubygems_", 48, hex);
    make.key("docker-token", "dckr_pat_", 27);
    make.in("docker-login", R"({"auth": ")", base64_encode("me:" + make.mixed(12)), R"("})");
    make.key("buildkite-token", "bkua_", 40, hex);
    make.key("sentry-token", "sntrys_", 60);
    make.key("linear-key", "lin_api_", 40);
    make.key("notion-key", "ntn_", 46);
    make.key("figma-token", "figd_", 40);
    make.in("postman-key", "", "PMAK-" + make.some(24, hex) + "-" + make.some(34, hex));
    make.in("airtable-token", "", "pat" + make.some(14) + "." + make.some(64, hex));
}

void add_cloud_keys(Maker& make) {
    make.key("aws-key-id", "AKIA", 16, upper);
    make.key("aws-key-id", "ASIA", 16, upper);
    make.in("aws-secret-key", "aws_secret_access_key = ", make.mixed(40));
    make.in("aws-secret-key", R"("SecretAccessKey": ")", make.mixed(40), "\"");
    make.key("aws-session-token", "IQoJb3JpZ2lu", 300);
    make.key("google-token", "ya29.", 120);
    make.key("google-client-secret", "GOCSPX-", 28);
    make.in("azure-key", "AccountName=boat;AccountKey=", make.some(86) + "==", ";EndpointSuffix=x");
    make.in("azure-client-secret", "", make.some(3) + "8Q~" + make.some(34));
    make.key("digitalocean-token", "dop_v1_", 64, hex);
    make.key("heroku-key", "HRKU-", 60);
    make.key("fly-token", "fm2_", 200);
    make.key("supabase-key", "sbp_", 40, hex);
    make.key("planetscale-token", "pscale_tkn_", 43);
    make.key("databricks-token", "dapi", 32, hex);
    make.key("vault-token", "hvs.", 90);
    make.in("terraform-token", "", make.some(14) + ".atlasv1." + make.some(67));
    make.key("pulumi-token", "pul-", 40, hex);
    make.key("doppler-token", "dp.pt.", 43);
    make.key("grafana-token", "glc_", 80);
    make.key("newrelic-key", "NRAK-", 27, upper);
    make.in("tailscale-key", "", "tskey-auth-" + make.some(17) + "-" + make.some(32));
    make.key("netlify-token", "nfp_", 40);
    make.in("token", "CLOUDFLARE_API_TOKEN=", make.mixed(40));
}

void add_service_keys(Maker& make) {
    make.in("slack-token", "",
            "xoxb-" + make.some(12, digits) + "-" + make.some(12, digits) + "-" + make.some(24));
    make.in("slack-webhook", "https://hooks.slack.com/services/",
            "T" + make.some(9, upper) + "/B" + make.some(9, upper) + "/" + make.some(24));
    make.in("discord-webhook", "https://discord.com/api/webhooks/",
            make.some(18, digits) + "/" + make.some(68));
    make.in("token", "DISCORD_TOKEN=", make.mixed(26) + "." + make.some(6) + "." + make.mixed(38));
    make.in("telegram-token", make.some(10, digits) + ":", "AA" + make.some(33));
    make.key("stripe-key", "sk_live_", 24);
    make.key("stripe-key", "rk_live_", 24);
    make.key("webhook-secret", "whsec_", 32);
    make.key("square-token", "sq0csp-", 43);
    make.key("shopify-token", "shpat_", 32, hex);
    make.key("twilio-key", "SK", 32, hex);
    make.in("token", "TWILIO_AUTH_TOKEN=", make.mixed(32));
    make.in("sendgrid-key", "", "SG." + make.some(22) + "." + make.some(43));
    make.key("mailgun-key", "key-", 32, hex);
    make.in("mailchimp-key", "", make.some(32, hex) + "-us12");
    make.key("age-key", "AGE-SECRET-KEY-1", 58, upper);
    make.in("wireguard-key", "PrivateKey = ", make.mixed(43) + "=");
}

void add_logins(Maker& make) {
    make.in("jwt", "", "eyJ" + make.some(33) + ".eyJ" + make.some(60) + "." + make.some(43));
    make.in("password", "postgres://admin:", make.mixed(12), "@db.internal:5432/boats");
    make.in("password", "redis://:", make.mixed(12), "@cache:6379");
    make.in("authorization", "Authorization: Bearer ", make.mixed(40));
    make.in("authorization", R"("authorization": "token )", make.mixed(40), "\"");
    make.in("bearer-token", "Bearer ", make.mixed(30));
    make.in("basic-login", "Basic ", base64_encode("aladdin:" + make.mixed(12)));
    make.in("password", "curl -s -u admin:", make.mixed(12), " https://boats");
    make.in("password", "sshpass -p ", make.mixed(12), " ssh boat");
    make.in("password", "machine boats login me password ", make.mixed(12));
    make.in("password", "DB_PASSWORD=", make.mixed(16));
    make.in("password", R"(password: ")", make.mixed(5) + "&" + make.mixed(8), "\"");
    make.in("password", "Server=x;User ID=sa;Password=", make.mixed(14), ";Encrypt=true");
    make.in("secret", "client_secret: '", make.mixed(36), "'");
    make.in("key", R"("api_key": ")", make.mixed(32), "\"");
    make.in("key", "x-api-key: ", make.mixed(32));
    make.in("token", "deploy --token ", make.mixed(30), " --now");
    make.in("token", "https://boats/api?access_token=", make.mixed(40), "&page=2");
    make.in("password", "the password is ", make.mixed(14), ".");
    for (const char* label : {"PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY",
                              "EC PRIVATE KEY", "PGP PRIVATE KEY BLOCK"}) {
        make.in("private-key", "", private_key(label, 25));
    }
}

}  // namespace

std::vector<Canary> canaries() {
    Maker make;
    add_model_keys(make);
    add_forge_keys(make);
    add_cloud_keys(make);
    add_service_keys(make);
    add_logins(make);
    return make.take();
}

std::string private_key(const std::string& label, int lines) {
    Maker make;
    std::string text = "-----BEGIN " + label + "-----\n";
    for (int i = 0; i < lines; ++i) text += make.some(64) + "\n";
    return text + make.some(22) + "==\n-----END " + label + "-----";
}

}  // namespace thole::test
