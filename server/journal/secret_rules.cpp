#include "journal/secret_rules.hpp"

#include <algorithm>
#include <array>
#include <bitset>

#include "base/text.hpp"

namespace thole {

namespace {

constexpr SecretRule of_line(std::string_view kind, std::string_view anchors,
                             std::string_view pattern, Proof proof) {
    return {kind, anchors, pattern, 0, Reach::line, proof, true, false};
}

// Keys that begin with letters of their own.
constexpr std::array prefixed{
    SecretRule{"anthropic-key", "sk-ant-", R"(sk-ant-[\w-]{16,})"},
    SecretRule{"openai-key", "sk-proj- sk-svcacct- sk-admin-",
               R"(sk-(?:proj|svcacct|admin)-[\w-]{20,})"},
    SecretRule{"openrouter-key", "sk-or-v1-", R"(sk-or-v1-[0-9a-f]{40,})"},
    SecretRule{"api-key", "sk-", R"(sk-(?:lf-)?[A-Za-z0-9-]{32,}(?![\w-]))", 0, Reach::word,
               Proof::strong},
    SecretRule{"github-token", "ghp_ gho_ ghu_ ghs_ ghr_", R"(gh[pousr]_[A-Za-z0-9]{36,255})"},
    SecretRule{"github-token", "github_pat_", R"(github_pat_\w{36,255})"},
    SecretRule{"gitlab-token",
               "glpat- glptt- gldt- glrt- glcbt- glft- glimt- glagent- gloas- glsoat-",
               R"(gl[a-z]{2,5}-[\w.-]{20,})"},
    SecretRule{"slack-token", "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xoxo- xoxc- xoxd-",
               R"(xox[a-z]-(?=[^\s]*\d)[\w%-]{12,})"},
    SecretRule{"slack-token", "xapp-", R"(xapp-\d-\w+-\d+-\w+)"},
    SecretRule{"slack-webhook", "hooks.slack.com/",
               R"(hooks\.slack\.com/(?:services|workflows|triggers)/\K[\w/+]{20,})"},
    SecretRule{"discord-webhook", "discord.com/api/ discordapp.com/api/",
               R"(discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\K\d{15,22}/[\w-]{40,})"},
    SecretRule{"teams-webhook", ".webhook.office.com/",
               R"(\.webhook\.office\.com/webhookb2/\K[\w@/.-]{40,})", 0, Reach::word, Proof::none,
               false, false},
    SecretRule{"aws-key-id", "AKIA ASIA ABIA ACCA", R"(A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?!\w))"},
    SecretRule{"aws-secret-key", "AKIA ASIA",
               R"(A[KS]IA[A-Z0-9]{16}[ \t,:;|"'/]{1,12}\K[A-Za-z0-9/+]{40}(?![\w/+=]))", 0,
               Reach::line},
    SecretRule{"aws-session-token", "FwoG IQoJb3", R"((?:FwoG|IQoJb3)[A-Za-z0-9/+=]{100,})"},
    SecretRule{"aws-bedrock-key", "ABSK", R"(ABSK[A-Za-z0-9+/]{100,}=*)"},
    SecretRule{"google-key", "AIza", R"(AIza[\w-]{35}(?![\w-]))"},
    SecretRule{"google-token", "ya29.", R"(ya29\.[\w-]{20,})"},
    SecretRule{"google-token", "1//0", R"(1//0[\w-]{40,})"},
    SecretRule{"google-client-secret", "GOCSPX-", R"(GOCSPX-[\w-]{24,})"},
    SecretRule{"azure-client-secret", "8Q~ 7Q~", R"([\w.~-]{3}[78]Q~[\w.~-]{31,34})", 3,
               Reach::word, Proof::none, false, false},
    SecretRule{"azure-key", "JQQJ9", R"([A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{20,})", 52, Reach::word,
               Proof::none, false, false},
    SecretRule{"azure-devops-token", "AZDO", R"([A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4})", 76,
               Reach::word, Proof::none, false, false},
    SecretRule{"stripe-key", "sk_live_ sk_test_ rk_live_ rk_test_",
               R"([sr]k_(?:live|test)_[A-Za-z0-9]{16,})"},
    SecretRule{"webhook-secret", "whsec_", R"(whsec_[A-Za-z0-9+/=]{24,})"},
    SecretRule{"twilio-key", "SK0 SK1 SK2 SK3 SK4 SK5 SK6 SK7 SK8 SK9 SKa SKb SKc SKd SKe SKf",
               R"(SK[0-9a-f]{32}(?!\w))"},
    SecretRule{"sendgrid-key", "SG.", R"(SG\.[\w-]{20,24}\.[\w-]{39,50})"},
    SecretRule{"npm-token", "npm_", R"(npm_[A-Za-z0-9]{36}(?!\w))"},
    SecretRule{"pypi-token", "pypi-", R"(pypi-Ag[\w-]{50,})"},
    SecretRule{"rubygems-key", "rubygems_", R"(rubygems_[0-9a-f]{48})"},
    SecretRule{"huggingface-token", "hf_", R"(hf_[A-Za-z0-9]{34,40}(?!\w))"},
    SecretRule{"huggingface-token", "api_org_", R"(api_org_[A-Za-z0-9]{34})"},
    SecretRule{"docker-token", "dckr_pat_ dckr_oat_", R"(dckr_[po]at_[\w-]{24,})"},
    SecretRule{"digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", R"(do[opr]_v1_[0-9a-f]{64})"},
    SecretRule{"heroku-key", "HRKU-", R"(HRKU-[\w-]{36,})"},
    SecretRule{"shopify-token", "shpat_ shpca_ shppa_ shpss_",
               R"(shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32})"},
    SecretRule{"square-token", "sq0atp- sq0csp-", R"(sq0(?:atp|csp)-[\w-]{22,})"},
    SecretRule{"square-token", "EAAA", R"(EAAA[\w-]{60}(?![\w-]))"},
    SecretRule{"telegram-token", ":AA", R"((?<=\d{8}):\KAA[\w-]{33}(?![\w-]))", 0, Reach::word,
               Proof::none, false, false},
    SecretRule{"mailgun-key", "key-", R"(key-[0-9a-f]{32}(?!\w))"},
    SecretRule{"mailchimp-key", "-us1 -us2 -us3 -us4 -us5 -us6 -us7 -us8 -us9",
               R"([0-9a-f]{32}-us\d{1,2}(?!\w))", 32, Reach::word, Proof::none, false, false},
    SecretRule{"linear-key", "lin_api_ lin_oauth_", R"(lin_(?:api|oauth)_[A-Za-z0-9]{32,})"},
    SecretRule{"notion-key", "ntn_", R"(ntn_[A-Za-z0-9]{40,})"},
    SecretRule{"notion-key", "secret_", R"(secret_[A-Za-z0-9]{43}(?!\w))"},
    SecretRule{"databricks-token", "dapi", R"(dapi[0-9a-f]{32}(?:-\d)?(?!\w))"},
    SecretRule{"vault-token", "hvs. hvb. hvr.", R"(hv[sbr]\.[\w-]{24,})"},
    SecretRule{"terraform-token", ".atlasv1.", R"([A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,})", 14,
               Reach::word, Proof::none, false, false},
    SecretRule{"cloudflare-key", "v1.0-", R"(v1\.0-[0-9a-f]{24}-[0-9a-f]{146})"},
    SecretRule{"fly-token", "fo1_", R"(fo1_[\w-]{40,})"},
    SecretRule{"fly-token", "fm1a_ fm1r_ fm2_", R"(fm(?:1[ar]|2)_[A-Za-z0-9+/=_-]{40,})"},
    SecretRule{"supabase-key", "sbp_ sb_secret_", R"((?:sbp_[0-9a-f]{40}|sb_secret_[\w-]{20,}))"},
    SecretRule{"newrelic-key", "NRAK-", R"(NRAK-[A-Z0-9]{27})"},
    SecretRule{"grafana-token", "glsa_ glc_",
               R"((?:glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}|glc_[A-Za-z0-9+/]{32,}=*))"},
    SecretRule{"sentry-token", "sntrys_ sntryu_", R"(sntry[su]_[\w=/+.-]{40,})"},
    SecretRule{"postman-key", "PMAK-", R"(PMAK-[0-9a-f]{24}-[0-9a-f]{34})"},
    SecretRule{"doppler-token", "dp.pt. dp.st. dp.ct. dp.sa.",
               R"(dp\.(?:pt|st|ct|sa)\.(?:[\w-]+\.)?[A-Za-z0-9]{40,})"},
    SecretRule{"figma-token", "figd_", R"(figd_[\w-]{38,})"},
    SecretRule{"planetscale-token", "pscale_tkn_ pscale_pw_ pscale_oauth_",
               R"(pscale_(?:tkn|pw|oauth)_[\w.-]{32,})"},
    SecretRule{"atlassian-token", "ATATT3 ATCTT3", R"(AT[AC]TT3[\w=-]{60,})"},
    SecretRule{"bitbucket-token", "ATBB", R"(ATBB[A-Za-z0-9]{32}(?!\w))"},
    SecretRule{"airtable-token", "pat", R"(pat[A-Za-z0-9]{14}\.[0-9a-f]{64})"},
    SecretRule{"perplexity-key", "pplx-", R"(pplx-[A-Za-z0-9]{40,})"},
    SecretRule{"groq-key", "gsk_", R"(gsk_[A-Za-z0-9]{40,})"},
    SecretRule{"xai-key", "xai-", R"(xai-[A-Za-z0-9]{60,})"},
    SecretRule{"replicate-token", "r8_", R"(r8_[A-Za-z0-9]{37}(?!\w))"},
    SecretRule{"tavily-key", "tvly-", R"(tvly-[\w-]{24,})"},
    SecretRule{"langsmith-key", "lsv2_pt_ lsv2_sk_", R"(lsv2_[ps][tk]_[0-9a-f]{32}_[0-9a-f]{10})"},
    SecretRule{"e2b-key", "e2b_", R"(e2b_[0-9a-f]{40})"},
    SecretRule{"netlify-token", "nfp_", R"(nfp_[A-Za-z0-9]{36,})"},
    SecretRule{"pulumi-token", "pul-", R"(pul-[0-9a-f]{40})"},
    SecretRule{"buildkite-token", "bkua_", R"(bkua_[0-9a-f]{40})"},
    SecretRule{"tailscale-key", "tskey-", R"(tskey-(?:[a-z]+-)?\w{8,}-\w{8,})"},
    SecretRule{"dropbox-token", "sl.", R"(sl\.(?:u\.)?[\w-]{130,})"},
    SecretRule{"facebook-token", "EAAC EAAM", R"(EAA[CM][A-Za-z0-9]{90,})"},
    SecretRule{"age-key", "AGE-SECRET-KEY-1", R"(AGE-SECRET-KEY-1[A-Z0-9]{58})"},
    SecretRule{"django-key", "django-insecure-", R"(django-insecure-[^\s"']{20,})"},
    SecretRule{"jwt", "eyJ", R"(eyJ[\w-]{10,}+\.eyJ[\w-]{10,}+(?:\.[\w-]++)*)"},
    SecretRule{"onepassword-token", "ops_eyJ", R"(ops_eyJ[\w-]{100,})"},
    // The base64 of a PEM file that is neither a certificate nor a public key.
    SecretRule{"private-key", "LS0tLS1CRUdJTi",
               R"(LS0tLS1CRUdJTi(?!BDRVJU|BQVUJMSUM)[A-Za-z0-9+/=]{60,})"},
};

// Keys that are told by what stands before them.
constexpr std::array named{
    of_line("aws-secret-key", "secret",
            R"(secret[_ -]?access[_ -]?key["' \t]{0,3}(?:[:=|,]|=>)?["' \t]{0,4})"
            R"(\K[A-Za-z0-9/+]{40}(?![\w/+=]))",
            Proof::none),
    of_line("azure-key", "accountkey=", R"(accountkey=\K[a-z0-9+/]{40,}=*)", Proof::none),
    of_line("azure-key", "sharedaccesskey=", R"(sharedaccesskey=\K[a-z0-9+/]{40,}=*)", Proof::none),
    of_line("azure-sas", "?sig= &sig=", R"([?&]sig=\K[a-z0-9%/+]{40,}={0,2})", Proof::none),
    of_line("npm-token", "_authtoken", R"(_authtoken[ \t]*=[ \t]*["']?\K[\w.~+/=-]{10,})",
            Proof::none),
    of_line("npm-token", ":_auth=", R"(:_auth=["']?\K[a-z0-9+/]{8,}={0,2})", Proof::user_pass),
    of_line("docker-login", "\"auth\"", R"("auth"[ \t]*:[ \t]*"\K[a-z0-9+/]{8,}={0,2}(?="))",
            Proof::user_pass),
    of_line("basic-login", "basic", R"(basic[ \t]{1,2}\K[a-z0-9+/]{8,}={0,2})", Proof::user_pass),
    of_line("bearer-token", "bearer", R"(bearer[ \t]{1,2}["']?\K[\w.~+/=-]{16,})", Proof::strong),
    of_line("authorization", "authorization",
            R"(authorization\\?["']?[ \t]{0,2}[:=,][ \t]{0,2}\\?["'`]?)"
            R"((?:[a-z]+[ \t]+)?\K[\w.~+/=:-]{12,})",
            Proof::strong),
    of_line("okta-token", "ssws", R"(ssws[ \t]+\K[\w-]{30,})", Proof::none),
    of_line("wireguard-key", "privatekey", R"(privatekey[ \t]*=[ \t]*\K[a-z0-9+/]{43}=)",
            Proof::none),
    of_line("password", "sshpass", R"(sshpass[ \t]+-p[ \t]*["']?\K[^\s"'$()<>{}\\\x1b]{4,})",
            Proof::weak),
    of_line("password", "--user", R"(--user[ =]["']?[^\s:"'$]{1,64}:\K[^\s"'$()<>{}\\\x1b]{6,})",
            Proof::weak),
    of_line("password", "curl",
            R"(curl\b[^\n]{0,300}?[ \t]-u[ \t]*["']?[^\s:"'$]{1,64}:\K[^\s"'$()<>{}\\\x1b]{4,})",
            Proof::weak),
    of_line(
        "password", "mysql",
        R"(mysql[a-z]*[ \t][^\n]{0,200}?[ \t]-p\K[^\s"'$=()<>{}\\\x1b-][^\s"'$()<>{}\\\x1b]{5,})",
        Proof::weak),
    of_line("password", "login",
            R"(login[ \t]+\S{1,64}[ \t]+password[ \t]+["']?\K[^\s"'$()<>{}\\\x1b]{4,})",
            Proof::weak),
    SecretRule{"password", "://",
               R"(://[^\s/@:"'`<>\\{}()|]{0,64}:\K[^\s/@"'`<>\[]{3,256}(?=@[\w[]))", 0, Reach::word,
               Proof::weak, true, false},
};

constexpr auto all_rules() {
    std::array<SecretRule, prefixed.size() + named.size()> all{};
    std::copy(named.begin(), named.end(), std::copy(prefixed.begin(), prefixed.end(), all.begin()));
    return all;
}
constexpr auto rules = all_rules();

constexpr std::array words{
    SecretWord{"password", "password"},
    SecretWord{"passwd", "password"},
    SecretWord{"passphrase", "password"},
    SecretWord{"pwd", "password"},
    SecretWord{"secret", "secret"},
    SecretWord{"token", "token"},
    SecretWord{"api_key", "key"},
    SecretWord{"apikey", "key"},
    SecretWord{"api-key", "key"},
    SecretWord{"access_key", "key"},
    SecretWord{"accesskey", "key"},
    SecretWord{"access-key", "key"},
    SecretWord{"auth_key", "key"},
    SecretWord{"authkey", "key"},
    SecretWord{"account_key", "key"},
    SecretWord{"private_key", "key"},
    SecretWord{"encryption_key", "key"},
    SecretWord{"signing_key", "key"},
    SecretWord{"credential", "credentials"},
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_letter(char c) {
    return is_lower(c) || is_upper(c);
}

// What the characters of a text are.
struct Mix {
    std::size_t digits = 0, letters = 0, marks = 0, turns = 0, kinds = 0;
};

// Letter to digit and back, small to capital: rare in names, frequent in what chance made. The
// capital that begins a word counts once.
bool turns(char a, char b) {
    if (is_digit(a) && is_letter(b)) return true;
    return (is_letter(a) && is_digit(b)) || (is_lower(a) && is_upper(b));
}

Mix mix_of(std::string_view value) {
    Mix mix;
    std::bitset<256> seen;
    char before = '\0';
    for (const char c : value) {
        seen.set(static_cast<unsigned char>(c));
        if (is_digit(c)) ++mix.digits;
        if (is_letter(c)) ++mix.letters;
        if (std::string_view("!@#$%^&*?+~").find(c) != std::string_view::npos) ++mix.marks;
        if (turns(before, c)) ++mix.turns;
        before = c;
    }
    mix.kinds = seen.count();
    return mix;
}

bool is_base64_login(std::string_view value) {
    const auto plain = base64_decode(value);
    if (!plain || plain->size() < 3 || !is_valid_utf8(*plain)) return false;
    const auto colon = plain->find(':');
    return colon != std::string::npos && colon > 0 && colon + 1 < plain->size();
}

}  // namespace

std::span<const SecretRule> secret_rules() {
    return rules;
}
std::span<const SecretWord> secret_words() {
    return words;
}

bool is_strong(std::string_view value) {
    if (value.size() < 12 || value.starts_with("0x")) return false;
    const Mix mix = mix_of(value);
    if (mix.letters < 2 || mix.kinds < 8) return false;
    if (mix.digits >= 2) return mix.turns * 5 >= value.size();
    return mix.digits == 1 && value.size() >= 20 && mix.turns * 4 >= value.size();
}

bool is_password(std::string_view value) {
    if (is_strong(value)) return true;
    if (value.size() < 10) return false;
    const Mix mix = mix_of(value);
    return mix.digits >= 1 && mix.letters >= 3 && mix.marks >= 1 && mix.kinds >= 7;
}

bool is_no_placeholder(std::string_view value) {
    constexpr std::array<std::string_view, 24> usual{
        "password", "passwd",   "pass",    "pwd",  "secret",  "token",   "user",   "username",
        "xxx",      "xxxx",     "xxxxx",   "***",  "****",    "*****",   "foo",    "bar",
        "test",     "changeme", "example", "p4ss", "pass123", "my_pass", "mypass", "userpass"};
    const std::string low = to_lower_ascii(value);
    if (std::find(usual.begin(), usual.end(), low) != usual.end()) return false;
    const Mix mix = mix_of(value);
    const bool is_template = value.find_first_of("{}()$") != std::string_view::npos ||
                             value.starts_with('%') || value.starts_with('[') ||
                             value.starts_with('*') || value.starts_with("...");
    return !is_template && mix.letters > 0 && (mix.digits > 0 || mix.marks > 0);
}

bool proves(Proof proof, std::string_view value) {
    switch (proof) {
        case Proof::none:
            return true;
        case Proof::strong:
            return is_strong(value);
        case Proof::weak:
            return is_no_placeholder(value);
        case Proof::user_pass:
            return is_base64_login(value);
    }
    return false;
}

}  // namespace thole
