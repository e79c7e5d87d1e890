#include "journal/line.hpp"

#include "base/crc32c.hpp"
#include "base/text.hpp"
#include "journal/event_codec.hpp"

namespace thole::codec {

namespace {

constexpr std::string_view seal_start = R"(,"crc":")";
constexpr std::string_view seal_end = R"("})";
constexpr std::size_t seal_size = seal_start.size() + 8 + seal_end.size();
// Above this a line is written again with nearly all of its texts in blobs.
constexpr std::size_t comfortable_line = 1 << 20;
constexpr std::size_t small_limit = 1024;

Written write_envelope(std::string& out, const Envelope& envelope, Writer writer) {
    const std::size_t from = out.size();
    out += R"({"schema_version":1,"id":)";
    out += std::to_string(envelope.id);
    out += R"(,"ts":")";
    out += rfc3339(envelope.time);
    out += R"(","event":)";
    write_event(writer, out, envelope.event);
    seal(out, from);
    return {!writer.is_lossy(), writer.has_hidden()};
}

bool has_only_known_members(const Json& line) {
    const auto is_known = [](const std::string& name) {
        return name == "schema_version" || name == "id" || name == "ts" || name == "event";
    };
    for (const auto& item : line.items()) {
        if (!is_known(item.key())) return false;
    }
    return true;
}

Result<void> check_members(const Json& line, bool is_sealed) {
    if (!line.is_object()) return fail(Code::corrupt, "the line is not a JSON object");
    const Json& version = member(line, "schema_version");
    if (!version.is_null() && version != 1) {
        return fail(Code::corrupt, "schema_version is " + dump_json(version) + ", not 1");
    }
    if (!is_sealed && !has_only_known_members(line)) {
        return fail(Code::corrupt, "unknown members, and no checksum at the end of the line");
    }
    if (!member(line, "id").is_number_unsigned() || member(line, "id") == 0) {
        return fail(Code::corrupt, "the id is not a whole number from 1");
    }
    if (!member(line, "event").is_object()) return fail(Code::corrupt, "there is no event");
    return {};
}

// Only years that a TimePoint can hold.
Result<TimePoint> parse_time(const std::string& text) {
    if (text >= "1970" && text < "2262") return parse_rfc3339(text);
    return fail(Code::corrupt, "not a time from 1970 to 2261");
}

}  // namespace

Written write_line(std::string& out, const Envelope& envelope, const StoreBlob* store,
                   const Secrets* secrets) {
    const std::size_t from = out.size();
    const auto write = [&](Writer writer) {
        if (secrets) writer.hide(*secrets);
        return write_envelope(out, envelope, writer);
    };
    if (!store) return write(Writer(out));
    const Written written = write(Writer(out, *store, inline_limit));
    if (out.size() - from <= comfortable_line) return written;
    out.resize(from);
    return write(Writer(out, *store, small_limit));
}

Result<Envelope> read_line(std::string_view line, const LoadBlob* load, bool* checked) {
    auto sealed = check_seal(line);
    if (!sealed) return sealed.error();
    if (checked) *checked = *sealed;
    if (nests_too_deeply(line)) return fail(Code::corrupt, "the event is nested too deeply");
    auto json = parse_json(line);
    if (!json) return json.error();
    if (auto fine = check_members(*json, *sealed); !fine) return fine.error();
    const auto time = parse_time(text_member(*json, "ts"));
    if (!time) return fail(Code::corrupt, "ts: " + one_line(time.error().message, 120));
    Reader reader = load ? Reader(*load) : Reader();
    auto event = read_event((*json)["event"], reader);
    if (!event) return event.error();
    const auto millis = std::chrono::floor<std::chrono::milliseconds>(*time);
    return Envelope{member(*json, "id").get<std::uint64_t>(), millis, std::move(*event)};
}

void seal(std::string& text, std::size_t from) {
    const std::uint32_t crc = crc32c(std::string_view(text).substr(from));
    text += seal_start;
    text += crc32c_hex(crc);
    text += seal_end;
}

Result<bool> check_seal(std::string_view text) {
    if (text.size() < seal_size) return false;
    const auto tail = text.substr(text.size() - seal_size);
    if (!tail.starts_with(seal_start) || !tail.ends_with(seal_end)) return false;
    const auto written = tail.substr(seal_start.size(), 8);
    const auto right = crc32c_hex(crc32c(text.substr(0, text.size() - seal_size)));
    if (written == right) return true;
    return fail(Code::corrupt, "the checksum is " + right + ", not " + std::string(written));
}

}  // namespace thole::codec
