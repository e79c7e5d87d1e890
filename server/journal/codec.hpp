// Structs to JSON text and back, driven by one table of fields per struct (`Shape`). Internal to
// journal/. Text is written straight into a string, without a tree. Long texts are handed to a
// store and written as {"$blob":"<sha256>","size":N}; a member of opaque JSON that is itself called
// "$blob", or that with more "$" before it, gets one "$" more, so that the two cannot be mixed up.
// Members that hold the empty value of their kind, and are born with it, are left out. A writer
// that was told to hide secrets replaces them in every text, but for ids and words of fixed lists.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "journal/event.hpp"
#include "journal/secrets.hpp"

namespace thole::codec {

inline constexpr std::size_t inline_limit = 32 * 1024;  // bytes of a text that stays in the line
inline constexpr int nesting_limit = 256;

template <class T, class M>
struct Field {
    std::string_view name;
    M T::*member;
};
template <class T, class M>
Field(std::string_view, M T::*) -> Field<T, M>;

// Specialised for each struct: `static constexpr std::tuple fields{Field{"name", &T::name}, …};`
template <class T>
struct Shape;
template <class T>
concept Shaped = requires {
    Shape<T>::fields;
};

// Specialised for each enumeration: `static constexpr std::array names{…};`, in order.
template <class E>
struct Names;

// Members that are written as they are: ids, hashes, times, words that code compares, and what a
// provider signed.
constexpr bool is_exact_member(std::string_view name) {
    constexpr std::array<std::string_view, 37> exact{"id",
                                                     "session_id",
                                                     "parent_session_id",
                                                     "child_session_ids",
                                                     "message_id",
                                                     "busy_message_id",
                                                     "call_id",
                                                     "discarded_message_id",
                                                     "question_id",
                                                     "kind",
                                                     "effect",
                                                     "role",
                                                     "status",
                                                     "plan_status",
                                                     "mode",
                                                     "decision",
                                                     "scope",
                                                     "by",
                                                     "phase",
                                                     "priority",
                                                     "stop_reason",
                                                     "sha256",
                                                     "full_output",
                                                     "created_at",
                                                     "updated_at",
                                                     "signature",
                                                     "type",
                                                     "version",
                                                     "started_at",
                                                     "completed_at",
                                                     "workers",
                                                     "child_session_id",
                                                     "base_commit",
                                                     "result",
                                                     "branch",
                                                     "approved_sha256",
                                                     "mode_before_plan"};
    for (const std::string_view one : exact) {
        if (one == name) return true;
    }
    return false;
}

// Gives the sha256 of the text, or "" when it could not be stored.
using StoreBlob = std::function<std::string(std::string_view)>;
// Gives the text, or a sentence in its place.
using LoadBlob = std::function<std::string(std::string_view sha256, std::int64_t size)>;

class Writer {
public:
    explicit Writer(std::string& out) : out_(out) {}
    Writer(std::string& out, const StoreBlob& store, std::size_t limit)
        : out_(out), store_(&store), limit_(limit) {}
    // From now on. `secrets` must outlive the writer.
    void hide(const Secrets& secrets) { secrets_ = &secrets; }

    void value(std::string_view text);
    void value(const std::string& text) { value(std::string_view(text)); }
    void value(bool flag) { out_ += flag ? "true" : "false"; }
    void value(std::int64_t number);
    void value(std::uint64_t number);
    void value(double number);
    void value(const JsonValue& json);
    void value(const Json& json);

    template <class E>
    void value(const std::vector<E>& list) {
        out_ += '[';
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (i > 0) out_ += ',';
            value(list[i]);
        }
        out_ += ']';
    }
    template <class E>
    requires std::is_enum_v<E>
    void value(E kind) { value(std::string_view(Names<E>::names[static_cast<std::size_t>(kind)])); }
    template <Shaped T>
    void value(const T& object) {
        out_ += '{';
        members(object, true);
        out_ += '}';
    }
    // The members of `object` without braces; `first` when nothing stands before them.
    template <Shaped T>
    void members(const T& object, bool first) {
        static const T born{};
        const std::size_t hidden_before = std::exchange(hidden_in_object_, 0);
        std::apply([&](const auto&... field) { (member_of(object, born, field, first), ...); },
                   Shape<T>::fields);
        hidden_in_object_ += hidden_before;
    }
    void key(std::string_view name);

