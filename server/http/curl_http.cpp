#include "http/curl_http.hpp"

#include <optional>
#include <utility>

#include "http/curl_library.hpp"
#include "http/curl_multi.hpp"
#include "http/transfer.hpp"

namespace thole::http {

struct CurlHttp::Impl {
    explicit Impl(async::Loop& in_loop) : loop(in_loop), library(in_loop) {}

    CurlMulti& multi_of(const CurlApi& api) {
        if (!multi) multi.emplace(loop, api);
        return *multi;
    }

    async::Loop& loop;
    CurlLibrary library;
    std::optional<CurlMulti> multi;
};

CurlHttp::CurlHttp(async::Loop& loop) : impl_(std::make_unique<Impl>(loop)) {}
CurlHttp::~CurlHttp() = default;

void CurlHttp::warm_up() {
    impl_->library.begin();
}

async::Task<Result<Response>> CurlHttp::send(Request request, BodySink on_body) {
    Result<const CurlApi*> api = co_await impl_->library.api();
    if (!api) co_return api.error();
    CurlMulti& multi = impl_->multi_of(**api);
    Transfer transfer(impl_->loop, **api, request, on_body);
    Result<void> prepared = transfer.prepare();
    if (!prepared) co_return prepared.error();
    multi.add(transfer);
    async::Wake wake = co_await transfer.wait();
    multi.remove(transfer);
    if (wake == async::Wake::stopped) co_return cancelled();
    co_return transfer.take();
}

}  // namespace thole::http
