// The supervisor's half of a confined program (confine.hpp): takes the system calls that its filter
// does not let through, answers each (attempt.hpp) and has what was refused told, each thing once,
// the first 20 by name. Lives in the supervisor as long as that; one thread. Nothing here waits for
// the program: one that dies in the middle of a call is forgotten.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/attempt.hpp"
#include "async/descriptor.hpp"

namespace thole::async {

inline constexpr std::size_t refusals_by_name = 20;

class Warden {
public:
    // `handover` gives the listener, by hand_over() at its other end. `told`: see Refusal.
    Warden(Descriptor handover, Judge judge, std::function<void(const std::string&, int)> told);
    ~Warden();
    Warden(const Warden&) = delete;
    Warden& operator=(const Warden&) = delete;

    // To be polled for reading; -1: nobody can ask (any more).
    int fd() const { return is_listening_ ? listener_.fd() : handover_.fd(); }
    // Does some of what there is to do, without waiting: when there is something to read, when the
    // other end has gone, and while more is left.
    void attend();
    bool has_more() const { return !taken_.empty(); }
    // Tells how many were refused that have not been told by name.
    void tell_rest();

private:
    class Exchange;
    void take_over();
    void take();
    void answer(Exchange& exchange);
    void note(const std::string& what);

    Descriptor handover_, listener_;
    bool is_listening_ = false;
    Judge judge_;
    std::function<void(const std::string&, int)> told_;
    std::deque<std::unique_ptr<Exchange>> taken_;
    std::vector<std::string> named_;
    int rest_ = 0;
};

// The child's half. False: nobody is there to take it.
bool hand_over(int handover, int listener);

}  // namespace thole::async
