// What the user has looked at and trusts of a workspace's own settings, by the hash of each file,
// in <state>/trust.json (0600). A file that changed is not trusted any more. Blocking, small files.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace thole {

struct TrustedFile {
    std::string path;     // relative to the workspace
    std::string content;  // as it is now
    std::string fault;    // why it cannot be read; "" when it can
};

// What was trusted of one workspace, as trust.json had it at one moment.
class TrustedHashes {
public:
    bool holds(const TrustedFile& file) const;

private:
    friend class Trust;
    std::map<std::string, std::string> hashes_;  // by path
};

class Trust {
public:
    explicit Trust(std::string state_directory)
        : file_(std::move(state_directory) + "/trust.json") {}

    // For several questions at once.
    TrustedHashes of(const std::string& workspace) const;
    const std::string& file() const { return file_; }
    // Whether this content was trusted. A trust.json that cannot be read trusts nothing.
    bool holds(const std::string& workspace, const TrustedFile& file) const;
    // Trusts these files of the workspace as they are, and no others. Errors: denied, io, corrupt
    // (the file is no trust.json: names it).
    Result<void> set(const std::string& workspace, const std::vector<TrustedFile>& files);

private:
    std::string file_;
};

}  // namespace thole
