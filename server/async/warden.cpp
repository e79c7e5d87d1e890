#include "async/warden.hpp"

#include <poll.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace thole::async {

// One attempt and its answer, in the sizes that this kernel has.
class Warden::Exchange {
public:
    Exchange() {
        if (::seccomp_notify_alloc(&attempt, &answer) != 0) attempt = nullptr;
    }
    ~Exchange() { ::seccomp_notify_free(attempt, answer); }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    seccomp_notif* attempt = nullptr;
    seccomp_notif_resp* answer = nullptr;
};

namespace {

constexpr std::size_t most_taken = 256;
constexpr int answers_at_once = 64;
constexpr unsigned long synchronous = 1;  // SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP

// Room for one descriptor beside a message of one byte.
struct Parcel {
    Parcel() {
        message.msg_iov = &content;
        message.msg_iovlen = 1;
        message.msg_control = space;
        message.msg_controllen = sizeof space;
    }

    char byte = 0;
    iovec content{&byte, 1};
    alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
};

// The poll events of a descriptor at this moment.
short state_of(int fd) {
    pollfd there{fd, POLLIN, 0};
    return ::poll(&there, 1, 0) == 1 ? there.revents : static_cast<short>(0);
}

}  // namespace

Warden::Warden(Descriptor handover, Judge judge, std::function<void(const std::string&, int)> told)
    : handover_(std::move(handover)), judge_(judge), told_(std::move(told)) {}

Warden::~Warden() = default;

// A call that has been taken is not interrupted by signals any more, so none waits for the answers
// of others to be taken.
void Warden::attend() {
    if (!is_listening_) return take_over();
    take();
    for (int i = 0; i < answers_at_once && !taken_.empty(); ++i) {
        answer(*taken_.front());
        taken_.pop_front();
        take();
    }
}

void Warden::take_over() {
    Parcel parcel;
    ssize_t count = ::recvmsg(handover_.fd(), &parcel.message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    const cmsghdr* head = count > 0 ? CMSG_FIRSTHDR(&parcel.message) : nullptr;
    handover_.reset();
    if (!head || head->cmsg_type != SCM_RIGHTS) return;
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(head), sizeof fd);
    listener_.reset(fd);
    is_listening_ = listener_.is_open();
    // A program that asks is followed by its Warden on the same processor. Since Linux 6.6.
    ::ioctl(fd, _IOW('!', 4, std::uint64_t), synchronous);
}

// Receiving waits only when nothing is there; what was there a moment ago and is gone is an error.
void Warden::take() {
    while (taken_.size() < most_taken) {
        short state = state_of(listener_.fd());
        if ((state & POLLIN) == 0) {
            if (state != 0) listener_.reset();
            return;
        }
        auto exchange = std::make_unique<Exchange>();
        if (!exchange->attempt) return listener_.reset();
        if (::seccomp_notify_receive(listener_.fd(), exchange->attempt) != 0) return;
        taken_.push_back(std::move(exchange));
    }
}

// An answer to a program that is gone is an error.
void Warden::answer(Exchange& exchange) {
    Answer answer = judge_.judge(*exchange.attempt);
    bool is_alive = ::seccomp_notify_id_valid(listener_.fd(), exchange.attempt->id) == 0;
    if (is_alive && !answer.told.empty()) note(answer.told);
    exchange.answer->id = exchange.attempt->id;
    exchange.answer->val = 0;
    exchange.answer->error = -answer.error;
    exchange.answer->flags = answer.error == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
    (void)::seccomp_notify_respond(listener_.fd(), exchange.answer);
}

void Warden::note(const std::string& what) {
    if (std::find(named_.begin(), named_.end(), what) != named_.end()) return;
    if (named_.size() == refusals_by_name) {
        ++rest_;
        return;
    }
    named_.push_back(what);
    told_(what, 1);
}

void Warden::tell_rest() {
    if (rest_ > 0) told_("", std::exchange(rest_, 0));
}

bool hand_over(int handover, int listener) {
    Parcel parcel;
    cmsghdr* head = CMSG_FIRSTHDR(&parcel.message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof listener);
    std::memcpy(CMSG_DATA(head), &listener, sizeof listener);
    return ::sendmsg(handover, &parcel.message, MSG_NOSIGNAL) == 1;
}

}  // namespace thole::async
