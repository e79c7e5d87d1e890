// One request on its way: sets up libcurl's easy handle, gathers the answer or hands its body to
// the sink, watches for silence, and puts failures into words. Lives in the frame of
// CurlHttp::send. Loop thread only. Inside this folder only; says nothing of the URL's path or
// query in an error, since a key may be in it.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "async/poll.hpp"
#include "async/signal.hpp"
#include "http/curl_library.hpp"
#include "http/http.hpp"

namespace thole::http {

class Transfer {
public:
    // `request` and `on_body` outlive it.
    Transfer(async::Loop& loop, const CurlApi& api, const Request& request,
             const BodySink& on_body);
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    // Error{invalid_argument}: a URL or a header that cannot be sent.
    Result<void> prepare();
    CURL* easy() const { return easy_; }

    // Starts the watch for silence and waits for the end; stopped at a stop.
    async::Task<async::Wake> wait();
    void finish(CURLcode code);

    // After wait() was done.
    Result<Response> take();

private:
    static std::size_t on_header(char* text, std::size_t, std::size_t size, void* self);
    static std::size_t on_chunk(char* text, std::size_t, std::size_t size, void* self);

    template <class V>
    void set(CURLoption option, V value) {
        api_.easy_setopt(easy_, option, value);
    }
    void set_method();
    void set_limits();
    void set_callbacks();
    Result<void> set_headers();
    void append_header(const std::string& line);
    void take_header(std::string_view line);
    bool take_chunk(std::string_view chunk);
    void look_for_silence();
    curl_off_t uploaded() const;
    Error failure() const;

    const CurlApi& api_;
    const Request& request_;
    const BodySink& on_body_;
    CURL* easy_;
    curl_slist* headers_ = nullptr;
    std::array<char, CURL_ERROR_SIZE> reason_{};
    Response response_;
    std::uint64_t received_ = 0;  // bytes of body
    std::optional<CURLcode> ended_;
    bool is_over_limit_ = false;
    std::chrono::steady_clock::time_point last_byte_;
    curl_off_t last_uploaded_ = 0;
    async::Signal changed_;
    async::Timer silence_;
};

}  // namespace thole::http
