#include "async/warden.hpp"

#include <poll.h>
#include <seccomp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace thole::async {

namespace {

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

// One attempt and its answer, in the sizes that this kernel has.
class Exchange {
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

bool is_readable(int fd) {
    pollfd there{fd, POLLIN, 0};
    return ::poll(&there, 1, 0) == 1 && (there.revents & POLLIN) != 0;
}

}  // namespace

Warden::Warden(Descriptor handover, Judge judge, std::function<void(const std::string&, int)> told)
    : handover_(std::move(handover)), judge_(judge), told_(std::move(told)) {}

void Warden::attend() {
    if (is_listening_) {
        answer();
    } else {
        take_over();
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
}

// Receiving waits only when nothing is there; what was there a moment ago and is gone is an error.
// An answer to a program that is gone is one, too.
void Warden::answer() {
    Exchange exchange;
    bool is_there = exchange.attempt && is_readable(listener_.fd());
    if (!is_there || ::seccomp_notify_receive(listener_.fd(), exchange.attempt) != 0) {
        if (!is_there) listener_.reset();
        return;
    }
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
