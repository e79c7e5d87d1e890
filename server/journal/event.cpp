#include "journal/event.hpp"

#include "journal/event_codec.hpp"

namespace thole {

JsonValue::JsonValue(Json value) {
    if (!value.is_null()) held_ = std::make_shared<const Json>(std::move(value));
}

const Json& JsonValue::operator*() const {
    static const Json null;
    return held_ ? *held_ : null;
}

bool JsonValue::operator==(const JsonValue& other) const {
    return held_ == other.held_ || **this == *other;
}

namespace {

template <class T>
constexpr bool is_unknown = std::is_same_v<T, UnknownEvent>;

using ReadFunction = Result<Event> (*)(Json&, codec::Reader&);

template <class T>
Result<Event> read_known(Json& json, codec::Reader& reader) {
    T event;
    if (reader.value(json, event)) return Event(std::move(event));
    return fail(Code::corrupt, std::string(codec::Shape<T>::name) + ": " + reader.error());
}

Result<Event> read_unknown(Json& json, codec::Reader& reader) {
    UnknownEvent event;
    Json fields = Json::object();
    for (auto& [name, value] : json.items()) {
        JsonValue field;
        if (!reader.value(value, field)) return fail(Code::corrupt, reader.error());
        if (name == "type") {
            event.type = field->get<std::string>();
        } else {
            fields[name] = *field;
        }
    }
    event.fields = std::move(fields);
    return Event(std::move(event));
}

template <std::size_t... I>
ReadFunction reader_of(std::string_view type, std::index_sequence<I...>) {
    ReadFunction found = read_unknown;
    const auto matches = [&]<class T>(std::type_identity<T>) {
        if constexpr (!is_unknown<T>) {
            if (codec::Shape<T>::name == type) found = read_known<T>;
        }
    };
    (matches(std::type_identity<std::variant_alternative_t<I, Event>>()), ...);
    return found;
}

}  // namespace

std::string_view event_type(const Event& event) {
    return std::visit(
        []<class T>(const T& known) -> std::string_view {
            if constexpr (is_unknown<T>) {
                return known.type;
            } else {
                return codec::Shape<T>::name;
            }
        },
        event);
}

void codec::write_event(Writer& writer, std::string& out, const Event& event) {
    out += '{';
    writer.key("type");
    writer.value(event_type(event));
    std::visit(
        [&]<class T>(const T& known) {
            if constexpr (!is_unknown<T>) {
                writer.members(known, false);
            } else if (known.fields->is_object()) {
                for (const auto& [name, value] : known.fields->items()) {
                    if (name == "type") continue;
                    out += ',';
                    writer.key(name);
                    writer.value(value);
                }
            }
        },
        event);
    out += '}';
}

Result<Event> codec::read_event(Json& json, Reader& reader) {
    const Json& type = member(json, "type");
    if (!type.is_string()) return fail(Code::corrupt, "the event has no type");
    constexpr auto kinds = std::make_index_sequence<std::variant_size_v<Event>>();
    return reader_of(type.get_ref<const std::string&>(), kinds)(json, reader);
}

Json event_to_json(const Event& event) {
    std::string text;
    codec::Writer writer(text);
    codec::write_event(writer, text, event);
    return parse_json(text).value_or(Json());
}

Result<Event> event_from_json(const Json& json) {
    Json copy = json;
    codec::Reader reader;
    return codec::read_event(copy, reader);
}

}  // namespace thole
