#include "model/aws_profile.hpp"

#include <map>

#include "base/text.hpp"

namespace thole::model {

namespace {

using Settings = std::map<std::string, std::string, std::less<>>;

// "[profile work]" and "[work]" → "work"; "" for what is no heading.
std::string heading(std::string_view line) {
    if (!line.starts_with('[')) return {};
    std::string name(trim(line.substr(1, line.find(']') - 1)));
    constexpr std::string_view word = "profile ";
    return name.starts_with(word) ? std::string(trim(name.substr(word.size()))) : name;
}

// Of one profile; lines that begin with white space belong to the setting above them.
void take_file(Settings& settings, std::string_view text, const std::string& profile) {
    bool is_ours = false;
    for (std::string_view line : split_lines(text)) {
        bool is_below = line.starts_with(' ') || line.starts_with('\t');
        std::string_view words = trim(line);
        bool is_comment = words.starts_with('#') || words.starts_with(';');
        if (is_below || is_comment || words.empty()) continue;
        std::string name = heading(words);
        if (!name.empty()) is_ours = name == profile;
        std::size_t equals = words.find('=');
        if (!is_ours || !name.empty() || equals == std::string_view::npos) continue;
        std::string key = to_lower_ascii(trim(words.substr(0, equals)));
        settings.emplace(std::move(key), trim(words.substr(equals + 1)));
    }
}

std::string value_of(const Settings& settings, std::string_view key) {
    auto found = settings.find(key);
    return found == settings.end() ? std::string() : found->second;
}

std::string fault_of(const Settings& settings, const std::string& name) {
    if (settings.empty()) return "there is no AWS profile '" + name + "'";
    std::string_view way = "has no keys";
    if (settings.contains("sso_session") || settings.contains("sso_start_url")) {
        way = "signs in for its keys";
    }
    if (settings.contains("role_arn")) way = "takes on a role for its keys";
    if (settings.contains("credential_process")) way = "runs a program for its keys";
    return "the AWS profile '" + name + "' " + std::string(way) +
           ", which thole cannot do: `aws configure export-credentials --profile " + name +
           " --format env` prints what to set";
}

}  // namespace

AwsProfile read_aws_profile(const std::string& name, std::string_view credentials,
                            std::string_view config) {
    Settings settings;
    take_file(settings, credentials, name);
    take_file(settings, config, name);
    AwsProfile profile;
    profile.region = value_of(settings, "region");
    AwsKeys keys{value_of(settings, "aws_access_key_id"),
                 value_of(settings, "aws_secret_access_key"),
                 value_of(settings, "aws_session_token")};
    bool has_keys = !keys.access_key_id.empty() && !keys.secret_access_key.empty();
    if (has_keys) profile.keys = std::move(keys);
    if (!has_keys) profile.fault = fault_of(settings, name);
    return profile;
}

}  // namespace thole::model
