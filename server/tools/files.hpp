// How tools read and write text files: through the editor, when it offers that, so that unsaved
// buffers are seen and respected; else on the disk. Paths are absolute and already resolved and
// confined by Roots.
#pragma once
#include <string>

#include "async/loop.hpp"
#include "async/task.hpp"
#include "base/result.hpp"

namespace thole {

class Checkers;  // tools/checkers.hpp

class Files {
public:
    virtual ~Files() = default;
    // The whole file as bytes; the caller decides whether it is text. Errors: not_found, denied,
    // too_large, io.
    virtual async::Task<Result<std::string>> read(std::string path) = 0;
    // Creates or replaces the file and its missing folders; keeps the mode of an existing one.
    // Errors: denied, io.
    virtual async::Task<Result<void>> write(std::string path, std::string content) = 0;
    // Who checks these files while they are edited; null: nobody.
    virtual Checkers* checkers() { return nullptr; }
};

class DiskFiles final : public Files {
public:
    explicit DiskFiles(async::Loop& loop) : loop_(loop) {}
    async::Task<Result<std::string>> read(std::string path) override;
    async::Task<Result<void>> write(std::string path, std::string content) override;

private:
    async::Loop& loop_;
};

}  // namespace thole
