#include "cli/trust.hpp"

#include <unistd.h>

#include <iostream>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/opening.hpp"
#include "session/extensions.hpp"

namespace thole::cli {
namespace {

// Whether somebody at the terminal says yes.
bool is_confirmed() {
    std::cerr << "Trust these files as they are now? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    std::string word = to_lower_ascii(trim(answer));
    return word == "y" || word == "yes";
}

std::string shown_file(const TrustedFile& file, bool is_trusted, const Look& look) {
    std::string state =
        is_trusted ? look.paint(Ink::green, "trusted") : look.paint(Ink::yellow, "not trusted");
    std::string text = look.paint(Ink::bold, file.path) + "  " + state + "\n";
    if (!file.fault.empty()) return text + "  " + file.fault + "\n";
    for (std::string_view line : split_lines(file.content)) {
        text += "  " + printable(line) + "\n";
    }
    return text;
}

}  // namespace

int trust_workspace(Parts& parts, const Invocation& invocation) {
    std::string workspace = workspace_of(parts.cwd);
    Trust trust(parts.state_directory);
    std::vector<TrustedFile> files = files_to_trust(workspace);
    std::string text;
    bool is_news = false;
    for (const TrustedFile& file : files) {
        bool is_trusted = trust.holds(workspace, file);
        is_news = is_news || (!is_trusted && file.fault.empty());
        text += shown_file(file, is_trusted, parts.output.out_look());
    }
    if (files.empty()) text = "This workspace brings nothing that would have to be trusted.\n";
    std::cout << text << std::flush;
    if (invocation.revoke) files.clear();
    if (!invocation.revoke && !is_news) return exit_done;
    bool asks = !invocation.yes && !invocation.revoke;
    if (asks && !isatty(STDIN_FILENO)) {
        parts.output.complain(
            "nothing was trusted: nobody can be asked; look at the files and say: "
            "thole trust --yes");
        return exit_unapproved;
    }
    if (asks && !is_confirmed()) return exit_unapproved;
    Result<void> set = trust.set(workspace, files);
    if (!set) return complain(parts, set.error());
    parts.output.complain(invocation.revoke ? "nothing of this workspace is trusted any more"
                                            : "trusted, until one of them changes");
    return exit_done;
}

}  // namespace thole::cli
