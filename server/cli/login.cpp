#include "cli/login.hpp"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/opening.hpp"
#include "session/key_store.hpp"

namespace thole::cli {
namespace {

using Providers = std::vector<const model::ProviderConfig*>;

Providers providers_with_keys(const Config& config) {
    Providers found;
    for (const model::ProviderConfig& provider : config.models.providers) {
        if (provider.needs_key) found.push_back(&provider);
    }
    return found;
}

std::string names_of(const Providers& providers) {
    std::string names;
    for (const model::ProviderConfig* provider : providers) {
        names += (names.empty() ? "" : ", ") + provider->name;
    }
    return names;
}

// The terminal gives each key as it is pressed and shows none.
class HiddenInput {
public:
    HiddenInput() {
        tcgetattr(STDIN_FILENO, &before_);
        termios now = before_;
        now.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);
    }
    ~HiddenInput() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
    HiddenInput(const HiddenInput&) = delete;
    HiddenInput& operator=(const HiddenInput&) = delete;

    // Up to Enter; nullopt: Ctrl+C, or Ctrl+D with nothing typed.
    static std::optional<std::string> line() {
        constexpr char interrupt = 3, end = 4, backspace = 8, kill = 21, rubout = 127;
        std::string typed;
        char c = 0;
        while (read(STDIN_FILENO, &c, 1) == 1) {
            if (c == '\n' || c == '\r') return typed;
            if (c == interrupt || (c == end && typed.empty())) return std::nullopt;
            if (c == kill) typed.clear();
            bool takes_back = c == backspace || c == rubout;
            if (takes_back && !typed.empty()) typed.pop_back();
            if (static_cast<unsigned char>(c) >= ' ' && !takes_back) typed += c;
        }
        return std::nullopt;
    }

private:
    termios before_{};
};

std::optional<std::string> asked_key(const std::string& provider) {
    std::cerr << "Key of " << provider << " (it is not shown): " << std::flush;
    std::optional<std::string> key;
    {
        HiddenInput input;
        key = HiddenInput::line();
    }
    std::cerr << "\n";
    return key;
}

std::optional<std::string> piped_key() {
    std::string key;
    std::getline(std::cin, key);
    return key;
}

std::string asked_provider(const Providers& providers) {
    std::cerr << "Provider (" << names_of(providers) << ") [" << providers.front()->name
              << "]: " << std::flush;
    std::string name;
    std::getline(std::cin, name);
    name = std::string(trim(name));
    return name.empty() ? providers.front()->name : name;
}

int forget(Parts& parts, const KeyStore& store, const std::string& provider) {
    Result<bool> removed = store.remove(provider);
    if (!removed) return complain(parts, removed.error());
    parts.output.complain(*removed ? "the key of " + provider + " is forgotten"
                                   : "no key of " + provider + " is stored");
    return exit_done;
}

int keep(Parts& parts, const KeyStore& store, const model::ProviderConfig& provider) {
    bool is_asked = isatty(STDIN_FILENO) != 0;
    std::optional<std::string> key = is_asked ? asked_key(provider.name) : piped_key();
    if (!key) return exit_cancelled;
    Result<void> stored = store.store(provider.name, std::string(trim(*key)));
    if (!stored) {
        parts.output.complain("nothing was stored: " + stored.error().message);
        return stored.error().code == Code::invalid_argument ? exit_usage
                                                             : exit_code(stored.error().code);
    }
    parts.output.complain("stored in " + store.file(provider.name) +
                          "; it counts from the next start of thole on");
    if (!environment_variable(provider.api_key_env.c_str()).empty()) {
        parts.output.complain("but " + provider.api_key_env + " is set, and goes before it");
    }
    return exit_done;
}

}  // namespace

int log_in(Parts& parts, const Invocation& invocation) {
    Providers providers = providers_with_keys(parts.config());
    std::string name = invocation.provider;
    if (name.empty() && isatty(STDIN_FILENO) == 0) {
        parts.output.complain("say whose key it is: thole login PROVIDER, one of " +
                              names_of(providers));
        return exit_usage;
    }
    if (name.empty()) name = asked_provider(providers);
    auto found = std::find_if(providers.begin(), providers.end(),
                              [&](const auto* provider) { return provider->name == name; });
    if (found == providers.end()) {
        parts.output.complain("there is no provider '" + name + "' that needs a key; there are " +
                              names_of(providers));
        return exit_usage;
    }
    KeyStore store(config_directory(environment_variable));
    return invocation.revoke ? forget(parts, store, name) : keep(parts, store, **found);
}

}  // namespace thole::cli
