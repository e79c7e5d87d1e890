// The files of a session that wait for a review, with their texts: read out of its log, and
// secrets, which the log does not hold, out of the files themselves.
#pragma once
#include <vector>

#include "journal/changes.hpp"
#include "journal/journal.hpp"

namespace thole {

struct FileToReview {
    ChangedFile file{};
    // A secret stands in a text that is nowhere any more: "[redacted …]" is in its place. Nobody
    // may write such a text into a file.
    bool is_redacted = false;
    bool operator==(const FileToReview&) const = default;
};

// By path; without files whose texts the log does not hold. Blocking; any thread. Errors:
// not_found, denied, io.
Result<std::vector<FileToReview>> files_to_review(const SessionFiles& files,
                                                  const std::vector<UnreviewedFile>& unreviewed,
                                                  const Secrets& secrets);

// The texts of `file` with the secrets that `on_disk` still has in the same lines.
FileToReview with_secrets(ChangedFile file, std::string_view on_disk, const Secrets& secrets);

}  // namespace thole
