#include "workspace/ignore.hpp"

#include <optional>

#include "base/text.hpp"
#include "workspace/files.hpp"
#include "workspace/git_head.hpp"
#include "workspace/wildcard.hpp"

namespace thole {

namespace {

constexpr std::size_t most_bytes = 4 << 20;

std::string_view without_trailing_spaces(std::string_view line) {
    while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
    return line;
}

std::string_view name_of(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string read_or_nothing(const std::string& path) {
    return read_file(path, most_bytes).value_or("");
}

}  // namespace

struct IgnoreRules::Pattern {
    enum class Form { name, suffix, wild_name, wild_path } form = Form::name;
    std::string text;
    bool negated = false;
    bool only_directories = false;

    static std::optional<Pattern> parse(std::string_view line) {
        Pattern pattern;
        if (line.empty() || line[0] == '#') return std::nullopt;
        line = without_trailing_spaces(line);
        if (line.starts_with('!')) {
            pattern.negated = true;
            line.remove_prefix(1);
        }
        if (line.ends_with('/')) {
            pattern.only_directories = true;
            line.remove_suffix(1);
        }
        bool anchored = line.find('/') != line.npos;
        if (line.starts_with('/')) line.remove_prefix(1);
        if (line.empty()) return std::nullopt;
        pattern.text = line;
        pattern.form = form_of(line, anchored);
        if (pattern.form == Form::suffix) pattern.text.erase(0, 1);
        return pattern;
    }

    bool matches(std::string_view relative, std::string_view name) const {
        switch (form) {
            case Form::name:
                return name == text;
            case Form::suffix:
                return name.ends_with(text);
            case Form::wild_name:
                return wild_match(text, name);
            case Form::wild_path:
                return wild_match(text, relative);
        }
        return false;
    }

private:
    // The plain forms are most of what people write, and much quicker to compare.
    static Form form_of(std::string_view text, bool anchored) {
        if (anchored) return Form::wild_path;
        if (!has_wildcard(text)) return Form::name;
        return text[0] == '*' && !has_wildcard(text.substr(1)) ? Form::suffix : Form::wild_name;
    }
};

struct IgnoreRules::Level {
    std::shared_ptr<const Level> above;
    std::string directory;
    std::vector<Pattern> patterns;

    // The last line that speaks about the entry decides.
    std::optional<bool> verdict(std::string_view path, bool is_directory) const {
        std::size_t skip = directory == "/" ? 1 : directory.size() + 1;
        if (path.size() <= skip) return std::nullopt;
        std::string_view relative = path.substr(skip), name = name_of(path);
        for (auto pattern = patterns.rbegin(); pattern != patterns.rend(); ++pattern) {
            if (pattern->only_directories && !is_directory) continue;
            if (pattern->matches(relative, name)) return !pattern->negated;
        }
        return std::nullopt;
    }
};

IgnoreRules IgnoreRules::with(std::string directory, std::string_view file_text) const {
    auto level = std::make_shared<Level>();
    if (file_text.starts_with("\xef\xbb\xbf")) file_text.remove_prefix(3);
    for (std::string_view line : split_lines(file_text)) {
        if (auto pattern = Pattern::parse(line)) level->patterns.push_back(std::move(*pattern));
    }
    if (level->patterns.empty()) return *this;
    level->above = level_;
    level->directory = std::move(directory);
    IgnoreRules rules;
    rules.level_ = std::move(level);
    return rules;
}

IgnoreRules IgnoreRules::with_directory(const std::string& directory) const {
    std::string slash = directory == "/" ? "" : "/";
    return with(directory, read_or_nothing(directory + slash + ".gitignore"));
}

IgnoreRules IgnoreRules::for_walk_at(const std::string& directory) {
    std::string top = repository_root(directory);
    if (top.empty()) return IgnoreRules().with_directory(directory);
    std::string exclude = common_git_directory(top) + "/info/exclude";
    IgnoreRules rules = IgnoreRules().with(top, read_or_nothing(exclude)).with_directory(top);
    std::size_t end = top == "/" ? 0 : top.size();
    while (end < directory.size()) {
        end = directory.find('/', end + 1);
        if (end == directory.npos) end = directory.size();
        rules = rules.with_directory(directory.substr(0, end));
    }
    return rules;
}

bool IgnoreRules::ignores(std::string_view path, bool is_directory) const {
    for (const Level* level = level_.get(); level; level = level->above.get()) {
        if (auto verdict = level->verdict(path, is_directory)) return *verdict;
    }
    return false;
}

}  // namespace thole
