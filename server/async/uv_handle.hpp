// Ownership of libuv handles inside this folder: the loop may touch a handle until its close
// callback, so the deleter closes first and frees there. Loop thread only.
#pragma once
#include <uv.h>

#include <memory>

namespace thole::async {

template <class H>
struct CloseUv {
    void operator()(H* handle) const {
        uv_close(reinterpret_cast<uv_handle_t*>(handle),
                 [](uv_handle_t* closed) { delete reinterpret_cast<H*>(closed); });
    }
};
template <class H>
using UvHandle = std::unique_ptr<H, CloseUv<H>>;

}  // namespace thole::async
