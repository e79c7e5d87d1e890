// libcurl, loaded when it is first needed: linked, its forty shared objects would cost every start.
// The types are those of its header; the functions come from libcurl.so.4. Owned by CurlHttp.
// Loop thread, except for the loading itself. Inside this folder only.
#pragma once
#include <curl/curl.h>

#include <memory>
#include <optional>
#include <thread>

#include "async/loop.hpp"
#include "async/signal.hpp"
#include "base/result.hpp"

namespace thole::http {

struct CurlApi {
    decltype(&::curl_global_init) global_init = nullptr;
    decltype(&::curl_global_cleanup) global_cleanup = nullptr;
    decltype(&::curl_easy_init) easy_init = nullptr;
    decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
    decltype(&::curl_easy_setopt) easy_setopt = nullptr;
    decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
    decltype(&::curl_easy_strerror) easy_strerror = nullptr;
    decltype(&::curl_multi_init) multi_init = nullptr;
    decltype(&::curl_multi_cleanup) multi_cleanup = nullptr;
    decltype(&::curl_multi_setopt) multi_setopt = nullptr;
    decltype(&::curl_multi_add_handle) multi_add_handle = nullptr;
    decltype(&::curl_multi_remove_handle) multi_remove_handle = nullptr;
    decltype(&::curl_multi_socket_action) multi_socket_action = nullptr;
    decltype(&::curl_multi_info_read) multi_info_read = nullptr;
    decltype(&::curl_slist_append) slist_append = nullptr;
    decltype(&::curl_slist_free_all) slist_free_all = nullptr;
};

// Loads and initialises; blocks for some 20 ms. Any thread. Error{configuration} when `file` is not
// there or is not libcurl.
Result<CurlApi> load_curl(const char* file);

class CurlLibrary {
public:
    explicit CurlLibrary(async::Loop& loop, const char* file = "libcurl.so.4");
    ~CurlLibrary();
    CurlLibrary(const CurlLibrary&) = delete;
    CurlLibrary& operator=(const CurlLibrary&) = delete;

    // Starts to load on a thread, unless that has been done.
    void begin();

    // The functions, once loaded; or why they cannot be, or Error{cancelled} at a stop.
    async::Task<Result<const CurlApi*>> api();

private:
    // What the thread's last post may still hold when the library object is gone.
    struct Loading {
        explicit Loading(async::Loop& loop) : waiting(loop) {}
        std::optional<Result<CurlApi>> outcome;
        async::Line waiting;
    };
    async::Loop& loop_;
    const char* file_;
    std::shared_ptr<Loading> loading_;
    std::thread thread_;
};

}  // namespace thole::http
