// Strict reading of a JSON object, for parameters and configuration. A reader reads all its fields
// and then asks once: the first error is kept, with the path of the field, and everything after it
// gives empty values. A null member counts as absent. Fields keeps a reference to the object.
//
//     Fields fields(params, "params");
//     request.cwd = fields.text("cwd");
//     request.limit = fields.optional_integer("limit", 1, 1000).value_or(20);
//     if (Result<void> checked = fields.finish(); !checked) return checked.error();
#pragma once
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fwd.hpp"
#include "base/result.hpp"

namespace thole {

class Fields {
public:
    // `path` names the object in errors: "params", "config.model". An `object` that is none is the
    // first error; null is read as an empty object.
    Fields(const Json& object, std::string path);

    std::string text(std::string_view key);
    std::string text_or(std::string_view key, std::string fallback);
    std::optional<std::string> optional_text(std::string_view key);
    std::vector<std::string> texts(std::string_view key);           // required array of strings
    std::vector<std::string> optional_texts(std::string_view key);  // absent: empty

    // Bounds are inclusive. A number with a fraction is an error, 3.0 is not.
    std::int64_t integer(std::string_view key, std::int64_t min = lowest,
                         std::int64_t max = highest);
    std::optional<std::int64_t> optional_integer(std::string_view key, std::int64_t min = lowest,
                                                 std::int64_t max = highest);
    std::optional<double> optional_number(std::string_view key);
    bool flag(std::string_view key, bool fallback);

    // A required string out of `legal`, else an error that lists them.
    std::string one_of(std::string_view key, std::initializer_list<std::string_view> legal);
    std::optional<std::string> optional_one_of(std::string_view key,
                                               std::initializer_list<std::string_view> legal);

    // Required; the absent one or the one of another type is an empty array or object.
    const Json& array(std::string_view key);
    const Json& object(std::string_view key);
    // Absent: an empty array or object.
    const Json& optional_array(std::string_view key);
    const Json& optional_object(std::string_view key);

    // A member of any type; absent: null.
    const Json& any(std::string_view key) const;
    bool has(std::string_view key) const;

    // An error for any member whose name is not in `known`, which it names.
    void only(std::initializer_list<std::string_view> known);

    // "params.prompt" for readers of what is below.
    std::string path_of(std::string_view key) const;

    // Adds an error of the reader's own: "params.cwd: must be absolute".
    void fail_at(std::string_view key, std::string_view what);
    // Takes over the first error of a reader of a part.
    void merge(const Fields& part);

    bool ok() const { return !error_; }
    // The first error (invalid_argument): "params.cwd: expected a string, got number".
    Result<void> finish() const;

    static constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    static constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

private:
    bool wrong_type(std::string_view key, std::string_view expected, const Json& got);
    const Json* present(std::string_view key, bool required, std::string_view expected);
    std::optional<std::string> read_text(std::string_view key, bool required);
    std::optional<std::int64_t> read_integer(std::string_view key, bool required);
    std::vector<std::string> read_texts(std::string_view key, bool required);

    const Json& object_;
    std::string path_;
    std::optional<Error> error_;
};

}  // namespace thole
