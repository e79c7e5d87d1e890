#include "agent/change_watch.hpp"

#include <algorithm>

#include "async/worker.hpp"

namespace thole {

async::Task<std::optional<Stock>> ChangeWatch::before() {
    if (conversation_.state().plan_status != "approved" || has_given_up_) co_return std::nullopt;
    Result<Stock> stock = co_await look(true);
    if (!stock) {
        give_up(stock.error());
        co_return std::nullopt;
    }
    co_return std::move(*stock);
}

async::Task<std::vector<std::string>> ChangeWatch::since(Stock before) {
    constexpr std::size_t most_told = 1000;
    Result<Stock> after = co_await look(false);
    if (!after) {
        give_up(after.error());
        co_return std::vector<std::string>();
    }
    std::vector<std::string> files = changed_files(before, *after);
    std::string logs = conversation_.log_directory();
    std::erase_if(files, [&](const std::string& file) { return is_below(file, logs); });
    files.resize(std::min(files.size(), most_told));
    co_return files;
}

async::Task<Result<Stock>> ChangeWatch::look(bool stops) {
    auto work = [directories = roots_.directories(), limits = limits_,
                 stops](std::stop_token stop) {
        return take_stock(directories, limits, stops ? stop : std::stop_token());
    };
    Result<Stock> stock = co_await async::on_worker(loop_, std::move(work));
    co_return stock;
}

void ChangeWatch::give_up(const Error& error) {
    if (error.code == Code::cancelled) return;
    has_given_up_ = true;
    conversation_.emit(ErrorReported{
        "plan_drift",
        "what commands change is not compared with the plan in this session: " + error.message,
        {},
        true});
}

}  // namespace thole
