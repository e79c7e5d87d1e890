#include "async/signals.hpp"

#include "async/channel.hpp"
#include "async/uv_handle.hpp"

namespace thole::async {

struct Signals::Impl {
    explicit Impl(Loop& loop) : arrived(loop) {}
    Channel<int> arrived;
    std::vector<UvHandle<uv_signal_t>> handles;
};

Signals::Signals(Loop& loop, const std::vector<int>& numbers)
    : impl_(std::make_unique<Impl>(loop)) {
    for (int number : numbers) {
        auto* handle = new uv_signal_t{};
        uv_signal_init(loop.raw(), handle);
        handle->data = impl_.get();
        impl_->handles.emplace_back(handle);
        uv_signal_start(
            handle,
            [](uv_signal_t* from, int arrived) {
                static_cast<Impl*>(from->data)->arrived.push(arrived);
            },
            number);
    }
}

Signals::~Signals() = default;

Task<std::optional<int>> Signals::next() {
    return impl_->arrived.receive();
}

}  // namespace thole::async
