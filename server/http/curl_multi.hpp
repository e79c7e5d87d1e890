// libcurl's multi handle, driven by the loop: it says which sockets and which delay it waits for,
// and is told when they come. Keeps the connections for reuse. Owned by CurlHttp; outlives the
// transfers in it. Loop thread only. Inside this folder only.
#pragma once
#include <functional>
#include <memory>
#include <unordered_map>

#include "async/poll.hpp"
#include "http/curl_library.hpp"

namespace thole::http {

class Transfer;

class CurlMulti {
public:
    CurlMulti(async::Loop& loop, const CurlApi& api);
    ~CurlMulti();
    CurlMulti(const CurlMulti&) = delete;
    CurlMulti& operator=(const CurlMulti&) = delete;

    // Begins; the transfer hears of its end by finish(), never inside add(). Not to be called while
    // libcurl calls a sink.
    void add(Transfer& transfer);

    // Ends it, in the middle too: then its connection is closed.
    void remove(Transfer& transfer);

private:
    static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
    static int on_timer(CURLM*, long milliseconds, void* self);
    void watch(curl_socket_t socket, int what);
    void act(curl_socket_t socket, int events);

    async::Loop& loop_;
    const CurlApi& api_;
    CURLM* multi_;
    bool is_acting_ = false;
    async::Timer timer_;
    std::unordered_map<curl_socket_t, std::unique_ptr<async::Poller>> pollers_;
};

}  // namespace thole::http
