#include "tools/file_change.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "async/worker.hpp"
#include "base/json.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "tools/facts.hpp"
#include "tools/seen_files.hpp"
#include "workspace/diff.hpp"
#include "workspace/edits.hpp"
#include "workspace/files.hpp"

namespace thole {

namespace {

constexpr std::size_t whole_diff = 1U << 20U;
constexpr std::size_t longest_excerpt = 256U << 10U;
constexpr std::size_t lines_around = 3;
constexpr std::size_t max_shown_lines = 120;

struct Change {
    CurrentFile file;
    std::string new_text;
};

bool is_directory(const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

async::Task<Result<CurrentFile>> current_file(ToolContext& context, std::string path) {
    auto look = [path](std::stop_token) { return is_directory(path); };
    const bool directory = co_await async::on_worker(context.loop, std::move(look));
    const std::string shown = context.roots.shown(path);
    if (directory) co_return fail(Code::invalid_argument, "'" + shown + "' is a directory");
    CurrentFile file;
    file.path = path;
    file.seen_version = context.seen.version(path);
    Result<std::string> content = co_await context.files.read(path);
    if (!content && content.error().code != Code::not_found) co_return content.error();
    if (!content) co_return std::move(file);
    if (looks_binary(*content)) {
        co_return fail(Code::invalid_argument,
                       "'" + shown + "' is a binary file, which this tool does not change");
    }
    file.exists = true;
    file.content = std::move(*content);
    co_return std::move(file);
}

async::Task<Result<Change>> work_out(ToolContext& context, std::string path,
                                     const NewContent& new_content) {
    Result<CurrentFile> file = co_await current_file(context, path);
    if (!file) co_return file.error();
    Result<std::string> text = new_content(*file);
    if (!text) co_return text.error();
    if (file->exists && *text == file->content) {
        co_return fail(Code::invalid_argument, "this would change nothing: the file '" +
                                                   context.roots.shown(path) +
                                                   "' already has that content");
    }
    co_return Change{std::move(*file), std::move(*text)};
}

std::string version_of(const CurrentFile& file) {
    return file.exists ? sha256_hex(file.content) : std::string();
}

// The changed lines of both texts.
struct Region {
    LineChange lines;
    std::vector<std::string_view> old_lines, new_lines;
};

Region changed_region(std::string_view old_text, std::string_view new_text) {
    Region region{{}, split_lines(old_text), split_lines(new_text)};
    const auto& before = region.old_lines;
    const auto& after = region.new_lines;
    const std::size_t shorter = std::min(before.size(), after.size());
    std::size_t head = 0;
    while (head < shorter && before[head] == after[head]) ++head;
    std::size_t tail = 0;
    while (tail < shorter - head &&
           before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) {
        ++tail;
    }
    region.lines = {head, before.size() - tail, head, after.size() - tail};
    return region;
}

// Lines [begin, end) with some around them, each with its line end.
std::string excerpt(const std::vector<std::string_view>& lines, std::size_t begin,
                    std::size_t end) {
    std::string text;
    const std::size_t last = std::min(end + lines_around, lines.size());
    for (std::size_t i = begin - std::min(begin, lines_around); i < last; ++i) {
        text += lines[i];
        text += '\n';
    }
    return head_and_tail(text, longest_excerpt).text;
}

void append_numbered(std::string& out, std::size_t number, std::string_view line) {
    std::string digits = std::to_string(number);
    if (digits.size() < 6) digits.insert(0, 6 - digits.size(), ' ');
    out += digits + "\t" + std::string(clip_utf8(line, 500)) + "\n";
}

// The changed places of the new text, with line numbers.
std::string changed_lines(std::string_view old_text, std::string_view new_text) {
    const std::vector<std::string_view> lines = split_lines(new_text);
    std::string out;
    std::size_t next = 0, shown = 0;
    for (const LineChange& change : line_changes(old_text, new_text)) {
        const std::size_t begin =
            std::max(next, change.new_begin - std::min(change.new_begin, lines_around));
        const std::size_t end = std::min(change.new_end + lines_around, lines.size());
        if (begin > next && next > 0) out += "   ...\n";
        for (next = begin; next < end; ++next) {
            if (++shown > max_shown_lines) return out + "   ... [more changed lines follow]\n";
            append_numbered(out, next + 1, lines[next]);
        }
    }
    return to_valid_utf8(out);
}

Location first_change(const Change& change) {
    const std::size_t line = first_changed_line(change.file.content, change.new_text);
    return Location{change.file.path, static_cast<std::int64_t>(line)};
}

std::string stale(const std::string& shown) {
    return "'" + shown +
           "' has changed since this call was shown; nothing was written. Read it "
           "again and repeat the change";
}

ToolOutcome changed_outcome(ToolContext& context, const Change& change, bool shown_before) {
    const std::string shown = context.roots.shown(change.file.path);
    std::string text;
    if (!change.file.exists) {
        text =
            "Created " + shown + " (" + std::to_string(count_lines(change.new_text)) + " lines).";
    } else {
        const DiffStat stat = diff_stat(change.file.content, change.new_text);
        text = "Changed " + shown + " (+" + std::to_string(stat.added) + " -" +
               std::to_string(stat.removed) + "). It now reads:\n" +
               changed_lines(change.file.content, change.new_text);
    }
    const bool was_stale = change.file.exists && !change.file.seen_version.empty() &&
                           change.file.seen_version != version_of(change.file);
    ToolOutcome outcome = long_outcome(
        context.host, std::move(text),
        was_stale ? "Note: the file had changed in other places since you read it." : "");
    if (!shown_before) {
        outcome.diffs.push_back(shown_diff(change.file.path, !change.file.exists,
                                           change.file.content, change.new_text));
        outcome.locations.push_back(first_change(change));
    }
    return outcome;
}

// What the model knows after the change: the whole file, if it knew the whole file before.
void record_seen(ToolContext& context, const Change& change, const std::string& new_version) {
    const bool knew_all =
        !change.file.exists || change.file.seen_version == version_of(change.file);
    if (knew_all) context.seen.record(change.file.path, new_version);
}

}  // namespace

FileDiff shown_diff(const std::string& path, bool created, std::string_view old_text,
                    std::string_view new_text) {
    FileDiff diff;
    diff.path = path;
    diff.created = created;
    if (old_text.size() < whole_diff && new_text.size() < whole_diff) {
        diff.old_text = old_text;
        diff.new_text = new_text;
        return diff;
    }
    diff.partial = true;
    const Region region = changed_region(old_text, new_text);
    diff.old_text = excerpt(region.old_lines, region.lines.old_begin, region.lines.old_end);
    diff.new_text = excerpt(region.new_lines, region.lines.new_begin, region.lines.new_end);
    return diff;
}

async::Task<Result<Prepared>> prepare_change(ToolContext& context, std::string given_path,
                                             std::string verb, NewContent new_content) {
    Result<std::string> path = context.roots.resolve(given_path);
    if (!path) co_return path.error();
    Prepared prepared;
    prepared.paths.push_back(*path);
    prepared.title = title_of(verb + " " + context.roots.shown(*path));
    if (!context.roots.contains(*path)) {
        prepared.locations.push_back(Location{*path, 0});
        co_return std::move(prepared);
    }
    std::string known_path = *path;
    Result<Change> change = co_await work_out(context, std::move(known_path), new_content);
    if (!change) co_return change.error();
    prepared.diffs.push_back(
        shown_diff(*path, !change->file.exists, change->file.content, change->new_text));
    prepared.locations.push_back(first_change(*change));
    prepared.old_content_sha256 = version_of(change->file);
    prepared.new_content_sha256 = sha256_hex(change->new_text);
    co_return std::move(prepared);
}

async::Task<ToolOutcome> make_change(ToolContext& context, const Prepared& prepared,
                                     NewContent new_content) {
    const std::string path = prepared.paths.front();
    const std::string shown = context.roots.shown(path);
    const bool shown_before = !prepared.diffs.empty();
    std::string moved = moved_away(context.roots, path);
    if (!moved.empty()) co_return failed_outcome(std::move(moved));
    std::string known_path = path;
    Result<Change> change = co_await work_out(context, std::move(known_path), new_content);
    if (!change) co_return failed_outcome(change.error().message);
    const std::string new_version = sha256_hex(change->new_text);
    const bool is_as_shown = prepared.old_content_sha256 == version_of(change->file) &&
                             prepared.new_content_sha256 == new_version;
    if (shown_before && !is_as_shown) co_return failed_outcome(stale(shown));
    std::stop_token stop = co_await async::current_stop();
    if (stop.stop_requested()) co_return failed_outcome("cancelled; nothing was written");
    std::string content = change->new_text;
    Result<void> written = co_await context.files.write(path, std::move(content));
    if (!written) co_return failed_outcome(written.error().message);
    record_seen(context, *change, new_version);
    co_return changed_outcome(context, *change, shown_before);
}

}  // namespace thole
