#include "tools/files.hpp"

#include "async/worker.hpp"
#include "workspace/files.hpp"

namespace thole {

namespace {

constexpr std::size_t max_file = 50U << 20U;

}  // namespace

async::Task<Result<std::string>> DiskFiles::read(std::string path) {
    auto work = [path = std::move(path)](std::stop_token) { return read_file(path, max_file); };
    Result<std::string> content = co_await async::on_worker(loop_, std::move(work));
    co_return content;
}

async::Task<Result<void>> DiskFiles::write(std::string path, std::string content) {
    auto work = [path = std::move(path), content = std::move(content)](std::stop_token) {
        WriteOptions options;
        options.make_directories = true;
        return write_file_atomically(path, content, options);
    };
    Result<void> written = co_await async::on_worker(loop_, std::move(work));
    co_return written;
}

}  // namespace thole
