#include "cli/models.hpp"

#include "base/json.hpp"
#include "cli/exit_code.hpp"
#include "cli/look.hpp"
#include "cli/opening.hpp"

namespace thole::cli {
namespace {

using model::ModelFacts;

Json price_of(double price) {
    return price < 0 ? Json() : Json(price);
}

Json to_json(const ModelFacts& facts) {
    return {{"name", facts.name},
            {"title", facts.title},
            {"context_size", facts.context_size},
            {"max_output_tokens", facts.max_output_tokens},
            {"thinks", facts.thinks},
            {"images", facts.sees_images},
            {"input_price", price_of(facts.input_price)},
            {"output_price", price_of(facts.output_price)}};
}

// "0.5", "15"; "?" when unknown.
std::string price_text(double price) {
    if (price < 0) return "?";
    std::string text = std::to_string(price);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

std::string row_of(const ModelFacts& facts, const Look& look) {
    std::string prices =
        "$" + price_text(facts.input_price) + " in, $" + price_text(facts.output_price) + " out";
    return look.paint(Ink::bold, printable(facts.name)) + "  " +
           look.paint(Ink::dim, count_text(facts.context_size) + " tokens, " + prices) + "\n";
}

bool is_of(const ModelFacts& facts, const std::string& provider) {
    return provider.empty() || facts.name.starts_with(provider + "/");
}

// Exit code 0 when the provider can be asked.
int check(Parts& parts, const std::string& name) {
    std::string names;
    for (const model::ProviderConfig& provider : parts.config().models.providers) {
        names += (names.empty() ? "" : ", ") + provider.name;
        if (provider.name != name) continue;
        Result<void> key = parts.sessions.models().check_key(name + "/");
        return key ? exit_done : complain(parts, key.error());
    }
    parts.output.complain("there is no provider '" + printable(name) + "'; there are " + names);
    return exit_usage;
}

}  // namespace

async::Task<int> show_models(Parts& parts, const Invocation& invocation) {
    model::Models& models = parts.sessions.models();
    int checked = invocation.provider.empty() ? exit_done : check(parts, invocation.provider);
    if (checked != exit_done) co_return checked;
    std::vector<ModelFacts> all = co_await models.listed();
    const Look& look = parts.output.out_look();
    Json rows = Json::array();
    std::string text;
    for (const ModelFacts& facts : all) {
        if (!is_of(facts, invocation.provider)) continue;
        rows.push_back(to_json(facts));
        text += row_of(facts, look);
    }
    for (const model::ProviderConfig& provider : parts.config().models.providers) {
        bool is_named = invocation.provider == provider.name;
        bool is_wanted = is_named || invocation.provider.empty();
        std::optional<Error> error = models.list_error(provider.name);
        if (!error || !is_wanted) continue;
        if (!provider.needs_key && !is_named) continue;  // a local server that does not run
        parts.output.complain("cannot list the models of " + provider.name + ": " + error->message);
    }
    Json document = {{"schema_version", 1}, {"models", std::move(rows)}};
    parts.output.answer(invocation.json ? dump_json(document) + "\n" : text);
    co_return exit_done;
}

}  // namespace thole::cli
