#include "model/local_server.hpp"

#include "base/json.hpp"

namespace thole::model {

namespace {

constexpr std::chrono::milliseconds patience{300};

// {"data": [{"id": "…"}, …]}
std::optional<std::string> first_id(std::string_view body) {
    Result<Json> parsed = parse_json(body);
    if (!parsed) return std::nullopt;
    const Json& models = member(*parsed, "data");
    if (!models.is_array() || models.empty()) return std::nullopt;
    std::string id = text_member(models.front(), "id");
    if (id.empty()) return std::nullopt;
    return id;
}

}  // namespace

async::Task<std::optional<std::string>> first_local_model(http::Http& http, std::string base_url) {
    http::Request request;
    request.method = "GET";
    request.url = base_url + "/models";
    request.connect_timeout = patience;
    request.idle_timeout = patience;
    request.max_body = 1U << 20U;
    http::BodySink collect;
    Result<http::Response> response = co_await http.send(std::move(request), std::move(collect));
    if (!response || response->status != 200) co_return std::nullopt;
    co_return first_id(response->body);
}

}  // namespace thole::model
