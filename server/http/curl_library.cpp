#include "http/curl_library.hpp"

#include <dlfcn.h>

#include <string>
#include <utility>

namespace thole::http {

namespace {

Error not_usable(const char* file, const std::string& why) {
    return fail(Code::configuration, std::string("cannot load ") + file +
                                         ", which is needed to talk to models: " + why +
                                         "; install libcurl (Debian: apt install libcurl4)");
}

// Fills in functions one by one and remembers the first that is missing.
class Symbols {
public:
    explicit Symbols(void* library) : library_(library) {}

    template <class F>
    void find(const char* name, F*& function) {
        function = reinterpret_cast<F*>(::dlsym(library_, name));
        if (!function && !missing_) missing_ = name;
    }
    const char* missing() const { return missing_; }

private:
    void* library_;
    const char* missing_ = nullptr;
};

}  // namespace

// The library stays loaded: it and those below it keep exit handlers and thread-local state.
Result<CurlApi> load_curl(const char* file) {
    void* library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!library) return not_usable(file, ::dlerror());
    CurlApi api;
    Symbols symbols(library);
    symbols.find("curl_global_init", api.global_init);
    symbols.find("curl_global_cleanup", api.global_cleanup);
    symbols.find("curl_easy_init", api.easy_init);
    symbols.find("curl_easy_cleanup", api.easy_cleanup);
    symbols.find("curl_easy_setopt", api.easy_setopt);
    symbols.find("curl_easy_getinfo", api.easy_getinfo);
    symbols.find("curl_easy_strerror", api.easy_strerror);
    symbols.find("curl_multi_init", api.multi_init);
    symbols.find("curl_multi_cleanup", api.multi_cleanup);
    symbols.find("curl_multi_setopt", api.multi_setopt);
    symbols.find("curl_multi_add_handle", api.multi_add_handle);
    symbols.find("curl_multi_remove_handle", api.multi_remove_handle);
    symbols.find("curl_multi_socket_action", api.multi_socket_action);
    symbols.find("curl_multi_info_read", api.multi_info_read);
    symbols.find("curl_slist_append", api.slist_append);
    symbols.find("curl_slist_free_all", api.slist_free_all);
    if (symbols.missing()) return not_usable(file, std::string("it lacks ") + symbols.missing());
    if (api.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return not_usable(file, "it cannot be initialised");
    }
    return api;
}

CurlLibrary::CurlLibrary(async::Loop& loop, const char* file) : loop_(loop), file_(file) {}

CurlLibrary::~CurlLibrary() {
    if (thread_.joinable()) thread_.join();
    if (loading_ && loading_->outcome && *loading_->outcome) {
        (*loading_->outcome)->global_cleanup();
    }
}

void CurlLibrary::begin() {
    if (loading_) return;
    loading_ = std::make_shared<Loading>(loop_);
    thread_ = std::thread([&loop = loop_, file = file_, loading = loading_]() mutable {
        loop.post_from_thread([loading = std::move(loading), loaded = load_curl(file)] {
            loading->outcome = loaded;
            loading->waiting.wake_all();
        });
    });
}

async::Task<Result<const CurlApi*>> CurlLibrary::api() {
    begin();
    std::stop_token stop = co_await async::current_stop();
    while (!loading_->outcome && !stop.stop_requested()) {
        co_await loading_->waiting.wait();
    }
    if (!loading_->outcome) co_return cancelled();
    Result<CurlApi>& outcome = *loading_->outcome;
    if (!outcome) co_return outcome.error();
    const CurlApi* api = &*outcome;
    co_return api;
}

}  // namespace thole::http
