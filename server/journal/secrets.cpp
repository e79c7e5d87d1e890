#include "journal/secrets.hpp"

namespace thole {

struct Secrets::Impl {
    std::vector<SecretValue> values;
};

Secrets::Secrets(std::vector<SecretValue> values)
    : impl_(std::make_unique<Impl>(Impl{std::move(values)})) {}
Secrets::~Secrets() = default;

std::string Secrets::redact(std::string_view text) const {
    return redacted(text).value_or(std::string(text));
}

std::optional<std::string> Secrets::redacted(std::string_view) const {
    return {};
}

std::optional<std::string> Secrets::redacted_member(std::string_view, std::string_view text) const {
    return redacted(text);
}

std::size_t Secrets::whole_size(std::string_view text) const {
    return text.size();
}

bool has_redaction(std::string_view text) {
    return text.find("[redacted ") != std::string_view::npos;
}

}  // namespace thole
