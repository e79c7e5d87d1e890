#include "git/text_diff.hpp"

#include <cstdio>

#include "base/text.hpp"
#include "git/library.hpp"
#include "workspace/diff.hpp"

namespace thole::git {
namespace {

// As git decides it.
bool is_binary(std::string_view bytes) {
    return bytes.substr(0, 8000).find('\0') != std::string_view::npos;
}

// False when it is too large or binary.
Result<bool> read_text(Objects& objects, const TreeEntry& entry, std::string& text) {
    if (!entry.exists()) return true;
    if (entry.is_submodule()) {
        text = "Subproject commit " + entry.id + "\n";
        return true;
    }
    Result<std::uint64_t> size = objects.size_of(entry.id);
    if (!size) return size.error();
    if (*size > largest_text) return false;
    Result<std::string> bytes = objects.bytes_of(entry.id);
    if (!bytes) return bytes.error();
    text = std::move(*bytes);
    return !is_binary(text);
}

std::string octal(std::uint32_t mode) {
    char text[16];
    std::snprintf(text, sizeof text, "%06o", mode);
    return text;
}

std::string header_of(const TreeChange& change) {
    const std::string& old_path = change.old_path.empty() ? change.path : change.old_path;
    std::string text = "diff --git a/" + old_path + " b/" + change.path + "\n";
    const TreeEntry &before = change.before, &after = change.after;
    if (!before.exists()) return text + "new file mode " + octal(after.mode) + "\n";
    if (!after.exists()) return text + "deleted file mode " + octal(before.mode) + "\n";
    if (before.mode != after.mode) {
        text += "old mode " + octal(before.mode) + "\nnew mode " + octal(after.mode) + "\n";
    }
    if (!change.old_path.empty()) {
        text += "rename from " + change.old_path + "\nrename to " + change.path + "\n";
    }
    return text;
}

git_merge_file_input input_of(const std::string& text, const std::string& path) {
    git_merge_file_input input;
    git_merge_file_input_init(&input, GIT_MERGE_FILE_INPUT_VERSION);
    input.ptr = text.data();
    input.size = text.size();
    input.path = path.c_str();
    return input;
}

}  // namespace

Result<FileTexts> read_texts(Objects& objects, const TreeChange& change) {
    FileTexts texts;
    Result<bool> before = read_text(objects, change.before, texts.before);
    if (!before) return before.error();
    Result<bool> after = read_text(objects, change.after, texts.after);
    if (!after) return after.error();
    if (!*before || !*after) return FileTexts{{}, {}, true};
    return texts;
}

std::string diff_of(const TreeChange& change, const FileTexts& texts) {
    std::string text = header_of(change);
    std::string old_name = change.old_path.empty() ? change.path : change.old_path;
    std::string names[2] = {change.before.exists() ? "a/" + old_name : "/dev/null",
                            change.after.exists() ? "b/" + change.path : "/dev/null"};
    if (change.before.id == change.after.id) return text;
    if (texts.is_binary) {
        return text + "Binary files " + names[0] + " and " + names[1] + " differ\n";
    }
    std::string hunks = unified_diff(texts.before, texts.after, change.path);
    std::size_t at = hunks.find("\n@@");
    if (at == hunks.npos) return text;
    return text + "--- " + names[0] + "\n+++ " + names[1] + hunks.substr(at);
}

Result<MergedText> merge_texts(const ThreeTexts& texts) {
    Library library;
    git_merge_file_input base = input_of(texts.base, texts.path);
    git_merge_file_input ours = input_of(texts.ours, texts.path);
    git_merge_file_input theirs = input_of(texts.theirs, texts.path);
    git_merge_file_options options;
    git_merge_file_options_init(&options, GIT_MERGE_FILE_OPTIONS_VERSION);
    options.our_label = "yours";
    options.their_label = "from the sub-agent";
    options.flags = GIT_MERGE_FILE_STYLE_MERGE;
    git_merge_file_result merged = {};
    if (git_merge_file(&merged, &base, &ours, &theirs, &options) != 0) {
        return library_error("merge '" + texts.path + "'");
    }
    MergedText result{merged.automergeable != 0, std::string(merged.ptr, merged.len)};
    git_merge_file_result_free(&merged);
    return result;
}

std::string conflicts_in(const std::string& merged, std::size_t most_bytes) {
    constexpr std::size_t around = 3;
    std::vector<std::string_view> lines = split_lines(merged);
    std::vector<bool> shown(lines.size());
    bool is_inside = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        bool is_end = lines[i].starts_with(">>>>>>> ");
        is_inside |= lines[i].starts_with("<<<<<<< ");
        if (!is_inside) continue;
        std::size_t first = i > around ? i - around : 0;
        std::size_t last = std::min(i + around + 1, lines.size());
        for (std::size_t near = first; near < last; ++near) shown[near] = true;
        if (is_end) is_inside = false;
    }
    std::string text;
    for (std::size_t i = 0; i < lines.size() && text.size() < most_bytes; ++i) {
        if (!shown[i]) continue;
        if (i == 0 || !shown[i - 1]) text += "@@ line " + std::to_string(i + 1) + " @@\n";
        text.append(lines[i]) += '\n';
    }
    return std::string(clip_utf8(text, most_bytes));
}

}  // namespace thole::git
