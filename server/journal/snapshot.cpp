#include "journal/snapshot.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "journal/files.hpp"
#include "journal/line.hpp"
#include "journal/state_codec.hpp"

namespace thole {

template <>
struct codec::Shape<Damage> {
    using T = Damage;
    static constexpr std::tuple fields{
        Field{"bad_lines", &T::bad_lines}, Field{"bad_bytes", &T::bad_bytes},
        Field{"bad_blobs", &T::bad_blobs}, Field{"first_missing", &T::first_missing},
        Field{"first_error", &T::first_error}};
};

namespace {

// How far before an offset its line is looked for; lines are shorter, but for rare ones.
constexpr std::int64_t usual_start = 8 << 10, furthest_start = 2 << 20;

std::string snapshot_text(const Folded& folded, const Secrets& secrets) {
    std::string text = R"({"schema_version":1)";
    codec::Writer writer(text);
    writer.hide(secrets);
    writer.members(folded.state, false);
    text += R"(,"log_offset":)" + std::to_string(folded.end);
    if (!folded.damage.is_whole()) {
        text += R"(,"log_damage":)";
        writer.value(folded.damage);
    }
    codec::seal(text, 0);
    text += '\n';
    return text;
}

std::optional<Folded> parse_snapshot(std::string_view text) {
    if (!text.ends_with('\n')) return {};
    text.remove_suffix(1);
    auto sealed = codec::check_seal(text);
    if (!sealed || !*sealed) return {};
    auto json = parse_json(text);
    if (!json || member(*json, "schema_version") != 1) return {};
    Folded folded;
    codec::Reader reader;
    Json& tree = *json;
    const bool has_offset = tree.contains("log_offset");
    if (!has_offset || !reader.value(tree["log_offset"], folded.end)) return {};
    if (tree.contains("log_damage") && !reader.value(tree["log_damage"], folded.damage)) return {};
    auto state = state_from_json(tree);
    if (!state) return {};
    folded.state = std::move(*state);
    return folded;
}

// The line of the log that ends, newline included, at `offset`.
std::optional<std::string> line_before(const std::string& log, std::int64_t offset) {
    auto file = open_own_file(log, O_RDONLY);
    if (!file || offset < 2) return {};
    for (std::int64_t reach = usual_start; reach <= furthest_start; reach *= 16) {
        const std::int64_t size = std::min(offset, reach);
        std::string text(static_cast<std::size_t>(size), '\0');
        const ssize_t got = ::pread(file->fd(), text.data(), text.size(), offset - size);
        if (got != static_cast<ssize_t>(size) || text.back() != '\n') return {};
        text.pop_back();
        const std::size_t newline = text.rfind('\n');
        if (newline != std::string::npos) return text.substr(newline + 1);
        if (size == offset) return text;
    }
    return {};
}

// Whether the log still holds, up to the snapshot's offset, what the snapshot was made from.
bool agrees(const Folded& snapshot, const std::string& log) {
    const auto line = line_before(log, snapshot.end);
    if (!line) return false;
    const auto envelope = decode_line(*line);
    return envelope && envelope->id == snapshot.state.last_event_id;
}

void add(Damage& sum, const Damage& more) {
    sum.bad_lines += more.bad_lines;
    sum.bad_bytes += more.bad_bytes;
    sum.bad_blobs += more.bad_blobs;
    sum.torn_bytes += more.torn_bytes;
    if (sum.first_missing == 0) sum.first_missing = more.first_missing;
    if (sum.first_error.empty()) sum.first_error = more.first_error;
}

}  // namespace

Result<void> write_snapshot(const SessionFiles& files, const Folded& folded,
                            const Secrets& secrets) {
    return replace_file(files.snapshot(), snapshot_text(folded, secrets), Durable::yes);
}

Result<Folded> fold_files(const SessionFiles& files) {
    Folded folded;
    LogRange range;
    const auto text = read_whole(files.snapshot());
    auto snapshot = text ? parse_snapshot(*text) : std::nullopt;
    if (snapshot && agrees(*snapshot, files.log())) {
        folded = std::move(*snapshot);
        range = {folded.state.last_event_id, folded.end};
    }
    const auto sink = [&](const Envelope& envelope, std::string_view) {
        apply(folded.state, envelope);
        return true;
    };
    auto read = read_log(files.log(), files.blobs(), range, sink);
    if (!read) return read.error();
    add(folded.damage, read->damage);
    folded.end = read->end;
    if (folded.state.id.empty()) folded.state.id = files.id;
    return folded;
}

}  // namespace thole
