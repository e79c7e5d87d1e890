#include "journal/subscribers.hpp"

namespace thole {

void Subscribers::remove(Subscriber& subscriber) {
    for (Watcher& watcher : watchers_) {
        if (watcher.subscriber == &subscriber) watcher.subscriber = nullptr;
    }
    if (!is_showing_) {
        std::erase_if(watchers_, [](const Watcher& watcher) { return !watcher.subscriber; });
    }
}

void Subscribers::show(Envelope envelope) {
    Shown shown{++shown_, std::move(envelope)};
    if (is_showing_) return waiting_.push_back(std::move(shown));
    is_showing_ = true;
    deliver(shown);
    while (!waiting_.empty()) {
        shown = std::move(waiting_.front());
        waiting_.pop_front();
        deliver(shown);
    }
    is_showing_ = false;
    std::erase_if(watchers_, [](const Watcher& watcher) { return !watcher.subscriber; });
}

void Subscribers::deliver(const Shown& shown) {
    // By index: a subscriber may subscribe others meanwhile.
    for (std::size_t i = 0; i < watchers_.size(); ++i) {
        const Watcher watcher = watchers_[i];
        if (!watcher.subscriber || shown.number <= watcher.since) continue;
        if (shown.envelope.id == 0) {
            watcher.subscriber->on_delta(shown.envelope.event);
        } else {
            watcher.subscriber->on_event(shown.envelope);
        }
    }
}

}  // namespace thole
