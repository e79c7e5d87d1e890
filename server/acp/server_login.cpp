// Logging in and out. thole needs a key of some provider, unless a local model answers; keys come
// from the environment, from files that the configuration names, and from `thole login`, which an
// editor that can run terminals is told of as login method.
#include "acp/server_impl.hpp"
#include "base/json.hpp"
#include "model/models.hpp"
#include "session/key_store.hpp"

namespace thole {

namespace {

constexpr const char* method_id = "thole-login";

// The providers whose keys thole has, and how many of these `thole login` has put away.
struct Keys {
    std::vector<std::string> stored;
    std::size_t others = 0;
};

Keys keys_of(const model::ModelsConfig& models) {
    KeyStore store(config_directory(environment_variable));
    Keys keys;
    for (const model::ProviderConfig& provider : models.providers) {
        if (!provider.needs_key || !provider.has_key()) continue;
        Result<std::optional<std::string>> key = store.key(provider.name);
        bool is_stored = key && *key && **key == provider.api_key;
        if (is_stored) keys.stored.push_back(provider.name);
        if (!is_stored) ++keys.others;
    }
    return keys;
}

bool has_key(const model::ModelsConfig& models) {
    for (const model::ProviderConfig& provider : models.providers) {
        if (provider.needs_key && provider.has_key()) return true;
    }
    return false;
}

}  // namespace

// Without asking anybody: a local server may be all that is needed, and is found with the first
// session.
bool AcpServer::Impl::is_logged_in() const {
    if (is_logged_out) return false;
    const model::ModelsConfig& config = sessions.config().models;
    if (config.default_model.empty()) return has_key(config);
    Result<std::string> name = sessions.models().resolve(config.default_model);
    return !name || sessions.models().check_key(*name);
}

bool AcpServer::Impl::can_log_out() const {
    if (is_logged_out) return false;
    Keys keys = keys_of(sessions.config().models);
    return !keys.stored.empty() && keys.others == 0;
}

Json AcpServer::Impl::login_methods() const {
    Json methods_now = Json::array();
    if (!client.logs_in_terminal || is_logged_in()) return methods_now;
    methods_now.push_back({{"type", "terminal"},
                           {"id", method_id},
                           {"name", "Log in"},
                           {"description", "Keep a provider's key for thole"},
                           {"args", Json::array({"login"})},
                           {"env", Json::object()}});
    return methods_now;
}

async::Task<Result<void>> AcpServer::Impl::check_login() {
    if (is_logged_out) {
        co_return fail(Code::authentication, "logged out: run `thole login` and start thole again");
    }
    // Our own clients open a session all the same, and say it at the first prompt.
    if (client.is_ours || is_logged_in()) co_return Result<void>();
    Result<std::string> model = co_await sessions.models().default_model();
    if (model) co_return sessions.models().check_key(*model);
    if (model.error().code == Code::authentication) co_return model.error();
    co_return Result<void>();
}

async::Task<rpc::Answer> AcpServer::Impl::authenticate(Call&, acp::AuthenticateParams params) {
    if (params.method_id == method_id && is_logged_in()) co_return Answer::empty();
    std::string what = "there is no login method '" + params.method_id + "'; ";
    if (params.method_id == method_id) what = "not logged in: ";
    co_return Answer(fail(Code::invalid_argument,
                          what + "run `thole login` in a terminal and start thole again, or "
                                 "see `thole doctor` for the variables that hold keys"));
}

// Sessions that are open go on with the key that they have.
async::Task<rpc::Answer> AcpServer::Impl::logout(Call&, rpc::NoParams) {
    if (!can_log_out()) {
        co_return Answer::error(rpc::method_not_found,
                                "there is nothing to log out of: the keys of thole are not those "
                                "that `thole login` has stored");
    }
    KeyStore store(config_directory(environment_variable));
    for (const std::string& provider : keys_of(sessions.config().models).stored) {
        Result<bool> removed = store.remove(provider);
        if (!removed) co_return Answer(removed.error());
    }
    is_logged_out = true;
    co_return Answer::empty();
}

}  // namespace thole
