#include <sys/stat.h>

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

ToolOutcome shown_image(const std::string& type, const std::string& image,
                        const std::string& shown_path) {
    if (image.size() > max_image) {
        return failed_outcome("the image '" + shown_path + "' has " + std::to_string(image.size()) +
                              " bytes, the limit is " + std::to_string(max_image) +
                              "; make a smaller copy of it with bash");
    }
    ToolOutcome outcome;
    outcome.output =
        "[" + shown_path + ": " + type + ", " + std::to_string(image.size()) + " bytes]";
    Json block = {{"type", "image"}, {"mimeType", type}, {"data", base64_encode(image)}};
    outcome.content = JsonValue(Json::array({std::move(block)}));
    return outcome;
}

// What to tell of a path that could not be read. Blocking.
std::string refusal(const std::string& path, const std::string& shown_path, const Error& why) {
    if (why.code == Code::too_large) {
        return why.message + "; look at parts of it with grep, or with bash (sed -n, head, tail)";
    }
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0 || S_ISREG(found.st_mode)) return why.message;
    if (S_ISDIR(found.st_mode)) {
        return "'" + shown_path + "' is a directory; use list_directory";
    }
    return "'" + shown_path + "' is neither a file nor a directory and cannot be read";
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
        Result<std::string> content = co_await context.files.read(path);
        if (!content) {
            auto work = [path, shown, why = content.error()](std::stop_token) {
                return refusal(path, shown, why);
            };
            std::string refused = co_await async::on_worker(context.loop, std::move(work));
            co_return failed_outcome(std::move(refused));
        }
        if (std::optional<std::string> type = image_mime_type(*content)) {
            co_return shown_image(*type, *content, shown);
        }
        if (looks_binary(*content)) {
            co_return failed_outcome(
                "'" + shown +
                "' is a binary file; look at it with bash (file, xxd, strings) if you must");
        }
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
