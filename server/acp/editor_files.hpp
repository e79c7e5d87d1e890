// The text files of a session through the editor: reads see unsaved buffers, writes go through
// them; and what the editor's checkers say about them. Outside the session's roots, for binary
// files, and when the editor does not answer a read, it is the disk. A failed write is a failure
// and is not tried on the disk. Owned by the view of the session; loop thread.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "rpc/connection.hpp"
#include "tools/checkers.hpp"
#include "tools/files.hpp"

namespace thole::acp {

class EditorFiles final : public Files, private Checkers {
public:
    // What the editor can be asked for.
    struct Offers {
        bool files = true;
        bool problems = false;
    };
    // `roots`: cwd and additional directories, absolute.
    EditorFiles(async::Loop& loop, rpc::Connection& connection, std::string session_id,
                const std::vector<std::string>& roots, Offers offers);

    async::Task<Result<std::string>> read(std::string path) override;
    async::Task<Result<void>> write(std::string path, std::string content) override;
    Checkers* checkers() override { return offers_.problems ? this : nullptr; }

    static constexpr std::chrono::seconds read_timeout{15};
    static constexpr std::chrono::seconds write_timeout{30};
    static constexpr std::chrono::seconds problems_timeout{5};

private:
    async::Task<Result<std::vector<Problem>>> problems(std::string path) override;
    bool is_inside(const std::string& path) const;
    async::Task<Result<void>> make_parent(const std::string& path);

    async::Loop& loop_;
    rpc::Connection& connection_;
    std::string session_id_;
    std::vector<std::string> roots_;
    Offers offers_;
    DiskFiles disk_;
};

}  // namespace thole::acp
