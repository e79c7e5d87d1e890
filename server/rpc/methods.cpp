#include "rpc/methods.hpp"

#include <algorithm>
#include <cassert>

namespace thole::rpc {

async::Task<Answer> answered(Answer answer) {
    co_return answer;
}

void MethodTable::bind(std::string method, Span span, Request serve) {
    bool is_new = requests_.emplace(std::move(method), BoundRequest{std::move(serve), span}).second;
    assert(is_new && "a method is bound once");
    (void)is_new;
}

void MethodTable::bind(std::string method, Notification take) {
    bool is_new = notifications_.emplace(std::move(method), std::move(take)).second;
    assert(is_new && "a method is bound once");
    (void)is_new;
}

const MethodTable::BoundRequest* MethodTable::find_request(const std::string& method) const {
    auto found = requests_.find(method);
    return found == requests_.end() ? nullptr : &found->second;
}

const MethodTable::Notification* MethodTable::find_notification(const std::string& method) const {
    auto found = notifications_.find(method);
    return found == notifications_.end() ? nullptr : &found->second;
}

std::vector<std::string> MethodTable::names() const {
    std::vector<std::string> names;
    for (const auto& [name, bound] : requests_) names.push_back(name);
    for (const auto& [name, bound] : notifications_) names.push_back(name);
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> read(const Json&, NoParams&) {
    return {};
}

}  // namespace thole::rpc
