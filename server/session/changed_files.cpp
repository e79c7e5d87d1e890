#include "session/changed_files.hpp"

#include <algorithm>
#include <map>

#include "journal/log_reader.hpp"
#include "workspace/files.hpp"

namespace thole {

namespace {

constexpr std::size_t longest_file = 16U << 20U;

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;  // with their ends
    while (!text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return lines;
}

// What a line with "[redacted …]" in it was; "" when there is more than one that it may have been.
using Originals = std::map<std::string, std::string, std::less<>>;

// Nothing is found where secrets go over several lines: then the lines do not correspond.
Originals originals_of(std::string_view text, const Secrets& secrets) {
    Originals originals;
    const std::string redacted = secrets.redact(text);
    const std::vector<std::string_view> shown = lines_of(redacted), real = lines_of(text);
    if (shown.size() != real.size()) return originals;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        if (!has_redaction(shown[i])) continue;
        const auto [found, is_new] = originals.try_emplace(std::string(shown[i]), real[i]);
        if (!is_new && found->second != real[i]) found->second.clear();
    }
    return originals;
}

// False: a line could not be found.
bool restore(std::string& text, const Originals& originals) {
    if (!has_redaction(text)) return true;
    std::string restored;
    bool is_whole = true;
    for (std::string_view line : lines_of(text)) {
        const auto found = has_redaction(line) ? originals.find(line) : originals.end();
        const bool is_found = found != originals.end() && !found->second.empty();
        is_whole = is_whole && (is_found || !has_redaction(line));
        restored += is_found ? std::string_view(found->second) : line;
    }
    text = std::move(restored);
    return is_whole;
}

bool holds_redaction(const ChangedFile& file) {
    return (file.baseline && has_redaction(*file.baseline)) ||
           (file.latest && has_redaction(*file.latest));
}

FileToReview completed(ChangedFile file, const Secrets& secrets) {
    if (!holds_redaction(file)) return {std::move(file), false};
    const Result<std::string> on_disk = read_file(file.path, longest_file);
    return with_secrets(std::move(file), on_disk ? std::string_view(*on_disk) : "", secrets);
}

}  // namespace

FileToReview with_secrets(ChangedFile file, std::string_view on_disk, const Secrets& secrets) {
    const Originals originals = originals_of(on_disk, secrets);
    const bool has_baseline = !file.baseline || restore(*file.baseline, originals);
    const bool has_latest = !file.latest || restore(*file.latest, originals);
    return {std::move(file), !has_baseline || !has_latest};
}

Result<std::vector<FileToReview>> files_to_review(const SessionFiles& files,
                                                  const std::vector<UnreviewedFile>& unreviewed,
                                                  const Secrets& secrets) {
    std::vector<FileToReview> found;
    if (unreviewed.empty()) return found;
    const auto first = std::min_element(
        unreviewed.begin(), unreviewed.end(),
        [](const UnreviewedFile& a, const UnreviewedFile& b) { return a.from_id < b.from_id; });
    const std::uint64_t before = first->from_id == 0 ? 0 : first->from_id - 1;
    Result<LogRange> range = range_after(files.log(), before);
    if (!range) return range.error();
    Changes changes;
    const auto sink = [&](const Envelope& envelope, std::string_view) {
        changes.take(envelope);
        return true;
    };
    Result<LogRead> read = read_log(files.log(), files.blobs(), *range, sink);
    if (!read) return read.error();
    for (ChangedFile& file : changes.files()) {
        if (file.is_known) found.push_back(completed(std::move(file), secrets));
    }
    return found;
}

}  // namespace thole
