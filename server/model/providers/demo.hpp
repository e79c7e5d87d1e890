// The demo model: built in, no network, no key. It does one useful job with the real tools: it
// plans, reads, runs the tests, repairs two faults and checks its work in the sample project of
// demo_project.hpp. What it does next it reads from the conversation alone, so it survives a
// resume, a denied call and any other prompt. Loop thread.
#pragma once
#include <chrono>
#include <memory>

#include "async/loop.hpp"
#include "model/provider.hpp"

namespace thole::model {

// `pause`: between two pieces of its answer. `loop` must outlive it.
std::unique_ptr<Provider> demo_provider(async::Loop& loop, std::chrono::milliseconds pause);

// What it answers to `request`, at once. Pure.
Reply demo_reply(const Request& request);

}  // namespace thole::model
