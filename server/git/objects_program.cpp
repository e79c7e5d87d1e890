#include <charconv>

#include "base/text.hpp"
#include "git/objects.hpp"

namespace thole::git {
namespace {

std::string_view next_word(std::string_view& line) {
    std::size_t end = std::min(line.find(' '), line.size());
    std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

TreeEntry entry_of(std::string_view mode, std::string_view id) {
    TreeEntry entry;
    std::from_chars(mode.data(), mode.data() + mode.size(), entry.mode, 8);
    if (entry.mode != 0) entry.id = id;
    return entry;
}

class ProgramObjects final : public Objects {
public:
    explicit ProgramObjects(Program git) : git_(std::move(git)) {}

    // ":100644 100755 <id> <id> M", the path, and for a renamed file the new path.
    Result<std::vector<TreeChange>> changes(const std::string& from, const std::string& to,
                                            Renames renames) override {
        std::string finding = renames == Renames::find ? "--find-renames" : "--no-renames";
        Words words = {"diff-tree", "-r", "-z", "--raw", "--full-index", finding, from, to};
        Result<std::string> text = git_.ask(words);
        if (!text) return text.error();
        std::vector<std::string_view> parts = split_at_nul(*text);
        std::vector<TreeChange> all;
        for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
            std::string_view line = parts[i];
            if (line.starts_with(':')) line.remove_prefix(1);
            std::string_view modes[2] = {next_word(line), next_word(line)};
            std::string_view ids[2] = {next_word(line), next_word(line)};
            TreeChange change{std::string(parts[i + 1]),
                              {},
                              entry_of(modes[0], ids[0]),
                              entry_of(modes[1], ids[1])};
            if (line.starts_with('R') && i + 2 < parts.size()) {
                change.old_path = std::exchange(change.path, std::string(parts[i + 2]));
                ++i;
            }
            all.push_back(std::move(change));
        }
        return all;
    }

    Result<std::uint64_t> size_of(const std::string& blob) override {
        Result<std::string> text = git_.line({"cat-file", "-s", blob});
        if (!text) return text.error();
        std::uint64_t size = 0;
        std::from_chars(text->data(), text->data() + text->size(), size);
        return size;
    }

    Result<std::string> bytes_of(const std::string& blob) override {
        return git_.ask({"cat-file", "blob", blob});
    }

private:
    Program git_;
};

}  // namespace

std::unique_ptr<Objects> objects_by_program(const Place& place, std::stop_token stop) {
    return std::make_unique<ProgramObjects>(place.program(std::move(stop)));
}

}  // namespace thole::git
