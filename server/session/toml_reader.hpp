// Strict reading of a TOML file: every error names file, line and key, and keys that nobody reads
// are errors, because a misspelt permission must not be silently without effect. The first error is
// kept; what follows it reads nothing. Owner of the only <toml++/toml.h> include (toml_reader.cpp).
#pragma once
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace thole {

class TomlReader;

class TomlDocument {
public:
    // Error: configuration, "<file>:<line>: <what is wrong>".
    static Result<TomlDocument> parse(const std::string& text, const std::string& file);
    TomlDocument(TomlDocument&&) noexcept;
    ~TomlDocument();
    TomlReader root() const;  // the document must outlive it

private:
    struct Impl;
    explicit TomlDocument(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// One table. Each reader changes its target only when the key is there and right.
class TomlReader {
public:
    void text(std::string_view key, std::string& target);
    void one_of(std::string_view key, std::string& target,
                std::initializer_list<std::string_view> legal);
    void flag(std::string_view key, bool& target);
    void integer(std::string_view key, std::int64_t& target, std::int64_t min, std::int64_t max);
    void integer(std::string_view key, int& target, int min, int max);
    void number(std::string_view key, double& target);  // at least 0
    void texts(std::string_view key, std::vector<std::string>& target);
    void text_map(std::string_view key, std::map<std::string, std::string>& target);
    void text_pairs(std::string_view key, std::vector<std::pair<std::string, std::string>>& target);

    // The table below `key`; an empty one when there is none.
    TomlReader table(std::string_view key);
    // The tables of [[key]], in order.
    std::vector<TomlReader> tables(std::string_view key);
    std::vector<std::string> keys();  // all, which counts as having read them
    bool has(std::string_view key) const;

    void fail_at(std::string_view key, std::string_view what);
    void fail_here(std::string_view what);
    // An error for every key that was not read.
    void no_others();
    // Takes over the error of a table below.
    void merge(const TomlReader& below);
    Result<void> finish() const;

private:
    friend class TomlDocument;
    // `table` is a toml::table, null for one that is not there.
    TomlReader(const void* table, std::string file, std::string path);
    void wrong_type(std::string_view key, std::string_view expected);
    std::string name_of(std::string_view key) const;
    void fail_on_line(std::int64_t line, const std::string& message);

    const void* table_;
    std::string file_, path_;
    std::set<std::string, std::less<>> read_;
    std::optional<Error> error_;
};

}  // namespace thole
