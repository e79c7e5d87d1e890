#include "workspace/stock.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <iterator>

#include "workspace/walk.hpp"

namespace thole {

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t nanoseconds(const timespec& time) {
    return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

class StockTaker final : public FileVisitor {
public:
    explicit StockTaker(const StockLimits& limits)
        : limits_(limits), end_(Clock::now() + limits.time), shelves_(walk_workers()) {}

    bool visit(const WalkedFile& file) override {
        const std::size_t number = ++count_;
        if (number > limits_.files) return false;
        constexpr std::size_t between_looks = 256;  // at the clock
        if (number % between_looks == 0 && Clock::now() > end_) is_late_ = true;
        if (is_late_) return false;
        struct stat facts {};
        bool is_there =
            ::fstatat(file.directory, file.name.data(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
        if (!is_there) return true;
        shelves_[file.worker].push_back({std::string(file.path), facts.st_ino, facts.st_size,
                                         nanoseconds(facts.st_mtim), nanoseconds(facts.st_ctim)});
        return true;
    }
    void unreadable(const std::string&, int) override {}

    Result<Stock> take() {
        if (count_ > limits_.files) {
            return fail(Code::limit,
                        "there are more than " + std::to_string(limits_.files) + " files");
        }
        if (is_late_) {
            return fail(Code::limit, "looking at the files takes longer than " +
                                         std::to_string(limits_.time.count()) + " ms");
        }
        Stock stock;
        for (Stock& shelf : shelves_) {
            stock.insert(stock.end(), std::make_move_iterator(shelf.begin()),
                         std::make_move_iterator(shelf.end()));
        }
        std::sort(stock.begin(), stock.end());
        auto is_same = [](const FileStamp& a, const FileStamp& b) { return a.path == b.path; };
        stock.erase(std::unique(stock.begin(), stock.end(), is_same), stock.end());
        return stock;
    }

private:
    const StockLimits& limits_;
    Clock::time_point end_;
    std::atomic<std::size_t> count_ = 0;
    std::atomic<bool> is_late_ = false;
    std::vector<Stock> shelves_;
};

}  // namespace

Result<Stock> take_stock(const std::vector<std::string>& directories, const StockLimits& limits,
                         std::stop_token stop) {
    StockTaker taker(limits);
    for (const std::string& directory : directories) walk_tree(directory, false, taker, stop);
    if (stop.stop_requested()) return cancelled();
    return taker.take();
}

std::vector<std::string> changed_files(const Stock& before, const Stock& after) {
    Stock changed;
    std::set_symmetric_difference(before.begin(), before.end(), after.begin(), after.end(),
                                  std::back_inserter(changed));
    std::vector<std::string> paths;
    for (FileStamp& stamp : changed) {
        if (paths.empty() || paths.back() != stamp.path) paths.push_back(std::move(stamp.path));
    }
    return paths;
}

}  // namespace thole
