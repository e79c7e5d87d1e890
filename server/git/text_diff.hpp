// One changed file as text: counted lines, a part of a unified diff, a three-way merge of it.
// Internal to git/. Pure but for the reading of objects.
#pragma once
#include <string>

#include "git/objects.hpp"

namespace thole::git {

constexpr std::size_t largest_text = 4 << 20;

struct FileTexts {
    std::string before, after;
    bool is_binary = false;  // then both are empty
};
Result<FileTexts> read_texts(Objects& objects, const TreeChange& change);

// "diff --git …" with all that belongs to one file.
std::string diff_of(const TreeChange& change, const FileTexts& texts);

struct MergedText {
    bool is_clean = false;
    std::string text;  // with conflict markers where it is not clean
};
// Of a base and two texts that began as it, the names being shown in the markers.
struct ThreeTexts {
    std::string base, ours, theirs, path;
};
Result<MergedText> merge_texts(const ThreeTexts& texts);

// The conflicts alone: from marker to marker with a few lines round them, at most `most_bytes`.
std::string conflicts_in(const std::string& merged, std::size_t most_bytes);

}  // namespace thole::git
