// Http by libcurl's multi interface on the loop: connections are reused, HTTP/2 where offered, the
// usual proxy variables honoured (and CURL_CA_BUNDLE, SSL_CERT_FILE as by the curl program).
// libcurl.so.4 is loaded at the first request or by warm_up(), never at start-up. Made in main, one
// a process; outlives its requests. Loop thread only.
#pragma once
#include <memory>

#include "async/loop.hpp"
#include "http/http.hpp"

namespace thole::http {

class CurlHttp final : public Http {
public:
    explicit CurlHttp(async::Loop& loop);
    ~CurlHttp() override;
    CurlHttp(const CurlHttp&) = delete;
    CurlHttp& operator=(const CurlHttp&) = delete;

    // Loads and initialises libcurl on a thread.
    void warm_up() override;

    // As in Http; Error{configuration} when libcurl.so.4 is not installed.
    async::Task<Result<Response>> send(Request request, BodySink on_body) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace thole::http
