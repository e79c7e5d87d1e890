// A registry of models with its loop and a wire that plays recorded answers. For the tests of
// model/ alone.
#pragma once
#include <map>

#include "model/models.hpp"
#include "unit/model/scripted.hpp"

namespace thole::test {

using Environment = std::map<std::string, std::string>;

inline model::ModelsConfig config_of(const Environment& environment) {
    model::ModelsConfig made;
    made.providers = model::builtin_providers([&environment](const char* name) {
        auto found = environment.find(name);
        return found == environment.end() ? std::string() : found->second;
    });
    made.retry_base = std::chrono::milliseconds(1);
    made.demo_pause = std::chrono::milliseconds(0);
    return made;
}

// A registry with its loop and its wire.
struct ModelsRig {
    explicit ModelsRig(model::ModelsConfig given) : models(loop, http, std::move(given)) {}
    explicit ModelsRig(const Environment& environment) : ModelsRig(config_of(environment)) {}

    std::string resolved(std::string_view name) {
        Result<std::string> result = models.resolve(name);
        return result ? *result : "error: " + result.error().message;
    }
    std::string by_default() {
        Result<std::string> result = run(loop, models.default_model());
        return result ? *result : "error: " + result.error().message;
    }
    void answer(int status, std::string body, http::Headers headers = {}) {
        Recorded recorded;
        recorded.status = status;
        recorded.body = std::move(body);
        recorded.headers = std::move(headers);
        http.answers.push_back(std::move(recorded));
    }
    Result<model::Reply> complete(const std::string& name) {
        model::PieceSink sink = pieces.sink();
        model::RetrySink on_retry = [this](const model::Retry& retry) {
            bool is_short = retry.delay < std::chrono::milliseconds(5000);
            retries += retry.error.message + " (" + std::to_string(retry.attempt) +
                       (retry.fallback.empty() ? "" : ", to " + retry.fallback) +
                       (is_short ? ")\n" : ", long)\n");
        };
        return run(loop, models.complete(name, request, sink, on_retry));
    }
    std::string outcome(const std::string& name) {
        Result<model::Reply> reply = complete(name);
        return reply ? shown(*reply) : "error: " + reply.error().message;
    }

    async::Loop loop;
    ScriptedHttp http;
    model::Models models;
    model::Request request = full_request();
    Pieces pieces;
    std::string retries;
};

}  // namespace thole::test
