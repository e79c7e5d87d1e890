#include "tools/attempts.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace thole {

namespace {

constexpr std::size_t named = 8;  // in the line for the model

// `what` begins with the name of a system call.
Effect effect_of(std::string_view what) {
    const std::string_view call = what.substr(0, what.find(' '));
    const auto is_any_of = [call](std::initializer_list<std::string_view> names) {
        return std::find(names.begin(), names.end(), call) != names.end();
    };
    if (is_any_of({"unlink", "rmdir"})) return Effect::remove;
    if (is_any_of({"socket", "connect"})) return Effect::network;
    if (is_any_of({"open", "mkdir", "rename", "link", "symlink", "mknod", "truncate", "chmod",
                   "chown", "utime", "setxattr", "removexattr", "chattr", "bind"})) {
        return Effect::edit;
    }
    return Effect::other;
}

std::string count_text(int others) {
    return std::to_string(others) + " more";
}

std::string words_of(const async::Refusal& refusal) {
    return refusal.what.empty() ? count_text(refusal.others)
                                : one_line(to_valid_utf8(refusal.what), 400);
}

int count_of(const std::vector<async::Refusal>& refused) {
    int count = 0;
    for (const async::Refusal& one : refused) count += one.what.empty() ? one.others : 1;
    return count;
}

bool is_write(const async::Refusal& refusal) {
    const Effect effect = effect_of(refusal.what);
    return refusal.what.empty() || effect == Effect::edit || effect == Effect::remove;
}

}  // namespace

async::RefusalSink tell_attempts(ToolHost& host, std::string call_id, std::string by) {
    EffectRefused refused;
    refused.call_id = std::move(call_id);
    refused.tool = "bash";
    refused.by = std::move(by);
    refused.reason = "commands only read in mode plan";
    return [&host, refused](const async::Refusal& refusal) {
        EffectRefused one = refused;
        one.effect = effect_name(effect_of(refusal.what));
        one.what = words_of(refusal);
        host.refused(std::move(one));
    };
}

std::string attempts_line(const std::vector<async::Refusal>& refused) {
    const int count = count_of(refused);
    if (count == 0) return {};
    const bool only_writes = std::all_of(refused.begin(), refused.end(), is_write);
    std::string line = "[plan mode: " + std::to_string(count) +
                       (only_writes ? " write" : " attempt") + (count == 1 ? " was" : "s were") +
                       " refused: ";
    int rest = count;
    for (std::size_t i = 0; i < std::min(named, refused.size()); ++i) {
        if (refused[i].what.empty()) continue;
        line += (i == 0 ? "" : ", ") + one_line(to_valid_utf8(refused[i].what), 200);
        --rest;
    }
    if (rest > 0) line += " and " + count_text(rest);
    return line + "]";
}

}  // namespace thole
