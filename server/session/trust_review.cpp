#include "session/trust_review.hpp"

#include <algorithm>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "session/extensions.hpp"

namespace thole {
namespace {

constexpr std::size_t shown_of_file = 16 * 1024;
constexpr std::size_t shown_in_all = 256 * 1024;
constexpr const char* takes_effect =
    "Commands, skills, hooks, rules and MCP servers count from the next prompt on, agents in new "
    "sessions; a file that changes is not trusted any more.";

// A fence that nothing in the text ends.
std::string in_fence(const std::string& text) {
    std::string fence = "```";
    while (text.find(fence) != std::string::npos) fence += '`';
    bool has_end = text.ends_with('\n');
    return fence + "\n" + text + (has_end ? "" : "\n") + fence + "\n";
}

std::string shown(const TrustedFile& file, bool is_trusted) {
    std::string text = "### `" + one_line(to_valid_utf8(file.path), 200) + "`: " +
                       (!file.fault.empty() ? "cannot be trusted"
                        : is_trusted        ? "trusted"
                                            : "not trusted") +
                       "\n\n";
    if (!file.fault.empty()) return text + file.fault + "\n\n";
    if (is_trusted) return text;
    std::string content(clip_utf8(file.content, shown_of_file));
    text += in_fence(content);
    if (content.size() < file.content.size()) {
        text += "\n… of " + std::to_string(file.content.size()) + " bytes: open the file.\n";
    }
    return text + "\n";
}

std::string review(const std::vector<TrustedFile>& files, const TrustedHashes& trusted) {
    if (files.empty()) return "This workspace brings nothing that would have to be trusted.";
    std::string text =
        "What this workspace brings of its own. Hooks, scripts and MCP servers are programs that "
        "run "
        "with your rights; commands, skills and agents are instructions to the model.\n\n";
    bool has_news = false;
    std::size_t left_out = 0;
    for (const TrustedFile& file : files) {
        bool is_trusted = trusted.holds(file);
        has_news = has_news || (!is_trusted && file.fault.empty());
        if (text.size() < shown_in_all) {
            text += shown(file, is_trusted);
        } else {
            ++left_out;
        }
    }
    if (left_out > 0) {
        return text + std::to_string(left_out) +
               " more files do not fit here: review them with `thole trust` in a terminal.";
    }
    if (!has_news) return text + "All of it that can count is trusted. `/trust no` ends that.";
    return text + "To trust these files as they are shown: `/trust yes " + trust_code(files) + "`";
}

}  // namespace

std::string trust_code(const std::vector<TrustedFile>& files) {
    std::string all;
    for (const TrustedFile& file : files) {
        all += sha256_hex(file.path) + sha256_hex(file.content) + sha256_hex(file.fault);
    }
    return sha256_hex(all).substr(0, 8);
}

std::string trust_answer(const Sessions& sessions, const Session& session,
                         const std::string& answer) {
    const std::string& workspace = session.state().workspace;
    Trust trust = sessions.trust();
    std::vector<TrustedFile> files = files_to_trust(workspace);
    if (answer.empty()) return review(files, trust.of(workspace));
    bool is_no = answer == "no";
    if (!is_no && answer != "yes " + trust_code(files)) {
        return "Nothing was trusted: " +
               std::string(answer.starts_with("yes ")
                               ? "the files are not those that were shown; look again: `/trust`"
                               : "`/trust` shows the files and the code to say yes to them with");
    }
    if (is_no) files.clear();
    Result<void> set = trust.set(workspace, files);
    if (!set) return "Error: " + set.error().message;
    if (is_no) return "Nothing of this workspace is trusted any more.";
    return std::string("Trusted. ") + takes_effect;
}

}  // namespace thole
