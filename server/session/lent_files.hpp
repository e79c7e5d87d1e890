// The files of a session: the disk, or those of the editor that has lent its own. Calls that are
// under way keep the files that they began with.
#pragma once
#include "tools/files.hpp"

namespace thole {

class LentFiles final : public Files {
public:
    explicit LentFiles(async::Loop& loop) : disk_(loop) {}
    void lend(Files* files) { lent_ = files; }

    async::Task<Result<std::string>> read(std::string path) override {
        return current().read(std::move(path));
    }
    async::Task<Result<void>> write(std::string path, std::string content) override {
        return current().write(std::move(path), std::move(content));
    }
    Checkers* checkers() override { return current().checkers(); }

private:
    Files& current() {
        if (lent_) return *lent_;
        return disk_;
    }
    DiskFiles disk_;
    Files* lent_ = nullptr;
};

}  // namespace thole
