#include "session/toml_reader.hpp"

#define TOML_EXCEPTIONS 0
// toml++ 3.3 asserts of "[=" that it cannot come, and says what is wrong with it right afterwards.
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.h>

namespace thole {
namespace {

const toml::table& table_at(const void* table) {
    static const toml::table empty;
    return table ? *static_cast<const toml::table*>(table) : empty;
}

std::int64_t line_of(const toml::node& node) {
    return node.source().begin.line;
}

}  // namespace

struct TomlDocument::Impl {
    toml::table table;
    std::string file;
};

TomlDocument::TomlDocument(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TomlDocument::TomlDocument(TomlDocument&&) noexcept = default;
TomlDocument::~TomlDocument() = default;

Result<TomlDocument> TomlDocument::parse(const std::string& text, const std::string& file) {
    toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        const toml::parse_error& error = parsed.error();
        return fail(Code::configuration, file + ":" + std::to_string(error.source().begin.line) +
                                             ": " + std::string(error.description()));
    }
    return TomlDocument(std::make_unique<Impl>(Impl{std::move(parsed).table(), file}));
}

TomlReader TomlDocument::root() const {
    return TomlReader(&impl_->table, impl_->file, "");
}

TomlReader::TomlReader(const void* table, std::string file, std::string path)
    : table_(table), file_(std::move(file)), path_(std::move(path)) {}

std::string TomlReader::name_of(std::string_view key) const {
    std::string section = path_.empty() ? "" : "[" + path_ + "] ";
    return section + std::string(key);
}

void TomlReader::fail_on_line(std::int64_t line, const std::string& message) {
    if (error_) return;
    error_ = fail(Code::configuration, file_ + ":" + std::to_string(line) + ": " + message);
}

void TomlReader::fail_at(std::string_view key, std::string_view what) {
    const toml::node* node = table_at(table_).get(key);
    fail_on_line(node ? line_of(*node) : line_of(table_at(table_)),
                 name_of(key) + ": " + std::string(what));
}

void TomlReader::fail_here(std::string_view what) {
    std::string where = path_.empty() ? "" : "[" + path_ + "]: ";
    fail_on_line(line_of(table_at(table_)), where + std::string(what));
}

void TomlReader::wrong_type(std::string_view key, std::string_view expected) {
    fail_at(key, "expected " + std::string(expected));
}

bool TomlReader::has(std::string_view key) const {
    return table_at(table_).contains(key);
}

void TomlReader::text(std::string_view key, std::string& target) {
    read_.emplace(key);
    const toml::node* node = table_at(table_).get(key);
    if (!node) return;
    if (std::optional<std::string> value = node->value_exact<std::string>()) {
        target = std::move(*value);
    } else {
        wrong_type(key, "a string");
    }
}

void TomlReader::one_of(std::string_view key, std::string& target,
                        std::initializer_list<std::string_view> legal) {
    std::string value;
    text(key, value);
    if (value.empty()) return;
    std::string names;
    for (std::string_view name : legal) {
        if (name == value) {
            target = value;
            return;
        }
        names += (names.empty() ? "\"" : ", \"") + std::string(name) + "\"";
    }
    fail_at(key, "'" + value + "' is not known; legal values: " + names);
}

void TomlReader::flag(std::string_view key, bool& target) {
    read_.emplace(key);
    const toml::node* node = table_at(table_).get(key);
    if (!node) return;
    if (std::optional<bool> value = node->value_exact<bool>()) {
        target = *value;
    } else {
        wrong_type(key, "true or false");
    }
}

void TomlReader::number(std::string_view key, double& target) {
    read_.emplace(key);
    const toml::node* node = table_at(table_).get(key);
    if (!node) return;
    std::optional<double> value = node->is_number() ? node->value<double>() : std::nullopt;
    if (value && *value >= 0) {
        target = *value;
    } else {
        wrong_type(key, "a number that is not negative");
    }
}

void TomlReader::integer(std::string_view key, std::int64_t& target, std::int64_t min,
                         std::int64_t max) {
    read_.emplace(key);
    const toml::node* node = table_at(table_).get(key);
    if (!node) return;
    std::optional<std::int64_t> value = node->value_exact<std::int64_t>();
    if (value && *value >= min && *value <= max) {
        target = *value;
    } else {
        wrong_type(key,
                   "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    }
}

void TomlReader::integer(std::string_view key, int& target, int min, int max) {
    std::int64_t value = target;
    integer(key, value, std::int64_t{min}, std::int64_t{max});
    target = static_cast<int>(value);
}

void TomlReader::texts(std::string_view key, std::vector<std::string>& target) {
    read_.emplace(key);
    const toml::node* node = table_at(table_).get(key);
    if (!node) return;
    const toml::array* list = node->as_array();
    if (!list) return wrong_type(key, "a list of strings");
    for (const toml::node& item : *list) {
        std::optional<std::string> value = item.value_exact<std::string>();
        if (!value) return fail_on_line(line_of(item), name_of(key) + ": expected only strings");
        target.push_back(std::move(*value));
    }
}

void TomlReader::text_map(std::string_view key, std::map<std::string, std::string>& target) {
    std::vector<std::pair<std::string, std::string>> pairs;
    text_pairs(key, pairs);
    for (auto& [name, value] : pairs) target[name] = std::move(value);
}

void TomlReader::text_pairs(std::string_view key,
                            std::vector<std::pair<std::string, std::string>>& target) {
    read_.emplace(key);
    const toml::node* node = table_at(table_).get(key);
    if (!node) return;
    const toml::table* map = node->as_table();
    if (!map) return wrong_type(key, "a table of strings");
    for (const auto& [name, item] : *map) {
        std::optional<std::string> value = item.value_exact<std::string>();
        if (!value) {
            return fail_on_line(line_of(item), name_of(key) + "." + std::string(name.str()) +
                                                   ": expected a string");
        }
        target.emplace_back(std::string(name.str()), std::move(*value));
    }
}

TomlReader TomlReader::table(std::string_view key) {
    read_.emplace(key);
    std::string path = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
    const toml::node* node = table_at(table_).get(key);
    const toml::table* below = node ? node->as_table() : nullptr;
    if (node && !below) wrong_type(key, "a table");
    return TomlReader(below, file_, std::move(path));
}

std::vector<TomlReader> TomlReader::tables(std::string_view key) {
    read_.emplace(key);
    std::vector<TomlReader> found;
    const toml::node* node = table_at(table_).get(key);
    if (!node) return found;
    const toml::array* list = node->as_array();
    for (std::size_t at = 0; list && at < list->size(); ++at) {
        const toml::table* below = list->get(at)->as_table();
        if (!below) list = nullptr;
        if (below) found.push_back(TomlReader(below, file_, std::string(key)));
    }
    if (!list) wrong_type(key, "tables, each below [[" + std::string(key) + "]]");
    return found;
}

std::vector<std::string> TomlReader::keys() {
    std::vector<std::string> names;
    for (const auto& [name, node] : table_at(table_)) names.emplace_back(name.str());
    read_.insert(names.begin(), names.end());
    return names;
}

void TomlReader::no_others() {
    for (const auto& [name, node] : table_at(table_)) {
        if (read_.contains(name.str())) continue;
        fail_on_line(line_of(node), name_of(name.str()) + ": there is no such key");
        return;
    }
}

void TomlReader::merge(const TomlReader& below) {
    if (!error_) error_ = below.error_;
}

Result<void> TomlReader::finish() const {
    if (error_) return *error_;
    return {};
}

}  // namespace thole
