#include "model/providers/lenient.hpp"

#include "base/json.hpp"

namespace thole::model {

namespace {

// Senseless numbers must not overflow sums.
constexpr std::int64_t most = 1'000'000'000'000;

}  // namespace

const std::string& text_of(const Json& object, std::string_view key) {
    static const std::string none;
    const Json& value = member(object, key);
    return value.is_string() ? value.get_ref<const std::string&>() : none;
}

void set_count(std::int64_t& count, const Json& usage, std::string_view key) {
    const Json& value = member(usage, key);
    if (!value.is_number() || value < 0) return;
    count = value < most ? value.get<std::int64_t>() : most;
}

int int_of(const Json& object, std::string_view key, int otherwise) {
    const Json& value = member(object, key);
    return value.is_number_integer() ? value.get<int>() : otherwise;
}

}  // namespace thole::model
