// libgit2: started by the first who needs it, owned objects, its error as ours. Internal to git/,
// as is every type of libgit2. Any thread; a handle belongs to one.
#pragma once
#include <git2.h>

#include <string>
#include <utility>

#include "base/result.hpp"

namespace thole::git {

// libgit2 counts these; making one costs nothing worth counting after the first.
class Library {
public:
    Library();
    ~Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
};

template <class T, void (*release)(T*)>
class Handle {
public:
    Handle() = default;
    ~Handle() { reset(); }
    Handle(Handle&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    Handle& operator=(Handle&& other) noexcept {
        if (this != &other) {
            reset();
            held_ = std::exchange(other.held_, nullptr);
        }
        return *this;
    }

    // For a function that gives an object through a pointer.
    T** out() {
        reset();
        return &held_;
    }
    T* raw() const { return held_; }

private:
    void reset() {
        if (held_) release(std::exchange(held_, nullptr));
    }
    T* held_ = nullptr;
};

// "cannot <did>: <what libgit2 says of the last failure on this thread>".
Error library_error(const std::string& did);

}  // namespace thole::git