    // Whether something was written that reads back as something else: bytes that are no UTF-8,
    // numbers that are not finite, values nested too deeply.
    bool is_lossy() const { return is_lossy_; }
    // Whether a secret was replaced.
    bool has_hidden() const { return hidden_in_object_ > 0; }

private:
    template <class T, class M>
    void member_of(const T& object, const T& born, const Field<T, M>& field, bool& first) {
        if (is_empty(object.*field.member) && is_empty(born.*field.member)) return;
        // What a provider signed is not the text any more.
        if (hidden_in_object_ > 0 && field.name == "signature") return;
        if (!first) out_ += ',';
        first = false;
        key(field.name);
        is_exact_ = is_exact_member(field.name);
        value(object.*field.member);
        is_exact_ = false;
    }
    static bool is_empty(const std::string& text) { return text.empty(); }
    static bool is_empty(bool flag) { return !flag; }
    static bool is_empty(std::int64_t number) { return number == 0; }
    static bool is_empty(std::uint64_t number) { return number == 0; }
    static bool is_empty(double number) { return number == 0; }
    static bool is_empty(const JsonValue& json) { return json.is_absent(); }
    template <class E>
    static bool is_empty(const std::vector<E>& list) {
        return list.empty();
    }
    template <class T>
    requires(Shaped<T> || std::is_enum_v<T>) static bool is_empty(const T&) { return false; }
    void plain_text(std::string_view text);
    void plain_json(const Json& json);
    void quoted(std::string_view text);
    std::optional<Json> hidden(const Json& json, std::string_view name) const;
    std::optional<Json> hidden_object(const Json& json) const;
    bool stored(std::string_view text, bool is_json);
    Json with_references(const Json& json);

    std::string& out_;
    const StoreBlob* store_ = nullptr;
    std::size_t limit_ = inline_limit;
    const Secrets* secrets_ = nullptr;
    std::size_t hidden_in_object_ = 0;  // texts
    bool is_exact_ = false;
    bool is_lossy_ = false;
};

// Reads a tree into structs and takes its texts out of it. Unknown members are ignored; a member of
// the wrong kind fails, and error() names it: "field 'diffs[0].path' is not a string".
class Reader {
public:
    Reader() = default;
    explicit Reader(const LoadBlob& load) : load_(&load) {}

    bool value(Json& json, std::string& out);
    bool value(Json& json, bool& out);
    bool value(Json& json, std::int64_t& out);
    bool value(Json& json, std::uint64_t& out);
    bool value(Json& json, double& out);
    bool value(Json& json, JsonValue& out);

    template <class E>
    bool value(Json& json, std::vector<E>& out) {
        if (!json.is_array()) return wrong("a list");
        out.clear();
        for (std::size_t i = 0; i < json.size(); ++i) {
            if (!value(json[i], out.emplace_back())) return inside("[" + std::to_string(i) + "]");
        }
        return true;
    }
    template <class E>
    requires std::is_enum_v<E>
    bool value(Json& json, E& out) {
        const auto& names = Names<E>::names;
        std::string text;
        if (!value(json, text)) return false;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (text == names[i]) return out = static_cast<E>(i), true;
        }
        return wrong("a known kind");
    }
    template <Shaped T>
    bool value(Json& json, T& out) {
        if (!json.is_object()) return wrong("an object");
        return std::apply(
            [&](const auto&... field) { return (member_of(json, out, field) && ...); },
            Shape<T>::fields);
    }
    std::string error() const { return "field '" + path_ + "' is not " + wanted_; }

private:
    template <class T, class M>
    bool member_of(Json& json, T& out, const Field<T, M>& field) {
        auto found = json.find(field.name);
        if (found == json.end() || value(*found, out.*field.member)) return true;
        return inside(field.name);
    }
    bool wrong(std::string_view wanted);
    bool inside(std::string_view step);
    std::string loaded(const Json& reference);
    Json resolved(Json& json);

    const LoadBlob* load_ = nullptr;
    std::string path_, wanted_;
};

// Whether brackets nest deeper than `nesting_limit`, so that a tree of it would be a danger.
bool nests_too_deeply(std::string_view json);

}  // namespace thole::codec
