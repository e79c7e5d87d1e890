#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "async/worker.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/facts.hpp"
#include "tools/standard.hpp"
#include "workspace/files.hpp"
#include "workspace/ignore.hpp"

namespace thole {

namespace {

constexpr std::string_view properties = R"json({
  "path": {"type": "string", "description": "the working directory when left out"}
})json";

constexpr std::size_t max_entries = 1000;

struct Listing {
    std::vector<std::string> lines;    // sorted
    std::vector<std::string> ignored;  // names, sorted
};

std::string line_of(const std::filesystem::directory_entry& entry, const std::string& name) {
    std::error_code error;
    if (entry.is_symlink(error)) {
        return name + " -> " + std::filesystem::read_symlink(entry.path(), error).string();
    }
    if (entry.is_directory(error)) return name + "/";
    if (!entry.is_regular_file(error)) return name + " (neither a file nor a directory)";
    const std::uintmax_t size = entry.file_size(error);
    return error ? name : name + " " + std::to_string(size);
}

// Blocking.
Result<Listing> list(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return system_error(errno, "list", path);
    if (!S_ISDIR(found.st_mode)) {
        return fail(Code::invalid_argument, "'" + path + "' is not a directory; use read_file");
    }
    std::error_code error;
    std::filesystem::directory_iterator entries(path, error);
    if (error) return system_error(error.value(), "list", path);
    const IgnoreRules rules = IgnoreRules::for_walk_at(path);
    Listing listing;
    for (; entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        std::error_code ignored_error;
        const std::string name = to_valid_utf8(entries->path().filename().string());
        const bool directory =
            entries->is_directory(ignored_error) && !entries->is_symlink(ignored_error);
        const bool left_out = name == ".git" || rules.ignores(entries->path().string(), directory);
        if (left_out) {
            listing.ignored.push_back(directory ? name + "/" : name);
        } else {
            listing.lines.push_back(line_of(*entries, name));
        }
    }
    if (error) return system_error(error.value(), "list", path);
    std::sort(listing.lines.begin(), listing.lines.end());
    std::sort(listing.ignored.begin(), listing.ignored.end());
    return listing;
}

std::string ignored_note(const std::vector<std::string>& names) {
    if (names.empty()) return {};
    std::string note = "[" + std::to_string(names.size()) + " ignored left out: ";
    for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 10); ++i) {
        note += (i == 0 ? "" : ", ") + names[i];
    }
    return note + (names.size() > 10 ? ", …]" : "]");
}

std::string text_of(const Listing& listing) {
    if (listing.lines.empty()) return "[no entries]\n";
    std::string text;
    const std::size_t shown = std::min(listing.lines.size(), max_entries);
    for (std::size_t i = 0; i < shown; ++i) text += listing.lines[i] + "\n";
    if (shown < listing.lines.size()) {
        text += "[" + std::to_string(listing.lines.size() - shown) +
                " more entries; narrow it down with glob]\n";
    }
    return text;
}

class ListDirectory final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext& context, JsonValue input) override {
        Fields fields(*input, "list_directory");
        fields.only({"path"});
        const std::string given = fields.text_or("path", ".");
        if (Result<void> read = fields.finish(); !read) co_return read.error();
        Result<std::string> path = context.roots.resolve(given);
        if (!path) co_return path.error();
        Prepared prepared;
        prepared.title = title_of("List " + context.roots.shown(*path));
        prepared.locations.push_back(Location{*path, 0});
        prepared.paths.push_back(*path);
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        const std::string path = prepared.paths.front();
        std::string moved = moved_away(context.roots, path);
        if (!moved.empty()) co_return failed_outcome(std::move(moved));
        auto work = [path](std::stop_token) { return list(path); };
        Result<Listing> listing = co_await async::on_worker(context.loop, std::move(work));
        if (!listing) co_return failed_outcome(listing.error().message);
        const std::string note = ignored_note(listing->ignored);
        co_return long_outcome(context.host, text_of(*listing), note);
    }

private:
    ToolFacts facts_ = tool_facts("list_directory", Effect::read, "read", properties, {});
};

}  // namespace

std::unique_ptr<Tool> list_directory_tool() {
    return std::make_unique<ListDirectory>();
}

}  // namespace thole
