#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "async/worker.hpp"
#include "base/json.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "tools/facts.hpp"
#include "tools/seen_files.hpp"
#include "tools/standard.hpp"
#include "workspace/files.hpp"

namespace thole {

namespace {

constexpr std::string_view properties = R"json({
  "path": {"type": "string", "description": "absolute, or relative to the working directory"},
  "offset": {"type": "integer", "minimum": 1, "description": "first line, from 1"},
  "limit": {"type": "integer", "minimum": 1, "description": "number of lines, 2000 by default"}
})json";

constexpr std::size_t max_line = 2000;
constexpr std::size_t max_shown = 29'500;
constexpr std::size_t max_image = 5U << 20U;
constexpr std::size_t probe_size = 8192;

struct ReadInput {
    std::string path;
    std::size_t offset = 1;
    std::size_t limit = 2000;
    bool is_part = false;
};

Result<ReadInput> read_input(const Json& input) {
    Fields fields(input, "read_file");
    fields.only({"path", "offset", "limit"});
    ReadInput wanted;
    wanted.path = fields.text("path");
    wanted.is_part = fields.has("offset") || fields.has("limit");
    wanted.offset = static_cast<std::size_t>(fields.optional_integer("offset", 1).value_or(1));
    wanted.limit = static_cast<std::size_t>(fields.optional_integer("limit", 1).value_or(2000));
    if (Result<void> read = fields.finish(); !read) return read.error();
    return wanted;
}

// What lies at a path on the disk.
struct Probe {
    enum class Kind { absent, text, binary, image, directory, special };
    Kind kind = Kind::absent;
    std::string image_type, image;
};

// The first bytes of a regular file; "" when it cannot be opened.
std::string first_bytes(const std::string& path) {
    std::string bytes(probe_size, '\0');
    std::FILE* file = std::fopen(path.c_str(), "rbe");
    if (file == nullptr) return {};
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
    std::fclose(file);
    return bytes;
}

// Errors: too_large for an image, and what reading it gives.
Result<Probe> probe(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return Probe{};
    if (S_ISDIR(found.st_mode)) return Probe{Probe::Kind::directory, {}, {}};
    if (!S_ISREG(found.st_mode)) return Probe{Probe::Kind::special, {}, {}};
    const std::string start = first_bytes(path);
    if (const std::optional<std::string> type = image_mime_type(start)) {
        Result<std::string> image = read_file(path, max_image);
        if (!image) return image.error();
        return Probe{Probe::Kind::image, *type, std::move(*image)};
    }
    return Probe{looks_binary(start) ? Probe::Kind::binary : Probe::Kind::text, {}, {}};
}

std::string lines_of(const ReadInput& wanted) {
    if (!wanted.is_part) return {};
    return " (lines " + std::to_string(wanted.offset) + "-" +
           std::to_string(wanted.offset + wanted.limit - 1) + ")";
}

std::string numbered(std::size_t number, std::string_view line) {
    std::string digits = std::to_string(number);
    if (digits.size() < 6) digits.insert(0, 6 - digits.size(), ' ');
    std::string text = digits + "\t" + std::string(clip_utf8(line, max_line));
    if (line.size() > max_line) {
        text += "… [line clipped, it has " + std::to_string(line.size()) + " bytes]";
    }
    return text + "\n";
}

ToolOutcome shown_text(const std::string& content, const ReadInput& wanted) {
    ToolOutcome outcome;
    const std::string valid = to_valid_utf8(content);
    const std::vector<std::string_view> lines = split_lines(valid);
    if (lines.empty()) {
        outcome.output = "[the file is empty]";
        return outcome;
    }
    if (wanted.offset > lines.size()) {
        return failed_outcome("the file has " + std::to_string(lines.size()) + " lines; offset " +
                              std::to_string(wanted.offset) + " is beyond its end");
    }
    std::size_t next = wanted.offset - 1;
    const std::size_t left = lines.size() - next;
    const std::size_t end = next + std::min(left, wanted.limit);
    while (next < end) {
        const std::string line = numbered(next + 1, lines[next]);
        if (outcome.output.size() + line.size() > max_shown) break;
        outcome.output += line;
        ++next;
    }
    if (next < lines.size()) {
        outcome.output += "[lines " + std::to_string(wanted.offset) + "-" + std::to_string(next) +
                          " of " + std::to_string(lines.size()) + "; go on with offset " +
                          std::to_string(next + 1) + "]";
    }
    return outcome;
}

ToolOutcome shown_image(const Probe& image, const std::string& shown_path) {
    ToolOutcome outcome;
    outcome.output = "[" + shown_path + ": " + image.image_type + ", " +
                     std::to_string(image.image.size()) + " bytes]";
    Json block = {
        {"type", "image"}, {"mimeType", image.image_type}, {"data", base64_encode(image.image)}};
    outcome.content = JsonValue(Json::array({std::move(block)}));
    return outcome;
}

// Null for what is to be read as text.
std::string refusal(const Probe& probe, const std::string& shown_path) {
    switch (probe.kind) {
        case Probe::Kind::directory:
            return "'" + shown_path + "' is a directory; use list_directory";
        case Probe::Kind::special:
            return "'" + shown_path + "' is neither a file nor a directory and cannot be read";
        case Probe::Kind::binary:
            return "'" + shown_path +
                   "' is a binary file; look at it with bash (file, xxd, strings) if you must";
        default:
            return {};
    }
}

class ReadFile final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext& context, JsonValue input) override {
        Result<ReadInput> wanted = read_input(*input);
        if (!wanted) co_return wanted.error();
        Result<std::string> path = context.roots.resolve(wanted->path);
        if (!path) co_return path.error();
        Prepared prepared;
        prepared.title = title_of("Read " + context.roots.shown(*path) + lines_of(*wanted));
        const auto line = wanted->is_part ? static_cast<std::int64_t>(wanted->offset) : 0;
        prepared.locations.push_back(Location{*path, line});
        prepared.paths.push_back(*path);
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<ReadInput> wanted = read_input(*prepared.input);
        if (!wanted) co_return failed_outcome(wanted.error().message);
        const std::string path = prepared.paths.front();
        const std::string shown = context.roots.shown(path);
        std::string moved = moved_away(context.roots, path);
        if (!moved.empty()) co_return failed_outcome(std::move(moved));
        auto work = [path](std::stop_token) { return probe(path); };
        Result<Probe> found = co_await async::on_worker(context.loop, std::move(work));
        if (!found) co_return failed_outcome(found.error().message);
        if (found->kind == Probe::Kind::image) co_return shown_image(*found, shown);
        std::string refused = refusal(*found, shown);
        if (!refused.empty()) co_return failed_outcome(std::move(refused));
        Result<std::string> content = co_await context.files.read(path);
        if (!content) co_return failed_outcome(content.error().message);
        context.seen.record(path, sha256_hex(*content));
        co_return shown_text(*content, *wanted);
    }

private:
    ToolFacts facts_ = tool_facts("read_file", Effect::read, "read", properties, {"path"});
};

}  // namespace

std::unique_ptr<Tool> read_file_tool() {
    return std::make_unique<ReadFile>();
}

}  // namespace thole
