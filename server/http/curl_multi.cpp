#include "http/curl_multi.hpp"

#include <cassert>

#include "http/transfer.hpp"

namespace thole::http {

namespace {

unsigned wanted_events(int what) {
    unsigned events = 0;
    if ((what & CURL_POLL_IN) != 0) events |= async::Poller::readable;
    if ((what & CURL_POLL_OUT) != 0) events |= async::Poller::writable;
    return events;
}

int seen_events(unsigned events) {
    int seen = 0;
    if ((events & async::Poller::readable) != 0) seen |= CURL_CSELECT_IN;
    if ((events & async::Poller::writable) != 0) seen |= CURL_CSELECT_OUT;
    if ((events & async::Poller::broken) != 0) seen |= CURL_CSELECT_ERR;
    return seen;
}

}  // namespace

CurlMulti::CurlMulti(async::Loop& loop, const CurlApi& api)
    : loop_(loop),
      api_(api),
      multi_(api.multi_init()),
      timer_(loop, [this] { act(CURL_SOCKET_TIMEOUT, 0); }) {
    api_.multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
    api_.multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    api_.multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer);
    api_.multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    api_.multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 8L);
}

CurlMulti::~CurlMulti() {
    api_.multi_cleanup(multi_);
}

void CurlMulti::add(Transfer& transfer) {
    assert(!is_acting_ && "a request must not be started inside a sink");
    api_.multi_add_handle(multi_, transfer.easy());
}

void CurlMulti::remove(Transfer& transfer) {
    assert(!is_acting_ && "a request must not be ended inside a sink");
    api_.multi_remove_handle(multi_, transfer.easy());
}

// NOLINTNEXTLINE(readability-function-size): the parameters are libcurl's
int CurlMulti::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
    static_cast<CurlMulti*>(self)->watch(socket, what);
    return 0;
}

int CurlMulti::on_timer(CURLM*, long milliseconds, void* self) {
    async::Timer& timer = static_cast<CurlMulti*>(self)->timer_;
    if (milliseconds < 0) {
        timer.stop();
    } else {
        timer.start(std::chrono::milliseconds(milliseconds));
    }
    return 0;
}

void CurlMulti::watch(curl_socket_t socket, int what) {
    if (what == CURL_POLL_REMOVE) {
        pollers_.erase(socket);
        return;
    }
    auto& poller = pollers_[socket];
    if (!poller) {
        poller = async::Poller::open(
            loop_, socket, [this, socket](unsigned events) { act(socket, seen_events(events)); });
    }
    assert(poller && "a socket can be polled");
    poller->watch(wanted_events(what));
}

void CurlMulti::act(curl_socket_t socket, int events) {
    int running = 0;
    is_acting_ = true;
    api_.multi_socket_action(multi_, socket, events, &running);
    is_acting_ = false;
    int left = 0;
    while (CURLMsg* message = api_.multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        char* transfer = nullptr;
        api_.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        reinterpret_cast<Transfer*>(transfer)->finish(message->data.result);
    }
}

}  // namespace thole::http
